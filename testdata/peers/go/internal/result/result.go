// Package result is what the load generator tells the runner.
package result

import (
	"time"

	"peers/internal/proc"
)

// A Result is the outcome of one run, as a JSON document on one line.
type Result struct {
	Messages  int64         `json:"messages"`        // answered while it was measured
	Elapsed   time.Duration `json:"elapsed_ns"`      // of the measured phase
	LoadCPU   time.Duration `json:"load_cpu_ns"`     // of the generator, in that phase
	ServerCPU time.Duration `json:"server_cpu_ns"`   // of the server, in that phase; zero without -pid
	Memory    proc.Memory   `json:"memory,omitzero"` // of the server at the end; zero without -pid
	Idle      *Idle         `json:"idle,omitempty"`  // of -idle alone, which measures nothing else
}

// Idle is the server's memory around connections that do nothing, in bytes of RSS.
type Idle struct {
	Connections int   `json:"connections"`
	Before      int64 `json:"before"`    // without a connection
	Connected   int64 `json:"connected"` // with all of them open
	Answered    int64 `json:"answered"`  // after one message on each
}

// PerConnection returns the bytes of RSS of each connection after connecting, and after
// one message on each.
func (i *Idle) PerConnection() (connected, answered float64) {
	n := float64(i.Connections)
	return float64(i.Connected-i.Before) / n, float64(i.Answered-i.Before) / n
}
