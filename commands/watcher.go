package commands

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/inspect"
	"wskit/internal/term"
	"wskit/internal/trace"
	"wskit/wsclient"
)

// A watcher runs the analyser over the bytes of a connection that this process
// dials, and writes its events.
type watcher struct {
	url      string
	write    func(trace.Event) error
	analyser *inspect.Analyser

	opened bool
	fault  chan error // of capacity 1: the first write that failed

	mu  sync.Mutex
	err error // guarded by mu: of that write
}

// newWatcher returns a watcher that hands the events to write. MaxPayload is as in
// inspect.Config; maxMessage is the largest message that the connection takes, zero
// for the default.
func newWatcher(url string, maxPayload int, maxMessage int64, write func(trace.Event) error) *watcher {
	w := &watcher{url: url, write: write, fault: make(chan error, 1)}
	w.analyser = inspect.New(inspect.Config{
		Role: "client", MaxPayload: maxPayload, MaxMessage: int(max(maxMessage, wsconn.DefaultMaxMessage)), Emit: w.emit,
	})
	return w
}

// tap is the Tap of the connection. Once writing has failed nobody would see what else it
// holds, a flood perhaps while the connection is closed.
func (w *watcher) tap(from codec.Role, at time.Time, b []byte) {
	w.mu.Lock()
	failed := w.err != nil
	w.mu.Unlock()
	if !failed {
		w.analyser.Data(from, at, b)
	}
}

func (w *watcher) emit(e trace.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	if err := w.write(e); err != nil {
		w.err = stdoutFailure(err)
		w.fault <- w.err
	}
}

// open tells the analyser what only the dialler knows. Without it no event comes.
func (w *watcher) open(c *wsclient.Conn) {
	w.opened = true
	m := inspect.Meta{URL: w.url}
	if c != nil {
		m.Src, m.Dst = c.LocalAddr().String(), c.RemoteAddr().String()
		m.TLS = tlsState(c.TLS)
		m.DNS, m.Connect, m.TLSTime = c.Timings.DNS, c.Timings.Connect, c.Timings.TLS
	}
	w.analyser.Open(m)
}

// close ends the analysis and returns the first error of writing. End says how the
// connection ended; it is nil for one that was never a WebSocket.
func (w *watcher) close(end *wsconn.CloseError) error {
	if !w.opened {
		w.open(nil)
	}
	if end != nil {
		now := time.Now()
		how := howEnded(end)
		first := codec.RoleServer
		if end.By == wsconn.Local || how == trace.HowTimeout {
			first = codec.RoleClient // it is us who gave up
		}
		w.analyser.End(first, now, how)
		w.analyser.End(first.Peer(), now, trace.HowFIN)
	}
	w.analyser.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// howEnded tells how the direction that ended first did.
func howEnded(end *wsconn.CloseError) trace.How {
	switch {
	case errors.Is(end.Err, syscall.ECONNRESET):
		return trace.HowRST
	case errors.Is(end.Err, wsconn.ErrPingTimeout), errors.Is(end.Err, wsconn.ErrCloseTimeout),
		errors.Is(end.Err, wsconn.ErrWriteTimeout), errors.Is(end.Err, wsconn.ErrMessageTimeout):
		return trace.HowTimeout
	case end.Err == nil, errors.Is(end.Err, io.EOF), errors.Is(end.Err, io.ErrUnexpectedEOF):
		return trace.HowFIN
	}
	if v := (*codec.Violation)(nil); errors.As(end.Err, &v) {
		return trace.HowFIN
	}
	return trace.HowError
}

// tlsState returns what an event tells of TLS.
func tlsState(s *tls.ConnectionState) *trace.TLS {
	if s == nil {
		return nil
	}
	t := &trace.TLS{
		Version: tls.VersionName(s.Version),
		Cipher:  tls.CipherSuiteName(s.CipherSuite),
		ALPN:    s.NegotiatedProtocol,
		SNI:     s.ServerName,
	}
	if len(s.PeerCertificates) > 0 {
		c := s.PeerCertificates[0]
		t.Peer = &trace.Certificate{Subject: c.Subject.String(), NotBefore: c.NotBefore, NotAfter: c.NotAfter}
	}
	return t
}

// showHandshake prints both heads on stderr, as curl does.
func (env *Env) showHandshake(c *wsclient.Conn) {
	var b strings.Builder
	fmt.Fprintf(&b, "* connected to %s in %s\n", c.RemoteAddr(), trace.FormatDuration(c.Timings.Connect))
	if c.TLS != nil {
		fmt.Fprintf(&b, "* %s\n", term.Escape(tlsText(c.TLS)))
	}
	writeHead(&b, "> ", c.Request)
	writeHead(&b, "< ", c.Response)
	io.WriteString(env.Stderr, b.String())
}

func writeHead(b *strings.Builder, mark string, h codec.Head) {
	fmt.Fprintf(b, "%s%s\n", mark, term.Escape(trace.RedactURL(h.Start)))
	for _, f := range h.Fields {
		fmt.Fprintf(b, "%s%s: %s\n", mark, term.Escape(f.Name), term.Escape(trace.RedactField(f.Name, f.Value)))
	}
}

// tlsText tells of TLS in a line.
func tlsText(s *tls.ConnectionState) string {
	text := tls.VersionName(s.Version) + ", " + tls.CipherSuiteName(s.CipherSuite)
	if len(s.PeerCertificates) > 0 {
		c := s.PeerCertificates[0]
		text += fmt.Sprintf(", certificate %s until %s", c.Subject, c.NotAfter.Format(time.DateOnly))
	}
	return text
}

// deflateText tells what was agreed of permessage-deflate, "" for nothing.
func deflateText(d *codec.Deflate) string {
	if d == nil {
		return ""
	}
	side := func(name string, bits int, alone bool) string {
		if bits == 0 {
			bits = 15
		}
		if alone {
			return fmt.Sprintf("%s %d bits no takeover", name, bits)
		}
		return fmt.Sprintf("%s %d bits", name, bits)
	}
	return "permessage-deflate (" + side("client", d.ClientMaxWindowBits, d.ClientNoContextTakeover) + ", " +
		side("server", d.ServerMaxWindowBits, d.ServerNoContextTakeover) + ")"
}

// endText tells how a connection ended.
func endText(end *wsconn.CloseError) string {
	text := end.Code.String()
	if end.Reason != "" {
		text += fmt.Sprintf(" %q", end.Reason)
	}
	switch end.By {
	case wsconn.Peer:
		text += " by the client"
	case wsconn.Lost:
		text += ", lost"
	}
	if end.Err != nil {
		text += ": " + cause(end.Err).Error()
	}
	return text
}
