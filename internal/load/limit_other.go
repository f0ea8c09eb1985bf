//go:build !unix

package load

// systemLimits knows nothing of this system.
func systemLimits() limits { return limits{descriptors: -1, used: -1, ports: -1} }
