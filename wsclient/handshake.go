package wsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"wskit/codec"
)

// past is a deadline that ends what is going on.
var past = time.Unix(1, 0)

// handshake sends the request and checks the response, all within HandshakeTimeout.
// It returns what the server sent behind its response.
func (c *Conn) handshake(ctx context.Context, nc net.Conn, cfg *Config, h *codec.ClientHandshake) (early []byte, err error) {
	began := time.Now()
	var deadline time.Time
	if d := timeout(cfg.HandshakeTimeout, DefaultHandshakeTimeout); d > 0 {
		deadline = began.Add(d)
	}
	nc.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(past) })

	request := codec.AppendHead(nil, c.Request)
	tap(cfg, codec.RoleClient, request)
	_, writeErr := nc.Write(request)
	r := &reader{nc: nc, cfg: cfg, limit: maxHeadBytes}
	err = c.readResponse(r)
	c.Timings.Handshake = time.Since(began)
	if e, ok := errors.AsType[*HandshakeError](err); ok {
		// A server that refuses early may be heard all the same, but what it
		// did not say is told by the write.
		if writeErr != nil && len(r.buf) == 0 {
			e.Err = writeErr
		}
	} else if c.Agreement, err = h.Check(&c.Response); err != nil {
		err = c.refused(ctx, r, err, deadline)
	}
	if !stop() && ctx.Err() != nil {
		return nil, &HandshakeError{Err: context.Cause(ctx)}
	}
	if err != nil {
		return nil, c.explain(err, cfg.URL)
	}
	nc.SetDeadline(time.Time{})
	return r.buf, nil
}

// readResponse reads the head of the final response; interim ones are passed over
// (RFC 9110 §15.2).
func (c *Conn) readResponse(r *reader) error {
	for {
		var err error
		if c.Response, err = r.head(); err != nil {
			return &HandshakeError{Response: c.Response, Err: err, raw: r.buf}
		}
		line, err := codec.ParseStatusLine(c.Response.Start)
		if err != nil || line.Status < 100 || line.Status > 199 || line.Status == 101 {
			return nil
		}
	}
}

// refused makes an error of an answer that did not pass, and reads the body of a
// refusal.
func (c *Conn) refused(ctx context.Context, r *reader, err error, deadline time.Time) error {
	e := &HandshakeError{Response: c.Response, Err: err}
	if rule, ok := errors.AsType[*codec.HandshakeError](err); ok && rule.Violation == codec.ErrHandshakeStatus {
		e.Status, e.Err, e.detail = rule.Status, ErrRefused, rule.Detail
		if limit := time.Now().Add(bodyTimeout); deadline.IsZero() || limit.Before(deadline) {
			deadline = limit
		}
		r.nc.SetReadDeadline(deadline)
		if ctx.Err() != nil { // it ended before that
			r.nc.SetDeadline(past)
		}
		e.Body, e.More = readBody(r, &c.Response, e.Status)
	}
	return e
}

// A reader reads responses and taps them.
type reader struct {
	nc    net.Conn
	cfg   *Config
	limit int    // bytes of heads that may still come
	buf   []byte // what was read and not yet taken
}

// head reads one head and leaves what follows it in buf. On an error buf is all that
// there is of it.
func (r *reader) head() (codec.Head, error) {
	var broken error
	p := codec.HeadParser{MaxBytes: r.limit, Report: func(e *codec.HandshakeError) {
		// A folded line is against the rules for a server, but a client must take
		// the fold for a space (RFC 9112 §5.2).
		if broken == nil && e.Violation != codec.ErrObsFold {
			broken = e
		}
	}}
	tapped := 0
	for {
		head, n, err := p.Parse(r.buf)
		if broken != nil {
			err = broken
		}
		if err == nil {
			tap(r.cfg, codec.RoleServer, r.buf[tapped:n])
			r.buf, r.limit = r.buf[n:], r.limit-n
			return head, nil
		}
		tap(r.cfg, codec.RoleServer, r.buf[tapped:])
		tapped = len(r.buf)
		if err != codec.ErrShort {
			if errors.Is(err, codec.ErrInvalidStartLine) {
				err = fmt.Errorf("%w: %s", ErrNotHTTP, beginning(r.buf))
			}
			return head, err
		}
		if err := r.fill(); err != nil {
			switch {
			case err != io.EOF:
				return head, err
			case len(r.buf) == 0:
				return head, ErrNoAnswer
			}
			return head, ErrShortAnswer
		}
	}
}

// fill reads once, behind what buf holds.
func (r *reader) fill() error {
	if cap(r.buf)-len(r.buf) < 1<<10 {
		grown := make([]byte, len(r.buf), 2*len(r.buf)+4<<10)
		copy(grown, r.buf)
		r.buf = grown
	}
	n, err := r.nc.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

// Read is for the body of a refusal.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.buf) > 0 {
		n := copy(p, r.buf)
		tap(r.cfg, codec.RoleServer, r.buf[:n])
		r.buf = r.buf[n:]
		return n, nil
	}
	n, err := r.nc.Read(p)
	tap(r.cfg, codec.RoleServer, p[:n])
	return n, err
}

func tap(cfg *Config, from codec.Role, b []byte) {
	if cfg.Conn.Tap != nil && len(b) > 0 {
		cfg.Conn.Tap(from, time.Now(), b)
	}
}

// beginning quotes the first bytes of what came.
func beginning(b []byte) string {
	const most = 32
	if len(b) > most {
		return fmt.Sprintf("%q…", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
