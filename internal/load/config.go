package load

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"
	"unicode/utf8"

	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// The safe defaults of a Config, and its limits.
const (
	DefaultConnections = 10
	DefaultSize        = 64
	DefaultDuration    = 10 * time.Second
	DefaultTimeout     = 10 * time.Second

	// MaxConnections is the largest number of connections of a run.
	MaxConnections = 1 << 20
	// MaxPipeline is the largest number of messages in flight on a connection.
	MaxPipeline = 1 << 16
	// MaxSize is the largest message in bytes.
	MaxSize = 1 << 30
	// MaxTime is the longest time that a run takes or waits.
	MaxTime = 366 * 24 * time.Hour
	// MaxRate is the largest rate of an open loop in messages a second.
	MaxRate = 1e7
)

// A Check says what counts as the reply to a message.
type Check string

// The checks of replies.
const (
	// CheckEcho wants each message back, unchanged and in order.
	CheckEcho Check = "echo"
	// CheckCount takes any message as the reply to the oldest one in flight.
	CheckCount Check = "count"
	// CheckNone wants no replies. Those that come are counted.
	CheckNone Check = "none"
)

// A Config says what to do to which servers. Run changes nothing in it.
type Config struct {
	// Dial says where the connections go and how: connection i takes entry i
	// modulo their number. It is required. Its Dial fields may be set only
	// without Sources.
	Dial []wsclient.Config
	// Connections is the number of connections. If zero, DefaultConnections.
	Connections int
	// Pipeline is the number of messages that each connection keeps in flight,
	// when Rate is zero. If zero, one.
	Pipeline int
	// Message is what is sent. If nil, messages are generated: printable ASCII
	// that begins with the connection and a sequence number, as far as Size has
	// room, so that no two replies of a run are taken for each other.
	Message []byte
	// Size is the size of a generated message in bytes. If zero, DefaultSize; if
	// negative, messages are empty.
	Size int
	// Binary sends binary messages. If false, they are text.
	Binary bool
	// Check says what a reply is. If empty, CheckEcho.
	Check Check
	// Rate is the number of messages a second over all connections together. If
	// zero, the loop is closed: each connection sends when it gets a reply.
	Rate float64
	// RampUp is the time over which the connections are opened, evenly. If zero,
	// they are opened as fast as a bounded number of handshakes at a time
	// allows. Without Count, a connection sends as soon as it is open; else, and
	// without RampUp, when all are.
	RampUp time.Duration
	// Duration is how long it measures once all connections are open. If zero,
	// DefaultDuration, or with Count as long as that takes.
	Duration time.Duration
	// Count is the number of messages after which the run ends. If zero, only
	// time ends it.
	Count int64
	// Timeout is how long a reply may take, and the end of a run may wait for
	// those that are still missing. If zero, DefaultTimeout.
	Timeout time.Duration
	// Idle opens and holds the connections, and sends nothing.
	Idle bool
	// Sources are the local addresses to dial from, in turn. If empty, the
	// system chooses.
	Sources []netip.Addr
	// InProcess says that this process is the server too, and needs a descriptor
	// more for each connection. If false, it is not.
	InProcess bool
	// Version is the program's, for the report. If empty, the report has none.
	Version string
}

// A ConfigError is a setting with which nothing can be run.
type ConfigError struct {
	// Err names the setting and says what is wrong.
	Err error

	hint string
}

// Error says what is wrong.
func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// Hint says what to try, or is empty.
func (e *ConfigError) Hint() string { return e.hint }

// Validate returns a *ConfigError unless c can be run. Run checks it too.
func (c *Config) Validate() error {
	if len(c.Dial) == 0 {
		return &ConfigError{Err: errors.New("there is no URL")}
	}
	if err := c.validateMessage(); err != nil {
		return err
	}
	for i := range c.Dial {
		if err := c.validateDial(&c.Dial[i]); err != nil {
			return err
		}
	}
	return c.validatePlan()
}

