package trace

import (
	"time"

	"wskit/codec"
)

// Version is the major version of the format, the v of each record. A reader
// refuses a newer one.
const Version = 1

// An Event is one thing that happened on a connection: an *Open, *Frame, *Message,
// *Problem, *Close or *Stats. Who receives an event owns it; no part of it is
// changed later by who made it.
type Event interface {
	// Common returns the fields that all events have, for reading and writing.
	Common() *Base
}

// Base is what all events have.
type Base struct {
	// Conn is the number of the connection: 1, 2, …
	Conn int `json:"conn"`
	// Time is when it happened: for bytes, when the last one came. It is zero
	// where there is no clock, as for bytes given by hand.
	Time Time `json:"time,omitzero"`
	// T is the time since the first byte of the connection.
	T Seconds `json:"t"`
}

// Common returns b itself.
func (b *Base) Common() *Base { return b }

// Time is a moment, in JSON the seconds since 1970 with microseconds.
type Time struct{ time.Time }

// Seconds is a duration, in JSON the seconds with microseconds.
type Seconds time.Duration

// Millis is a duration, in JSON the milliseconds with microseconds.
type Millis time.Duration

// Open is the opening handshake, whether it succeeded or not.
type Open struct {
	Base
	// Role says who recorded: "client", "server" or "observer".
	Role string `json:"role"`
	URL  string `json:"url,omitempty"`
	// Src and Dst are the addresses of the client and of the server.
	Src         string `json:"src,omitempty"`
	Dst         string `json:"dst,omitempty"`
	HTTPVersion string `json:"http_version,omitempty"`
	TLS         *TLS   `json:"tls,omitempty"`
	// Request and Response are nil when they did not come.
	Request  *Head `json:"request,omitempty"`
	Response *Head `json:"response,omitempty"`
	// Status is the HTTP status of the response, zero when there was none.
	Status int `json:"status,omitempty"`
	// AcceptValid reports whether Sec-WebSocket-Accept answers the key.
	AcceptValid bool `json:"accept_valid"`
	// Subprotocol is the one that the server chose, if any.
	Subprotocol         string      `json:"subprotocol,omitempty"`
	SubprotocolsOffered []string    `json:"subprotocols_offered,omitempty"`
	Extensions          *Extensions `json:"extensions,omitempty"`
	// Deflate is permessage-deflate as it was agreed, nil without it.
	Deflate *codec.Deflate `json:"-"`
	// DNS, Connect and TLSTime are how long each step took, known to a client only.
	DNS     Millis `json:"dns_ms,omitzero"`
	Connect Millis `json:"connect_ms,omitzero"`
	TLSTime Millis `json:"tls_ms,omitzero"`
	// Handshake is the time from the first byte of the request to the last one
	// of the response's head.
	Handshake Millis `json:"handshake_ms,omitzero"`
}

// Ready reports whether the server switched protocols: whether the connection is
// a WebSocket, be it with faults.
func (o *Open) Ready() bool { return o.Status == 101 }

// Head is the head of a request or a response.
type Head struct {
	Start string `json:"start"`
	// Headers are pairs of name and value in the order of the wire.
	Headers [][2]string `json:"headers"`
}

// NewHead returns h as an event has it.
func NewHead(h codec.Head) *Head {
	fields := make([][2]string, len(h.Fields))
	for i, f := range h.Fields {
		fields[i] = [2]string{f.Name, f.Value}
	}
	return &Head{Start: h.Start, Headers: fields}
}

// TLS is the state of an encrypted connection.
type TLS struct {
	Version string `json:"version"`
	Cipher  string `json:"cipher"`
	ALPN    string `json:"alpn,omitempty"`
	SNI     string `json:"sni,omitempty"`
	// Peer is the server's certificate, as its client sees it.
	Peer *Certificate `json:"peer,omitempty"`
}

