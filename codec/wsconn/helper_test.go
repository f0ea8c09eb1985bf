package wsconn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wskit/codec"
)

// patience bounds what a scripted peer waits for in real time.
const patience = 20 * time.Second

// A network makes connected pairs.
type network struct {
	name string
	pair func(t testing.TB) (a, b net.Conn)
	// bare says that the raw transport serves it on this system.
	bare bool
}

var networks = []network{
	{name: "tcp", pair: tcpPair, bare: true},
	{name: "unix", pair: unixPair, bare: true},
	{name: "pipe", pair: pipePair},
	{name: "wrapped", pair: wrappedPair},
	{name: "tls", pair: tlsPair},
}

func onNetworks(t *testing.T, f func(t *testing.T, n network)) {
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) { f(t, n) })
	}
}

func pipePair(testing.TB) (a, b net.Conn) { return net.Pipe() }

func tcpPair(t testing.TB) (a, b net.Conn) { return listenPair(t, "tcp", "127.0.0.1:0") }

func unixPair(t testing.TB) (a, b net.Conn) {
	return listenPair(t, "unix", filepath.Join(t.TempDir(), "s"))
}

func listenPair(t testing.TB, network, addr string) (a, b net.Conn) {
	t.Helper()
	ln, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if b, err = net.Dial(network, ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if a, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// A wrapped connection hides the socket and its type, with half-close.
type wrapped struct{ net.Conn }

func (w wrapped) CloseWrite() error { return w.Conn.(*net.TCPConn).CloseWrite() }

func wrappedPair(t testing.TB) (a, b net.Conn) {
	a, b = tcpPair(t)
	return wrapped{a}, wrapped{b}
}

var certificate = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
})

