package commands

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseDuration reads a duration: a bare number is seconds, else a Go duration
// such as 500ms, 30s or 2m.
func parseDuration(s string) (time.Duration, error) {
	if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && math.Abs(f) < math.MaxInt64/1e9 {
		return time.Duration(f * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, usagef("%q is not a duration", s).withHint("a number of seconds, or for example 500ms, 30s, 2m")
	}
	return d, nil
}

// parseSize reads a size in bytes with an optional binary suffix: 512, 64k, 1m,
// 2GiB.
func parseSize(s string) (int64, error) {
	bad := usagef("%q is not a size", s).withHint("a number of bytes, or for example 64k, 1m, 2GiB")
	lower := strings.ToLower(s)
	digits := strings.TrimRight(lower, "kmgib")
	shift, ok := map[string]uint{
		"": 0, "b": 0,
		"k": 10, "kb": 10, "kib": 10,
		"m": 20, "mb": 20, "mib": 20,
		"g": 30, "gb": 30, "gib": 30,
	}[lower[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || n < 0 || n > math.MaxInt64>>shift {
		return 0, bad
	}
	return n << shift, nil
}
