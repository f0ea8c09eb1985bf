package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
)

func TestDialKind(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&wsclient.DialError{Op: wsclient.OpResolve, Err: &net.DNSError{}}, KindDNS},
		{&wsclient.DialError{Op: wsclient.OpConnect, Err: &net.OpError{Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, KindRefused},
		{&wsclient.DialError{Op: wsclient.OpConnect, Err: &net.OpError{Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}}, KindConnect},
		{&wsclient.DialError{Op: wsclient.OpConnect, Err: context.DeadlineExceeded}, KindTimeout},
		{&wsclient.DialError{Op: wsclient.OpTLS, Err: io.EOF}, KindTLS},
		{&wsclient.HandshakeError{Status: 503, Err: wsclient.ErrRefused}, "handshake 503"},
		{&wsclient.HandshakeError{Status: 101, Err: wsclient.ErrRefused}, KindHandshake},
		{&wsclient.HandshakeError{Err: wsclient.ErrNotHTTP}, KindHandshake},
		{&wsclient.HandshakeError{Err: os.ErrDeadlineExceeded}, KindTimeout},
	}
	for _, tt := range tests {
		if got := dialKind(tt.err); got != tt.want {
			t.Errorf("dialKind(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestEndKind(t *testing.T) {
	tests := []struct {
		end  wsconn.CloseError
		want string
	}{
		{wsconn.CloseError{Code: codec.CloseInternalError, By: wsconn.Peer}, "closed 1011"},
		{wsconn.CloseError{Code: codec.CloseNormal, By: wsconn.Peer}, "closed 1000"},
		{wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: io.EOF}, KindReset},
		{wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: syscall.ECONNRESET}, KindReset},
		{wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: wsconn.ErrWriteTimeout}, KindWrite},
		{wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: wsconn.ErrPingTimeout}, KindTimeout},
		{wsconn.CloseError{Code: codec.ClosePolicyViolation, By: wsconn.Local, Err: wsconn.ErrMessageTimeout}, KindTimeout},
		{wsconn.CloseError{Code: codec.CloseProtocolError, By: wsconn.Local, Err: codec.ErrMaskedServerFrame}, KindViolation},
		{wsconn.CloseError{Code: codec.CloseMessageTooBig, By: wsconn.Local, Err: codec.ErrMessageTooBig}, KindTooLarge},
	}
	for _, tt := range tests {
		if got := endKind(&tt.end); got != tt.want {
			t.Errorf("endKind(%v) = %q, want %q", &tt.end, got, tt.want)
		}
	}
}

// The first error of a kind is the example, and what it quotes is bounded.
func TestTally(t *testing.T) {
	tally := newTally()
	long := []byte(strings.Repeat("\x1b", 10_000))
	tally.fail("a", 2, func() string { return "first " + quote(long) })
	tally.fail("a", 3, func() string { return "second" })
	tally.fail("b", 9, func() string { return strings.Repeat("é", maxExample) })
	tally.fail("c", 0, func() string { return "never" })
	tally.closed(&wsconn.CloseError{Code: codec.CloseNormal})
	errs, closes := tally.report()
	if len(errs) != 2 || errs[0].Kind != "b" || errs[0].Count != 9 || errs[1].Kind != "a" || errs[1].Count != 5 {
		t.Fatalf("got %v", errs)
	}
	if e := errs[1].Example; !strings.HasPrefix(e, `first "\x1b\x1b`) || !strings.HasSuffix(e, "… (10000 bytes)") || len(e) > maxExample {
		t.Errorf("the example is %q", e)
	}
	if e := errs[0].Example; len(e) > maxExample+len("…") || !strings.HasPrefix(e, "éé") {
		t.Errorf("the example is %q", e)
	}
	if want := (CloseCount{Code: codec.CloseNormal, By: "local", Count: 1}); len(closes) != 1 || closes[0] != want {
		t.Errorf("got %v, want %v", closes, want)
	}
	if tally.count() != 14 {
		t.Errorf("got %d errors, want 14", tally.count())
	}
}

func TestValidate(t *testing.T) {
	dial := []wsclient.Config{{URL: parse(t, "ws://x/")}}
	tests := []struct {
		cfg  Config
		want string // "" for none
	}{
		{Config{Dial: dial}, ""},
		{Config{Dial: dial, Connections: MaxConnections, Pipeline: 5, Size: 1 << 20, Binary: true, Check: CheckCount}, ""},
		{Config{Dial: dial, Idle: true}, ""},
		{Config{Dial: dial, Message: []byte{}}, ""},
		{Config{}, "there is no URL"},
		{Config{Dial: []wsclient.Config{{}}}, "there is no URL"},
		{Config{Dial: dial, Connections: -1}, "-1 connections"},
		{Config{Dial: dial, Connections: MaxConnections + 1}, "connections"},
		{Config{Dial: dial, Pipeline: MaxPipeline + 1}, "in flight"},
		{Config{Dial: dial, Rate: -1}, "a rate of -1"},
		{Config{Dial: dial, Rate: 2 * MaxRate}, "a rate of 2e+07"},
		{Config{Dial: dial, Rate: 1, Pipeline: 2}, "contradict"},
		{Config{Dial: dial, Message: []byte("x"), Size: 5}, "contradict"},
		{Config{Dial: dial, Message: []byte{0xff}}, "not valid UTF-8"},
		{Config{Dial: dial, Size: MaxSize + 1}, "too large"},
		{Config{Dial: dial, Size: 17 << 20}, "larger than the limit"},
		{Config{Dial: dial, Size: 17 << 20, Check: CheckNone}, ""},
		{Config{Dial: dial, Idle: true, Rate: 1}, "idle"},
		{Config{Dial: dial, Check: "all"}, `unknown check "all"`},
		{Config{Dial: dial, Duration: -1}, "negative"},
		{Config{Dial: dial, Duration: MaxTime + 1}, "longer than"},
		{Config{Dial: []wsclient.Config{{URL: parse(t, "unix:/s")}}, Sources: sources("127.0.0.1")}, "unix"},
	}
	for _, tt := range tests {
		err := tt.cfg.Validate()
		if tt.want == "" && err == nil {
			continue
		}
		var config *ConfigError
		if !errors.As(err, &config) || !strings.Contains(fmt.Sprint(err), tt.want) || tt.want == "" {
			t.Errorf("%+v: got %v, want %q", tt.cfg, err, tt.want)
		}
		if _, err := Run(t.Context(), tt.cfg, nil); !errors.As(err, &config) {
			t.Errorf("%+v: Run: got %v, want the same", tt.cfg, err)
		}
	}
}
