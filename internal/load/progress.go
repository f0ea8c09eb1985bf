package load

import "time"

// A Phase is a part of a run.
type Phase string

// The phases of a run in their order.
const (
	// Opening opens the connections. Those that are open send already.
	Opening Phase = "opening"
	// Measuring is what the report is of.
	Measuring Phase = "measuring"
	// Ending waits for the replies that are missing, and closes.
	Ending Phase = "ending"
)

// A Progress is the state of a run that goes on.
type Progress struct {
	Phase Phase
	// Elapsed is since the beginning of the run in the phase Opening, and since
	// that of Measuring afterwards.
	Elapsed time.Duration
	// Done is the part of the measuring phase that is over, 0 to 1, by time or
	// by count, whichever is farther.
	Done float64
	// Planned, Open and Failed are numbers of connections; Open are those that
	// are open now.
	Planned, Open, Failed int64
	// Messages were answered, or with CheckNone sent, in the measuring phase.
	Messages int64
	// Rate is in messages a second, since the last Progress. It counts those of
	// the phase Opening too.
	Rate float64
	// P50 and P99 are of the latency so far in the measuring phase, of the
	// handshakes when idle. They are zero while there is none.
	P50, P99 time.Duration
	// Errors were met so far.
	Errors int64
}
