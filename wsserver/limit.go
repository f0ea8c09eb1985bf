package wsserver

import "math"

// reserved returns how many of limit descriptors connections may not take: what a
// process needs for itself, for listeners, and for requests in progress.
func reserved(limit uint64) uint64 { return min(limit/4, 128) }

// connectionLimit returns what the limit on descriptors allows, or -1 without one.
func connectionLimit() int {
	limit, ok := descriptorLimit()
	if !ok || limit > math.MaxInt32 {
		return -1
	}
	return int(limit - reserved(limit))
}