func tlsPair(t testing.TB) (a, b net.Conn) {
	t.Helper()
	cert, err := certificate()
	if err != nil {
		t.Fatal(err)
	}
	x, y := tcpPair(t)
	srv := tls.Server(x, &tls.Config{Certificates: []tls.Certificate{cert}})
	cli := tls.Client(y, &tls.Config{InsecureSkipVerify: true})
	done := make(chan error, 1)
	go func() { done <- srv.Handshake() }()
	if err := errors.Join(cli.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
	return srv, cli
}

// connect returns a server and a client on two ends of n. They are dropped when the
// test ends.
func connect(t testing.TB, n network, srv, cli Config) (s, c *Conn) {
	t.Helper()
	a, b := n.pair(t)
	cli.Role = codec.RoleClient
	s, c = New(a, srv), New(b, cli)
	t.Cleanup(func() { s.Abort(); c.Abort() })
	return s, c
}

// A peer is a scripted end of a connection: it sends the bytes that it is told to
// and reads frames.
type peer struct {
	t    testing.TB
	nc   net.Conn
	role codec.Role
	buf  []byte
	// n is the number of bytes that were read.
	n int
}

// against returns a connection and the peer that it is connected to.
func against(t testing.TB, n network, cfg Config) (*Conn, *peer) {
	t.Helper()
	a, b := n.pair(t)
	if n.name != pipes.name {
		b.SetDeadline(time.Now().Add(patience))
	}
	c := New(a, cfg)
	t.Cleanup(func() { c.Abort(); b.Close() })
	return c, &peer{t: t, nc: b, role: cfg.Role.Peer()}
}

// key is the masking key of scripted clients.
var key = codec.MaskKey{0x12, 0x34, 0x56, 0x78}

// frame encodes a frame as role sends it.
func frame(role codec.Role, fin bool, op codec.Opcode, payload string) []byte {
	enc := codec.Encoder{Role: role, Key: func() codec.MaskKey { return key }}
	return enc.AppendFrame(nil, codec.Header{Fin: fin, Opcode: op}, []byte(payload))
}

func (p *peer) frame(fin bool, op codec.Opcode, payload string) []byte {
	return frame(p.role, fin, op, payload)
}

// text encodes a text message.
func (p *peer) text(s string) []byte { return p.frame(true, codec.OpText, s) }

// close encodes a close frame.
func (p *peer) close(code codec.CloseCode, reason string) []byte {
	return p.frame(true, codec.OpClose, string(codec.AppendClose(nil, code, reason)))
}

// send writes bytes.
func (p *peer) send(pieces ...[]byte) {
	p.t.Helper()
	if _, err := p.nc.Write(bytes.Join(pieces, nil)); err != nil {
		p.t.Errorf("peer: write: %v", err)
	}
}

// next reads a frame. It reports false at the end of the stream.
func (p *peer) next() (h codec.Header, payload []byte, ok bool) {
	p.t.Helper()
	for {
		h, n, err := codec.ParseHeader(p.buf)
		if err != nil && err != codec.ErrShort {
			p.t.Fatalf("peer: read: %v", err)
		}
		if err == nil && uint64(len(p.buf)-n) >= h.Length {
			payload = p.buf[n : n+int(h.Length)]
			p.buf = p.buf[n+int(h.Length):]
			if h.Masked != (p.role == codec.RoleServer) {
				p.t.Errorf("peer: got a frame with Masked %v from a %v", h.Masked, p.role.Peer())
			}
			codec.Mask(h.Key, 0, payload)
			return h, payload, true
		}
		more := make([]byte, 64<<10)
		m, err := p.nc.Read(more)
		p.n += m
		p.buf = append(p.buf, more[:m]...)
		if m == 0 && err != nil {
			if len(p.buf) > 0 {
				p.t.Errorf("peer: the stream ended inside a frame, with % x", p.buf)
			}
			return codec.Header{}, nil, false
		}
	}
}

// want reads a frame and compares it.
func (p *peer) want(fin bool, op codec.Opcode, payload string) {
	p.t.Helper()
	h, got, ok := p.next()
	if !ok {
		p.t.Errorf("peer: got the end of the stream, want %v %q", op, payload)
		return
	}
	if h.Fin != fin || h.Opcode != op || string(got) != payload {
		p.t.Errorf("peer: got %v fin=%v %.80q (%d bytes), want %v fin=%v %.80q (%d bytes)",
			h.Opcode, h.Fin, got, len(got), op, fin, payload, len(payload))
	}
}

// wantClose reads a close frame and compares it.
func (p *peer) wantClose(code codec.CloseCode, reason string) {
	p.t.Helper()
	p.want(true, codec.OpClose, string(codec.AppendClose(nil, code, reason)))
}

// wantEnd checks that nothing more comes.
func (p *peer) wantEnd() {
	p.t.Helper()
	if h, b, ok := p.next(); ok {
		p.t.Errorf("peer: got %v %q, want the end of the stream", h.Opcode, b)
	}
}

// wantEnded checks how a connection ended.
func wantEnded(t testing.TB, err error, want CloseError) {
	t.Helper()
	var got *CloseError
	if !errors.As(err, &got) {
		t.Errorf("got error %v, want %v", err, &want)
		return
	}
	if got.Code != want.Code || got.Reason != want.Reason || got.By != want.By || !errors.Is(got.Err, want.Err) {
		t.Errorf("ended with %d %q by %v: %v; want %d %q by %v: %v",
			got.Code, got.Reason, got.By, got.Err, want.Code, want.Reason, want.By, want.Err)
	}
}

// wantSticky checks that everybody is told the same about how c ended.
func wantSticky(t testing.TB, c *Conn, err error) {
	t.Helper()
	select {
	case <-c.Done():
	default:
		t.Error("Done is not closed")
	}
	if got := c.Err(); got != err {
		t.Errorf("Err() = %v, want %v", got, err)
	}
	if _, _, got := c.NextMessage(); got != err {
		t.Errorf("NextMessage() = %v, want %v", got, err)
	}
	if got := c.WriteMessage(codec.OpText, nil); got != err {
		t.Errorf("WriteMessage() = %v, want %v", got, err)
	}
	if got := c.Ping(nil); got != err {
		t.Errorf("Ping() = %v, want %v", got, err)
	}
}

// serveEcho echoes messages until the connection ends, and returns how.
func serveEcho(c *Conn) error {
	for {
		op, data, err := c.NextMessage()
		if err != nil {
			return err
		}
		if err := c.QueueMessage(op, data); err != nil {
			return err
		}
	}
}

// async runs f and returns a function that waits for its result.
func async[T any](f func() T) func() T {
	done := make(chan T, 1)
	go func() { done <- f() }()
	return func() T { return <-done }
}

// drainNet reads and drops what comes.
func drainNet(nc net.Conn) func() int64 {
	return async(func() int64 {
		n, _ := io.Copy(io.Discard, nc)
		return n
	})
}

// patternBytes do not repeat soon.
var patternBytes = sync.OnceValue(func() []byte {
	b := make([]byte, 2<<20)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
})

// pattern returns n bytes that do not repeat soon.
func pattern(n int) []byte { return bytes.Clone(patternBytes()[:n]) }

// half is a pipe whose ends can be half-closed, as far as the end that does so goes.
type half struct{ net.Conn }

func (half) CloseWrite() error { return nil }

func (half) pair() (a, b net.Conn) {
	a, b = net.Pipe()
	return half{a}, b
}
