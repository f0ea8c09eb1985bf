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
//
// Ten thousand idle connections are ten thousand of these. So small fields lie side
// by side, and what few connections have is behind a pointer.
type Conn struct {
	nc net.Conn
	tr transport
	clock
	*limits
	*hooks
	*agreement

	// message is held by who sends a message, from its first frame to its last;
	// write by who writes to the transport. In this order, and before queueMu
	// and mu.
	message, write lock
	// due says that something waits for the holder of the write lock to send it
	// when done: a pong, a ping or the queue.
	due          atomic.Bool
	role         codec.Role
	fragmentSize int // 0 for no limit

	// ready holds messages that are decoded, for codec.Split, and viewSize is the
	// size of what Next… returned last. They belong to the reading goroutine, not to
	// the holder of reading.
	ready    []byte
	viewSize int
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
	// rx is nil while nothing is in progress: it comes from a pool with the first
	// bytes, and goes back before waiting for more.
	rx *codec.Receiver
	// msg holds a frame or message that was gathered or inflated.
	msg  *buffer
	lent lender
	// stream is what NextReader returns, nil before the first call.
	stream *messageReader
	keepalive
	messagesIn int64
	// public are the frames and messages that came in before the last read.
	public  [2]atomic.Int64
	bytesIn atomic.Int64
	// outside counts control frames outside of messages.
	outside uint32
	// heard says that something arrived since pongBy was set, taken that Close
	// reads, ended that the connection has, as far as reading goes.
	heard, taken, ended bool
}

// counts are of frames and of messages.
type counts struct{ frames, messages int64 }

// writer is guarded by the write lock.
type writer struct {
	closing codec.Closing
	// messageOpen says that a message was begun on the wire by who holds the
	// message lock, and what is queued must wait for its end.
	messageOpen bool
	// sentReason is that of the close frame that was sent, nil for none.
	sentReason *string
	// broken is an error of the transport that a write has met.
	broken   error
	bytesOut atomic.Int64
}

// state is guarded by mu, which is never held while waiting.
type state struct {
	err *CloseError
	// done is made by the first who asks, and closed when err is set.
	done chan struct{}
	// limit is when the connection must have ended, 0 while it may last.
	limit int64
	slot  slot
	// outbox is the one that was made last, nil for none.
	outbox *Outbox
}

// New returns the connection that nc carries once the handshake is done. It takes
// nc over. A connection must be ended, by Close or Abort, unless Next… or Err has
// returned an error.
//
// New, like all that a connection does until it waits, gets by with a small stack: a
// goroutine that only reads from a connection keeps the 2 KiB that it began with.
func New(nc net.Conn, cfg Config) *Conn {
	c := new(Conn)
	c.nc = nc
	c.clock = newClock()
	c.hooks = cfg.resolveHooks()
	if c.limits = cfg.limits; c.limits == nil {
		c.limits = cfg.resolveLimits()
	}
	c.agreement = cfg.resolveAgreement()
	c.role, c.fragmentSize = cfg.Role, max(cfg.FragmentSize, 0)
	c.setUp(&cfg)
	c.tr = newTransport(nc, c, &c.in)
	if len(cfg.Buffered) > 0 {
		c.in.move(getBuffer(len(cfg.Buffered)))
		copy(c.in.b, cfg.Buffered)
		c.arrived(c.in.took(len(cfg.Buffered)))
		c.takeReceiver()
	}
	return c
}

// setUp makes the machines of package codec ready.
func (c *Conn) setUp(cfg *Config) {
	if cfg.Deflate != nil {
		c.deflater = newDeflater(cfg)
	}
	if c.enc.Role = cfg.Role; c.enc.Role == codec.RoleClient {
		c.enc.Key = newKeyring(cfg.rand).next
	}
}

// arrived accounts for bytes that were read, before they are unmasked.
func (c *Conn) arrived(b []byte) {
	c.heard = true
	c.bytesIn.Add(int64(len(b)))
	if c.tap != nil {
		c.tap(c.role.Peer(), time.Now(), b)
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
func (c *Conn) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

// Subprotocol returns what the handshake agreed on, "" for none.
func (c *Conn) Subprotocol() string { return c.subprotocol }

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
