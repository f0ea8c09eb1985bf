//go:build !unix

package wsserver

// descriptorLimit reports that there is none that is known.
func descriptorLimit() (limit uint64, ok bool) { return 0, false }