func (c *Config) validateDial(d *wsclient.Config) error {
	if err := d.Check(); err != nil {
		return &ConfigError{Err: err}
	}
	if len(c.Sources) > 0 {
		switch {
		case d.Dial != nil:
			return &ConfigError{Err: errors.New("a dialler of its own cannot be given source addresses")}
		case d.URL.Socket != "":
			return &ConfigError{Err: errors.New("connections to a unix socket have no source address")}
		}
	}
	largest := d.Conn.MaxMessage
	if largest == 0 {
		largest = wsconn.DefaultMaxMessage
	}
	size := int64(max(c.Size, len(c.Message)))
	if (c.Check == "" || c.Check == CheckEcho) && largest > 0 && size > largest {
		return &ConfigError{
			Err:  fmt.Errorf("a message of %d bytes is larger than the limit of %d for what comes back", size, largest),
			hint: "--max-message-size raises the limit",
		}
	}
	return nil
}

func (c *Config) validateMessage() error {
	size := max(c.Size, len(c.Message))
	switch {
	case c.Message != nil && c.Size != 0:
		return &ConfigError{Err: errors.New("a message and a size contradict each other")}
	case size > MaxSize:
		return &ConfigError{Err: fmt.Errorf("a message of %d bytes is too large: the limit is %d", size, MaxSize)}
	case !c.Binary && !utf8.Valid(c.Message):
		return &ConfigError{Err: errors.New("the message is not valid UTF-8"), hint: "send it as a binary message"}
	}
	return nil
}

func (c *Config) validatePlan() error {
	switch {
	case c.Connections < 0 || c.Connections > MaxConnections:
		return &ConfigError{Err: fmt.Errorf("%d connections: it must be 1 to %d", c.Connections, MaxConnections)}
	case c.Pipeline < 0 || c.Pipeline > MaxPipeline:
		return &ConfigError{Err: fmt.Errorf("%d messages in flight: it must be 1 to %d", c.Pipeline, MaxPipeline)}
	case c.Rate < 0 || c.Rate > MaxRate || math.IsNaN(c.Rate):
		return &ConfigError{Err: fmt.Errorf("a rate of %g messages a second: it must be above 0, and at most %g", c.Rate, MaxRate)}
	case c.Rate > 0 && c.Pipeline > 1:
		return &ConfigError{Err: errors.New("a rate and a number of messages in flight contradict each other")}
	case c.Idle && (c.Rate > 0 || c.Pipeline > 1 || c.Count > 0 || c.Message != nil || c.Size != 0):
		return &ConfigError{Err: errors.New("idle connections send no messages")}
	case c.RampUp < 0 || c.Duration < 0 || c.Timeout < 0 || c.Count < 0:
		return &ConfigError{Err: errors.New("a time or a count is negative")}
	case max(c.RampUp, c.Duration, c.Timeout) > MaxTime:
		return &ConfigError{Err: fmt.Errorf("a time is longer than %v", MaxTime)}
	}
	switch c.Check {
	case "", CheckEcho, CheckCount, CheckNone:
		return nil
	}
	return &ConfigError{Err: fmt.Errorf("unknown check %q", c.Check)}
}

// withDefaults returns c with its zero values replaced.
func (c Config) withDefaults() Config {
	if c.Connections == 0 {
		c.Connections = DefaultConnections
	}
	if c.Pipeline == 0 {
		c.Pipeline = 1
	}
	switch {
	case c.Idle:
		c.Size = 0
	case c.Message != nil:
		c.Size = len(c.Message)
	case c.Size == 0:
		c.Size = DefaultSize
	}
	c.Size = max(c.Size, 0)
	if c.Check == "" {
		c.Check = CheckEcho
	}
	if c.Duration == 0 && c.Count == 0 {
		c.Duration = DefaultDuration
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	return c
}
