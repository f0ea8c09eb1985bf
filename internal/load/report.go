package load

import (
	"net/netip"
	"time"

	"wskit/codec"
)

// Format is the name of the JSON document that a Report is.
const Format = "wskit-bench/1"

// A Report is what a run, or several, measured. As JSON, times whose name ends in
// _ns are in nanoseconds.
type Report struct {
	// Format is the constant of that name.
	Format string `json:"format"`
	// Version is that of the program, "" for unknown.
	Version string `json:"version,omitempty"`
	// Plan is what was asked for.
	Plan Plan `json:"plan"`
	// Started is when the first connection was dialled.
	Started time.Time `json:"started"`
	// Elapsed is the length of the measuring phase. Of merged reports it is the
	// longest, for they ran at the same time.
	Elapsed time.Duration `json:"elapsed_ns"`
	// Interrupted says that the run was ended before it was through.
	Interrupted bool `json:"interrupted"`
	// Sources is the number of runs that the report is of: one, unless merged.
	Sources int `json:"sources"`

	Connections Connections `json:"connections"`
	Messages    Messages    `json:"messages"`
	// Latency is that of the right replies to what was sent in the measuring phase.
	// In an open loop it also holds what waited in vain, with the time that it did:
	// what timed out, and what was unsent or unanswered at the end; and with
	// CheckNone how long after it was due a message was handed over. Handshake is
	// that of all connections that were opened, from dialling to the end of the
	// opening handshake. They are never nil.
	Latency   *Histogram `json:"latency"`
	Handshake *Histogram `json:"handshake"`
	// Errors are sorted by their count, the largest first.
	Errors []ErrorCount `json:"errors"`
	// Closes are sorted in the same way.
	Closes   []CloseCount `json:"closes"`
	Timeline Timeline     `json:"timeline"`
}

// A Mode says what makes a connection send.
type Mode string

// The modes of a run.
const (
	// Closed sends when a reply has come.
	Closed Mode = "closed"
	// Open sends when a message is due.
	Open Mode = "open"
	// Idle sends nothing.
	Idle Mode = "idle"
)

// A Plan is what was asked of a run, defaults included.
type Plan struct {
	// URLs are where the connections went, without credentials and tokens.
	URLs        []string `json:"urls"`
	Mode        Mode     `json:"mode"`
	Connections int      `json:"connections"`
	// Pipeline is the number of messages in flight on each connection, zero
	// unless the loop is closed.
	Pipeline int `json:"pipeline,omitempty"`
	// Rate is in messages a second over all connections, zero unless the loop is
	// open.
	Rate float64 `json:"rate,omitempty"`
	// Size is that of a message in bytes.
	Size int `json:"size"`
	// Given says that the messages were not generated.
	Given  bool  `json:"given"`
	Binary bool  `json:"binary"`
	Check  Check `json:"check"`
	// Duration and Count are zero when they did not limit the run.
	Duration time.Duration `json:"duration_ns,omitempty"`
	Count    int64         `json:"count,omitempty"`
	RampUp   time.Duration `json:"ramp_up_ns,omitempty"`
	Timeout  time.Duration `json:"timeout_ns"`
	// Compress is what was agreed on with the first connection that was opened,
	// in the words of Sec-WebSocket-Extensions, "" for no compression.
	Compress string `json:"compress,omitempty"`
	// Sources are the local addresses that were given.
	Sources []netip.Addr `json:"source_addresses,omitempty"`
}

// Connections counts connections.
type Connections struct {
	// Planned were asked for. Each was opened, has failed, or was not tried
	// because the run ended before.
	Planned int64 `json:"planned"`
	// Opened went through the opening handshake, Failed did not.
	Opened int64 `json:"opened"`
	Failed int64 `json:"failed"`
	// Lost were opened, and ended before the run did.
	Lost int64 `json:"lost"`
}

// Messages counts messages and bytes of the measuring phase.
type Messages struct {
	// Sent were handed to connections, and not only due.
	Sent int64 `json:"sent"`
	// Answered got their reply in time, and it was the right one.
	Answered int64 `json:"answered"`
	// Received came in, wrong ones included.
	Received int64 `json:"received"`
	// PayloadOut and PayloadIn are bytes of messages, before compression.
	PayloadOut int64 `json:"payload_out_bytes"`
	PayloadIn  int64 `json:"payload_in_bytes"`
	// WireOut and WireIn are bytes of the connections, with frame headers and
	// control frames, within TLS. They also hold what was sent before the
	// measuring phase, and after it.
	WireOut int64 `json:"wire_out_bytes"`
	WireIn  int64 `json:"wire_in_bytes"`
}

