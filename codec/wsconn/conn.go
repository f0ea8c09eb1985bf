package wsconn

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"wskit/codec"
)

// A Conn is a WebSocket connection past its handshake. See the package's comment
// for who may call what.
type Conn struct {
	nc  net.Conn
	tr  transport
	cfg Config
	clock
	// done is closed after err is set.
	done chan struct{}

	// message is held by who sends a message, from its first frame to its last;
	// write by who writes to the transport. In this order, and before queueMu
	// and mu.
	message, write lock
	// due says that something waits for the holder of the write lock to send it
	// when done: a pong, a ping or the queue.
	due atomic.Bool

	// reading is held during Next…, or by Close once nobody reads.
	reading atomic.Bool
	// handoff says that Close waits on released for reading.
	handoff  atomic.Bool
	released chan struct{}

	reader
	writer
	queue

	mu sync.Mutex
	state
}

// reader is what the holder of reading owns.
type reader struct {
	in input
	rx codec.Receiver
	// msg holds a frame or message that was gathered or inflated.
	msg  *buffer
	lent lender
	// stream is what NextReader returns.
	stream messageReader
	// inflate is nil without compression.
	inflate *inflater
	keepalive
	// messagesIn is published by each read. Outside counts control frames
	// outside of messages.
	messagesIn, outside int64
	bytesIn             atomic.Int64
	public              [2]atomic.Int64
	// ended says that the connection has, as far as reading goes.
	ended bool
}

// counts are of frames and of messages.
type counts struct{ frames, messages int64 }

// writer is guarded by the write lock.
type writer struct {
	closing    codec.Closing
	sentReason string
	// messageOpen says that a message was begun on the wire by who holds the
	// message lock, and what is queued must wait for its end.
	messageOpen bool
	// broken is an error of the transport that a write has met.
	broken   error
	bytesOut atomic.Int64
}

// state is guarded by mu, which is never held while waiting.
type state struct {
	err *CloseError
	// limit is when the connection must have ended, 0 while it may last.
	limit int64
	slot  slot
}

// New returns the connection that nc carries once the handshake is done. It takes
// nc over. A connection must be ended, by Close or Abort, unless Next… or Err has
// returned an error.
func New(nc net.Conn, cfg Config) *Conn {
	c := &Conn{
		nc:      nc,
		cfg:     cfg.withDefaults(),
		clock:   clock{start: time.Now()},
		done:    make(chan struct{}),
		message: newLock(),
		write:   newLock(),
	}
	c.tr = newTransport(nc, c, &c.in)
	deflate := c.newDeflate()
	c.rx.Decoder = codec.Decoder{Role: cfg.Role, Deflate: deflate, MaxFrame: uint64(c.cfg.MaxFrame)}
	c.rx.Assembler = codec.Assembler{Deflate: deflate, MaxMessage: uint64(c.cfg.MaxMessage), MaxFragments: c.cfg.MaxFragments}
	c.enc = codec.Encoder{Role: cfg.Role}
	if cfg.Role == codec.RoleClient {
		c.enc.Key = c.nextKey
	}
	if b := cfg.Buffered; len(b) > 0 {
		c.in.move(getBuffer(len(b)))
		copy(c.in.b, b)
		c.arrived(c.in.took(len(b)))
	}
	c.cfg.Buffered = nil
	return c
}

// arrived accounts for bytes that were read, before they are unmasked.
func (c *Conn) arrived(b []byte) {
	c.heard = true
	c.bytesIn.Add(int64(len(b)))
	if c.cfg.Tap != nil {
		c.cfg.Tap(c.cfg.Role.Peer(), time.Now(), b)
	}
}

// Err returns how the connection ended: a *CloseError, or nil while it is open.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return c.err
}

// Done returns a channel that is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Subprotocol returns what the handshake agreed on, "" for none.
func (c *Conn) Subprotocol() string { return c.cfg.Subprotocol }

// LocalAddr returns the local address of the transport.
func (c *Conn) LocalAddr() net.Addr { return c.nc.LocalAddr() }

// RemoteAddr returns the peer's address of the transport.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Stats counts what a connection has carried.
type Stats struct {
	// BytesIn and BytesOut are bytes on the wire, within TLS.
	BytesIn, BytesOut int64
	// FramesIn and FramesOut are frames, control frames included. Those out may
	// still be queued.
	FramesIn, FramesOut int64
	// MessagesIn and MessagesOut are messages that are whole.
	MessagesIn, MessagesOut int64
}

// Stats returns what the connection has carried so far. The frames and messages
// that came in are those before the last read.
func (c *Conn) Stats() Stats {
	c.queueMu.Lock()
	out := c.sent
	c.queueMu.Unlock()
	return Stats{
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		FramesIn: c.public[0].Load(), MessagesIn: c.public[1].Load(),
		FramesOut: out.frames, MessagesOut: out.messages,
	}
}

// A lock is a mutex that can be tried, and given up when a connection ends. It is
// a channel, for goroutines that wait on I/O.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) try() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
		return false
	}
}

func (l lock) lock() { l <- struct{}{} }

// lockUntil reports whether it has the lock, unless done is closed first.
func (l lock) lockUntil(done <-chan struct{}) bool {
	if l.try() {
		return true
	}
	select {
	case l <- struct{}{}:
		return true
	case <-done:
		return false
	}
}

func (l lock) unlock() { <-l }
