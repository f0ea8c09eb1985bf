package load

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// maxExample and maxQuoted bound an example, and what it quotes of a message, in
// bytes.
const (
	maxExample = 400
	maxQuoted  = 48
)

// A tally counts what went wrong, and how connections ended.
type tally struct {
	mu sync.Mutex
	// guarded by mu
	errors map[string]*ErrorCount
	total  int64
	closes map[CloseCount]int64 // their Count is zero
}

func newTally() *tally {
	return &tally{errors: make(map[string]*ErrorCount), closes: make(map[CloseCount]int64)}
}

// fail counts n errors of a kind. The example is made for the first of them.
func (t *tally) fail(kind string, n int64, example func() string) {
	if n <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.errors[kind]
	if e == nil {
		e = &ErrorCount{Kind: kind, Example: cut(example())}
		t.errors[kind] = e
	}
	e.Count += n
	t.total += n
}

func (t *tally) closed(end *wsconn.CloseError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closes[CloseCount{Code: end.Code, By: end.By.String()}]++
}

func (t *tally) count() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total
}

// report returns what was counted, sorted.
func (t *tally) report() (errs []ErrorCount, closes []CloseCount) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return sorted(t.errors, t.closes)
}

// sorted returns counts as lists, the largest first.
func sorted(errs map[string]*ErrorCount, closes map[CloseCount]int64) ([]ErrorCount, []CloseCount) {
	e, c := []ErrorCount{}, []CloseCount{}
	for _, one := range errs {
		e = append(e, *one)
	}
	for one, n := range closes {
		one.Count = n
		c = append(c, one)
	}
	slices.SortFunc(e, func(a, b ErrorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind))
	})
	slices.SortFunc(c, func(a, b CloseCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.By, b.By))
	})
	return e, c
}

// cut bounds an example.
func cut(s string) string {
	if len(s) <= maxExample {
		return s
	}
	return strings.ToValidUTF8(s[:maxExample], "") + "…"
}

// quote shows the beginning of a message.
func quote(b []byte) string {
	if len(b) <= maxQuoted {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… (%d bytes)", b[:maxQuoted], len(b))
}

// dialKind returns the kind of a failure to open a connection.
func dialKind(err error) string {
	if e, ok := errors.AsType[*wsclient.DialError](err); ok {
		switch {
		case e.Timeout():
			return KindTimeout
		case e.Op == wsclient.OpResolve:
			return KindDNS
		case e.Op == wsclient.OpTLS:
			return KindTLS
		case errors.Is(err, syscall.ECONNREFUSED):
			return KindRefused
		}
		return KindConnect
	}
	if e, ok := errors.AsType[*wsclient.HandshakeError](err); ok {
		switch {
		case e.Timeout():
			return KindTimeout
		case e.Status != 0 && e.Status != 101:
			return fmt.Sprintf("%s %d", KindHandshake, e.Status)
		}
	}
	return KindHandshake
}

// endKind returns the kind of an early end of a connection.
func endKind(end *wsconn.CloseError) string {
	v, violated := errors.AsType[*codec.Violation](end.Err)
	network, _ := errors.AsType[net.Error](end.Err)
	switch {
	case violated && v.Close == codec.CloseMessageTooBig:
		return KindTooLarge
	case violated:
		return KindViolation
	case errors.Is(end.Err, wsconn.ErrWriteTimeout):
		return KindWrite
	case errors.Is(end.Err, wsconn.ErrMessageTimeout), errors.Is(end.Err, wsconn.ErrPingTimeout):
		return KindTimeout
	case end.By == wsconn.Peer:
		return fmt.Sprintf("%s %d", KindClosed, uint16(end.Code))
	case network != nil && network.Timeout():
		return KindTimeout
	}
	return KindReset
}
