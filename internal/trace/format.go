package trace

import (
	"fmt"
	"strconv"
	"time"
)

// FormatDuration returns d for people, to two or three digits: "0.09 ms", "4.1 ms",
// "62 ms", "60.0 s", "5m0s".
func FormatDuration(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f ms", ms)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", ms)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", ms)
	case d < 100*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// FormatBytes returns a number of bytes, exactly: "989 B".
func FormatBytes(n uint64) string { return strconv.FormatUint(n, 10) + " B" }

// Plural returns n and the noun, which takes an s when n is not one: "1 frame", "3
// frames".
func Plural[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
