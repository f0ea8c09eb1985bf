package wsclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/wsclient"
)

// TestLimits has servers that are slow, or silent, at each step.
func TestLimits(t *testing.T) {
	drip := func(nc net.Conn, request codec.Head) {
		text := expand(switching+"NL", request)
		for i := range len(text) {
			if _, err := io.WriteString(nc, text[i:i+1]); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
	silent := func(nc net.Conn, _ codec.Head) { io.Copy(io.Discard, nc) }
	unread := func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, _ := net.Pipe()
		return client, nil
	}
	stuck := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	type ctxKind int
	const (
		none ctxKind = iota
		deadline
		cancelled
	)
	tests := []struct {
		name   string
		script script
		dial   func(context.Context, string, string) (net.Conn, error) // in place of script
		secure bool
		cfg    wsclient.Config
		ctx    ctxKind // ends after 2 s
		want   time.Duration
		cause  error // when the context ends; else it is a timeout
		status int
	}{
		{name: "connect", dial: stuck, want: 10 * time.Second},
		{name: "connect, given", dial: stuck, cfg: wsclient.Config{ConnectTimeout: 3 * time.Second}, want: 3 * time.Second},
		{name: "connect, cancelled", dial: stuck, ctx: cancelled, want: 2 * time.Second, cause: context.Canceled},
		{name: "connect, no limit but the context", dial: stuck, cfg: wsclient.Config{ConnectTimeout: -1}, ctx: deadline, want: 2 * time.Second, cause: context.DeadlineExceeded},
		{name: "TLS", dial: unread, secure: true, want: 10 * time.Second},
		{name: "TLS, cancelled", dial: unread, secure: true, ctx: cancelled, want: 2 * time.Second, cause: context.Canceled},
		{name: "request not read", dial: unread, want: 10 * time.Second},
		{name: "no answer", script: silent, want: 10 * time.Second},
		{name: "a byte a second", script: drip, want: 10 * time.Second},
		{name: "no answer, given", script: silent, cfg: wsclient.Config{HandshakeTimeout: 4 * time.Second}, want: 4 * time.Second},
		{name: "no answer, cancelled", script: silent, ctx: cancelled, want: 2 * time.Second, cause: context.Canceled},
		{name: "no answer, deadline", script: silent, ctx: deadline, want: 2 * time.Second, cause: context.DeadlineExceeded},
		{name: "no answer, no limit but the context", script: silent, cfg: wsclient.Config{HandshakeTimeout: -1}, ctx: cancelled, want: 2 * time.Second, cause: context.Canceled},
		{name: "body that does not come", script: func(nc net.Conn, _ codec.Head) {
			io.WriteString(nc, "HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\npart")
		}, want: time.Second, status: 500},
		{name: "body that does not come, cancelled", script: func(nc net.Conn, _ codec.Head) {
			time.Sleep(1500 * time.Millisecond)
			io.WriteString(nc, "HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\npart")
		}, ctx: cancelled, want: 2 * time.Second, cause: context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				var cancel context.CancelFunc = func() {}
				switch tt.ctx {
				case deadline:
					ctx, cancel = context.WithTimeout(ctx, 2*time.Second)
				case cancelled:
					ctx, cancel = context.WithCancel(ctx)
					time.AfterFunc(2*time.Second, cancel)
				}
				defer cancel()
				cfg := tt.cfg
				cfg.URL, cfg.TLS, cfg.Dial = parse(t, "h"), &tls.Config{InsecureSkipVerify: true}, tt.dial
				cfg.URL.Secure = tt.secure
				if tt.dial == nil {
					cfg.Dial = dialer(t, tt.script)
				}
				began := time.Now()
				_, err := wsclient.Dial(ctx, cfg)
				if got := time.Since(began); err == nil || got != tt.want {
					t.Errorf("Dial: %v after %v, want %v", err, got, tt.want)
				}
				timeout, ok := err.(interface{ Timeout() bool })
				if wantTimeout := tt.status == 0 && tt.cause != context.Canceled; !ok || timeout.Timeout() != wantTimeout {
					t.Errorf("%v: timeout %v, want %v", err, !wantTimeout, wantTimeout)
				}
				if tt.cause != nil && !errors.Is(err, tt.cause) {
					t.Errorf("Dial: %v, want %v", err, tt.cause)
				}
				if he, ok := errors.AsType[*wsclient.HandshakeError](err); tt.status != 0 && (!ok || he.Status != tt.status || string(he.Body) != "part") {
					t.Errorf("Dial: %v", err)
				}
			})
		})
	}
}

// TestContextMeansNothingAfterwards cancels it and goes on.
func TestContextMeansNothingAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cfg := wsclient.Config{URL: parse(t, "h"), Dial: dialer(t, func(nc net.Conn, request codec.Head) {
			io.WriteString(nc, expand(switching+"NL", request))
			time.Sleep(time.Hour)
			io.WriteString(nc, "\x81\x02yo")
		})}
		c, err := wsclient.Dial(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		synctest.Wait()
		if _, data, err := c.NextMessage(); err != nil || string(data) != "yo" {
			t.Errorf("NextMessage: %q, %v", data, err)
		}
		c.Abort()
	})
}
