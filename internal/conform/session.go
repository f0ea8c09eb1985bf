package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// A session is one connection to a peer, for one case.
type session struct {
	nc      net.Conn
	role    codec.Role // ours
	timeout time.Duration
	skip    int // messages to pass over at the beginning: greetings
	opening opening
	rec     *recording

	in       *input
	receiver codec.Receiver
	inflater *codec.Decompressor
	window   *codec.Window   // of what the peer sends
	partial  message         // what has come of a message that is not complete
	pings    map[string]bool // the payloads of those that we have sent
	pongs    map[string]bool // the same
	keys     []codec.MaskKey // those of the frames that have come, up to maxKeys
	deflater *deflater       // of what we send; nil until there is something
	unsent   []byte          // the rest of a frame of which a part was sent
	closing  bool            // we have sent a close frame
	ended    bool            // our direction of TCP has

	writeErr error
	soft     string // the first thing that was not strict
	note     string // the first thing that no rule is about
	remark   string // what is said of a pass
	crowded  bool   // the server had no room
}

func newSession(nc net.Conn, role codec.Role, timeout time.Duration) *session {
	s := &session{nc: nc, role: role, timeout: timeout, rec: newRecording(nc, role), pings: map[string]bool{}, pongs: map[string]bool{}}
	s.in = newInput(nc, func(b []byte) { s.rec.add(role.Peer(), b) })
	s.receiver.Decoder.Role = role
	return s
}

// close ends the connection. The recording is then complete.
func (s *session) close() {
	s.nc.Close()
	s.in.wait()
	s.rec.ended(s.role.Peer(), s.in.err)
}

// established sets up what the opening handshake agreed on.
func (s *session) established(a codec.Agreement) {
	s.opening.agreed = a
	s.receiver.Decoder.Deflate = a.Deflate != nil
	s.receiver.Assembler.Deflate = a.Deflate != nil
	if a.Deflate != nil {
		s.window = a.Deflate.NewWindow(s.role.Peer())
		s.inflater = codec.NewDecompressor()
	}
}

// maxWrite is the most that is written at once, in bytes: the peer may take the
// timeout for each of them.
const maxWrite = 1 << 20

// write sends b. That the peer does not take it is no finding: what it does next is.
func (s *session) write(b []byte) {
	for piece := range slices.Chunk(b, maxWrite) {
		if s.writeErr != nil {
			return
		}
		s.nc.SetWriteDeadline(time.Now().Add(s.timeout))
		s.rec.add(s.role, piece) // before it can be answered
		n, err := s.nc.Write(piece)
		if err != nil {
			s.rec.drop(s.role, len(piece)-n)
		}
		s.writeErr = err
	}
}

// send sends frames, all in one write.
func (s *session) send(frames ...frame) {
	s.write(s.encode(frames))
}

// encode returns frames as they are to be sent.
func (s *session) encode(frames []frame) []byte {
	var b []byte
	for _, f := range frames {
		switch f.op {
		case codec.OpPing:
			s.pings[string(f.payload)] = true
		case codec.OpPong:
			s.pongs[string(f.payload)] = true
		}
		b = f.append(b, s.role)
	}
	return b
}

// softly notes what is not strict. The first one counts.
func (s *session) softly(format string, args ...any) {
	if s.soft == "" {
		s.soft = fmt.Sprintf(format, args...)
	}
}

// noted notes what no rule asks for or against. The first one counts.
func (s *session) noted(format string, args ...any) {
	if s.note == "" {
		s.note = fmt.Sprintf(format, args...)
	}
}

// An input reads all that a connection has to give, so that a peer that writes never
// has to wait for a case that does.
type input struct {
	nc  net.Conn
	tap func([]byte)

	mu   sync.Mutex
	more chan struct{} // closed when something has changed
	buf  []byte        // guarded by mu
	err  error         // guarded by mu
	done chan struct{}
}

// maxInput is the most that is held of what a peer sends.
const maxInput = 256 << 20

func newInput(nc net.Conn, tap func([]byte)) *input {
	in := &input{nc: nc, tap: tap, more: make(chan struct{}), done: make(chan struct{})}
	go in.run() // ends with the connection; wait waits for it
	return in
}

func (in *input) run() {
	defer close(in.done)
	buf := make([]byte, 32<<10)
	for {
		n, err := in.nc.Read(buf)
		in.mu.Lock()
		in.tap(buf[:n])
		in.buf = append(in.buf, buf[:n]...)
		if err == nil && len(in.buf) > maxInput {
			err = errors.New("the peer sends without end")
		}
		in.err = err
		close(in.more)
		in.more = make(chan struct{})
		in.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (in *input) wait() { <-in.done }

// errSilent says that nothing came in time.
var errSilent = errors.New("nothing came")

// await gives what has come to parse, and again whenever there is more, until parse says
// that it was enough. Parse borrows b, may change what it takes of it, and is not called
// again with that. The error is errSilent when it takes too long, and what ended the
// connection otherwise.
func (in *input) await(limit time.Duration, parse func(b []byte) (taken int, enough bool)) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		in.mu.Lock()
		n, enough := parse(in.buf)
		in.buf = in.buf[n:]
		more, err := in.more, in.err
		in.mu.Unlock()
		if enough {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-more:
		case <-timer.C:
			return errSilent
		}
	}
}

// A recording is what went over a connection, piece by piece.
type recording struct {
	mu       sync.Mutex
	pieces   []piece // guarded by mu
	complete bool    // guarded by mu
	size     int     // of the pieces, in bytes; guarded by mu
	us       codec.Role
	// What the bytes do not tell.
	url, src, dst string
}

type piece struct {
	from codec.Role
	at   time.Time
	data []byte
	how  trace.How // of the end of this direction, with no data
}

func newRecording(nc net.Conn, us codec.Role) *recording {
	client, server := nc.LocalAddr().String(), nc.RemoteAddr().String()
	if us == codec.RoleServer {
		client, server = server, client
	}
	return &recording{us: us, src: client, dst: server}
}

// maxRecorded is how much is recorded, in bytes. What comes behind it is not.
const maxRecorded = 4 << 20

func (r *recording) add(from codec.Role, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b = b[:min(len(b), maxRecorded-r.size)]
	if len(b) == 0 {
		return
	}
	r.size += len(b)
	r.pieces = append(r.pieces, piece{from: from, at: time.Now(), data: append([]byte(nil), b...)})
}

// drop notes that the last n bytes of what was added for one side were not sent after all.
func (r *recording) drop(from codec.Role, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range slices.Backward(r.pieces) {
		if p := &r.pieces[i]; p.from == from {
			p.data = p.data[:max(len(p.data)-n, 0)]
			return
		}
	}
}

// fin notes that we have ended our direction.
func (r *recording) fin(us codec.Role) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pieces = append(r.pieces, piece{from: us, at: time.Now(), how: trace.HowFIN})
}

// ended notes how the peer's direction ended, or that we ended it. The first call counts.
func (r *recording) ended(peer codec.Role, err error) {
	from, how := peer, trace.HowFIN
	switch {
	case errors.Is(err, net.ErrClosed): // by us
		from = peer.Peer()
	case errors.Is(err, syscall.ECONNRESET):
		how = trace.HowRST
	case !errors.Is(err, io.EOF):
		how = trace.HowError
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.complete {
		r.pieces = append(r.pieces, piece{from: from, at: time.Now(), how: how})
		r.complete = true
	}
}

// endText tells how a connection ended that gave err.
func endText(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it reset the connection"
	case errors.Is(err, io.EOF):
		return "it closed the connection"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "it took too long"
	}
	return "the connection was lost: " + err.Error()
}