// An ErrorCount says how often something went wrong.
type ErrorCount struct {
	// Kind is a stable word, and perhaps a number: see the constants.
	Kind  string `json:"kind"`
	Count int64  `json:"count"`
	// Example tells about the first one. What a peer sent is quoted in it, with
	// Go's escapes, and at most a few hundred bytes of it.
	Example string `json:"example,omitempty"`
}

// The kinds of errors. Some are followed by a number: "handshake 503" is an HTTP
// status, "closed 1011" a close code.
const (
	KindDNS        = "dns"        // no address for a name
	KindRefused    = "refused"    // TCP was refused
	KindConnect    = "connect"    // another failure to connect
	KindTLS        = "tls"        // no TLS
	KindHandshake  = "handshake"  // refused, or against the rules
	KindTimeout    = "timeout"    // a reply, or the handshake, took too long
	KindMismatch   = "mismatch"   // a reply is not the message that was sent
	KindReordered  = "reordered"  // a reply is that to another message in flight
	KindRepeated   = "repeated"   // a reply came once more
	KindMixedUp    = "mixed-up"   // a reply is that to a message of another connection
	KindMissing    = "missing"    // later messages were answered, this one never
	KindUnexpected = "unexpected" // a message that answers nothing
	KindViolation  = "violation"  // the peer broke a rule of the protocol
	KindTooLarge   = "too-large"  // a message above the limit
	KindReset      = "reset"      // the connection ended without a close frame
	KindClosed     = "closed"     // the peer closed before the end
	KindWrite      = "write"      // the peer did not take what was sent
	KindUnsent     = "unsent"     // due, but the connection could not take it
	KindUnanswered = "unanswered" // in flight when the connection ended
)

// A CloseCount says how often connections ended in one way.
type CloseCount struct {
	// Code is that of the first close frame, 1006 when there was none.
	Code codec.CloseCode `json:"code"`
	// By is "local", "peer" or "lost".
	By    string `json:"by"`
	Count int64  `json:"count"`
}

// A Timeline is the course of the measuring phase, and of the time after it in which
// missing replies are waited for, if that is longer than a first sample.
type Timeline struct {
	// Interval is the length of a sample; the last one may be shorter.
	Interval time.Duration `json:"interval_ns"`
	// Samples are at most MaxSamples, in order.
	Samples []Sample `json:"samples"`
}

// MaxSamples is the most samples that a timeline has. A run that is too long for
// them gets longer ones.
const MaxSamples = 600

// A Sample is what happened in one interval.
type Sample struct {
	// Messages were answered, or with CheckNone sent.
	Messages int64 `json:"messages"`
	// Bytes are those of their payload.
	Bytes  int64 `json:"bytes"`
	Errors int64 `json:"errors"`
	// LatencyMax is the largest latency among them.
	LatencyMax time.Duration `json:"latency_max_ns"`
}

// Throughput returns the messages a second of the measuring phase: those that were
// answered, or with CheckNone sent.
func (r *Report) Throughput() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	n := r.Messages.Answered
	if r.Plan.Check == CheckNone {
		n = r.Messages.Sent
	}
	return float64(n) / r.Elapsed.Seconds()
}

// ErrorCount returns the number of errors.
func (r *Report) ErrorCount() int64 {
	var n int64
	for _, e := range r.Errors {
		n += e.Count
	}
	return n
}

// Attempts returns the number of things that could go wrong: messages that were
// sent or due, and connections that were tried.
func (r *Report) Attempts() int64 {
	n := r.Messages.Sent + r.Connections.Opened + r.Connections.Failed
	for _, e := range r.Errors {
		if e.Kind == KindUnsent {
			n += e.Count
		}
	}
	return n
}

// ErrorRate returns the errors as a part of the attempts, 0 when there were none of
// either. It is above 1 when a peer sends what nobody asked for.
func (r *Report) ErrorRate() float64 {
	errors := r.ErrorCount()
	if errors == 0 {
		return 0
	}
	return float64(errors) / float64(max(r.Attempts(), 1))
}