// Certificate is what people want to know of one.
type Certificate struct {
	Subject   string    `json:"subject"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// Extensions is the negotiation of extensions.
type Extensions struct {
	Offered []Extension `json:"offered"`
	Agreed  []Extension `json:"agreed"`
}

// Extension is one extension with its parameters, in order. A parameter without a
// value has an empty one.
type Extension struct {
	Name   string      `json:"name"`
	Params [][2]string `json:"params,omitempty"`
}

// Frame is one frame of either direction.
type Frame struct {
	Base
	From codec.Role
	// N numbers the frames of a connection over both directions: 1, 2, … in the
	// order in which they were complete.
	N      int
	Header codec.Header
	// Compressed marks a message under permessage-deflate, on its first frame.
	Compressed bool
	// Msg is the number of the message that the frame is part of, zero for none.
	Msg int
	// Payload is the unmasked payload, as far as it was kept.
	Payload []byte
	// Truncated is how many bytes of the payload came and were not kept.
	Truncated uint64
	// Incomplete marks a frame inside of which the stream ended.
	Incomplete bool
	// Message is the message that this frame completes, nil when it does not.
	Message *Message
	// Close is what a close frame says, nil for other frames.
	Close *CloseFrame
	// Answers is the N of the ping that a pong answers, zero when there is none,
	// and RTT the time between the two.
	Answers int
	RTT     Millis
}

// CloseFrame is what a close frame says.
type CloseFrame struct {
	// Code is 1005 when the frame has none, which Empty tells from a frame that
	// says 1005.
	Code   codec.CloseCode `json:"code"`
	Name   string          `json:"name"`
	Reason string          `json:"reason"`
	Empty  bool            `json:"-"`
}

// NewCloseFrame returns what a close frame with that payload says.
func NewCloseFrame(payload []byte) *CloseFrame {
	code, reason, _ := codec.ParseClose(payload) // what could be read
	return &CloseFrame{Code: code, Name: code.Name(), Reason: reason, Empty: len(payload) < 2}
}

// CodeText returns the code with its name, or "no code".
func (c *CloseFrame) CodeText() string {
	if c.Empty {
		return "no code"
	}
	return c.Code.String()
}

// Message is a message that is complete.
type Message struct {
	Base
	From codec.Role
	// Msg numbers the messages of a connection over both directions: 1, 2, … in
	// the order in which they began.
	Msg    int
	Opcode codec.Opcode
	// Data is the message, inflated, as far as it was kept.
	Data []byte
	// Size is the size of the message once inflated, in bytes.
	Size uint64
	// Compressed says that it came compressed, in Wire bytes.
	Compressed bool
	Wire       uint64
	// Frames are the N of its frames.
	Frames []int
	// Duration is the time from its first frame to its last one.
	Duration Millis
	// Reliable is false when the content cannot be trusted: it could not be
	// inflated, or what came before it on a shared window could not.
	Reliable bool
	// Truncated is how many bytes of the message were not kept.
	Truncated uint64
}

// Severity says how bad a problem is.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // a rule of an RFC is broken
	Warning Severity = "warning" // something did not work, or will not everywhere
	Note    Severity = "note"    // legal, but suspicious
)

// Problem is something that is wrong. [NewProblem] makes one.
type Problem struct {
	Base
	// From is who caused it.
	From codec.Role
	// Code is its stable name, which [Explain] explains.
	Code     string
	Severity Severity
	// RFC is the section that has the rule, if any: "RFC 6455 §5.1".
	RFC string
	// Frame is the N of the frame that has it, zero for none.
	Frame int
	// Text says what is wrong, Detail what was found, if that helps, and Hint
	// what is the usual cause.
	Text   string
	Detail string
	Hint   string
}

// How says how a connection, or one direction of it, ended.
type How string

// The ways to end.
const (
	HowClose   How = "close"   // with a close frame
	HowFIN     How = "fin"     // TCP was closed without one
	HowRST     How = "rst"     // TCP was reset
	HowTimeout How = "timeout" // somebody gave up waiting
	HowError   How = "error"   // something else: the network, TLS, this program
)

// Close is the end of a connection.
type Close struct {
	Base
	// By says who ended it: "client", "server", "both" or "unknown".
	By  string `json:"by"`
	How How    `json:"how"`
	// Clean says that both sides sent a close frame.
	Clean bool `json:"clean"`
	// Client and Server are the close frames that each sent, nil for none.
	Client *CloseFrame `json:"client"`
	Server *CloseFrame `json:"server"`
	// Idle is the silence before the end.
	Idle Millis `json:"idle_ms"`
	// Lost is how many bytes came that are no part of a whole message.
	Lost uint64 `json:"lost_bytes"`
	// Verdict is one sentence for people: who ended it, how, what was in flight,
	// after how long a silence, and the likely cause.
	Verdict string `json:"verdict"`
}

// Stats are the figures of a connection.
type Stats struct {
	Base
	Client Direction `json:"client"`
	Server Direction `json:"server"`
}

// Direction is the figures of what one side sent.
type Direction struct {
	Frames   uint64 `json:"frames"`
	Messages uint64 `json:"messages"`
	Control  uint64 `json:"control_frames"`
	// Wire counts the bytes of the frames, headers included, the handshake not.
	Wire uint64 `json:"wire_bytes"`
	// Inflated counts the bytes of the messages, once inflated.
	Inflated uint64 `json:"inflated_bytes"`
	// Size are the sizes of the messages in bytes, nil without any.
	Size *Percentiles `json:"size,omitempty"`
	// Gap are the times between a message and the next one, in milliseconds.
	Gap *Percentiles `json:"gap_ms,omitempty"`
	// RTT are the times from a ping of this side to its pong, in milliseconds,
	// as seen from where the connection was recorded.
	RTT *Percentiles `json:"ping_rtt_ms,omitempty"`
}

// Percentiles sum up a set of values, to within 1 %. Count and Max are exact.
type Percentiles struct {
	Count uint64  `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}
