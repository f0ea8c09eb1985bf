package conform

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"wskit/codec"
)

// An opening is the opening handshake of a connection, from either end.
type opening struct {
	// request is what we send to a server, or what a client sent.
	request head
	// asked is what the request asked for.
	asked codec.Request
	// fault says which rule a client's request breaks, "" for none.
	fault string
	// response is what a server answered, and agreed what it agreed to.
	response codec.Head
	agreed   codec.Agreement
}

// ask sends the request of the opening handshake, changed by change, which may be nil.
// The text says how: "with Upgrade: WEBSOCKET".
func ask(text string, change func(*head)) step {
	return step{strings.TrimSpace("send the request " + text), func(s *session) error {
		s.write(s.asking(change))
		return nil
	}}
}

// askInPieces sends the request in pieces of size bytes, each in a write of its own.
func askInPieces(size int) step {
	return step{fmt.Sprintf("send the request in pieces of %d B", size), func(s *session) error {
		for piece := range slices.Chunk(s.asking(nil), size) {
			s.write(piece)
		}
		return nil
	}}
}

// askCut sends the request in two writes with a moment in between, cut within what
// where is.
func askCut(text string, where func([]byte) int) step {
	return step{"send the request cut " + text + ", and the rest after a moment", func(s *session) error {
		b := s.asking(nil)
		n := where(b)
		s.write(b[:n])
		time.Sleep(moment)
		s.write(b[n:])
		return nil
	}}
}

// askAnd sends the request and frames in one write.
func askAnd(frames ...frame) step {
	return step{"send the request and, right behind it, " + describe(frames), func(s *session) error {
		s.write(append(s.asking(nil), s.encode(frames)...))
		return nil
	}}
}

// ask sends a request.
func (s *session) ask(h head) { s.write(s.asks(h)) }

// asking returns the request that change makes.
func (s *session) asking(change func(*head)) []byte {
	h := s.opening.request
	h.fields = slices.Clone(h.fields)
	if change != nil {
		change(&h)
	}
	return s.asks(h)
}

// asks notes what a request asks for, and returns its bytes.
func (s *session) asks(h head) []byte {
	key, _ := h.get("Sec-WebSocket-Key")
	s.opening.asked = codec.Request{Key: key}
	s.opening.asked.Extensions, _ = codec.ParseExtensions(h.values("Sec-WebSocket-Extensions"))
	for _, protocols := range h.values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(protocols, ",") {
			s.opening.asked.Protocols = append(s.opening.asked.Protocols, strings.Trim(name, " \t"))
		}
	}
	return h.bytes()
}

// accepted waits for a response that accepts, and keeps all rules.
func accepted() step {
	return step{"the server must accept", func(s *session) error { return s.accepted() }}
}

func (s *session) accepted() error {
	h, err := s.readHead()
	if err != nil {
		return s.finding("the response", err)
	}
	return s.accepts(h)
}

// accepts judges a response that is to accept.
func (s *session) accepts(h codec.Head) (err error) {
	s.opening.response = h
	s.opening.agreed, err = codec.CheckResponse(&s.opening.asked, &h, nil)
	if rule, ok := errors.AsType[*codec.HandshakeError](err); ok {
		if rule.Violation == codec.ErrHandshakeStatus {
			return &refused{rule.Status}
		}
		return failf("its response breaks a rule: %v", rule)
	}
	if err != nil {
		return failf("its response breaks a rule: %v", err)
	}
	s.established(s.opening.agreed)
	return nil
}

// refused is a response with another status than 101.
type refused struct{ status int }

func (r *refused) Error() string {
	return fmt.Sprintf("it refused the handshake with %d %s", r.status, http.StatusText(r.status))
}

// crowded reports whether a status says that there is no room.
func crowded(status int) bool {
	return status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests
}

// echoes is a message and its echo, and the end of the connection.
func echoes() []step {
	return []step{send(textFrame("accepted")), expect(textMessage("accepted")), finish()}
}

// mayRefuse waits for a response that accepts, and then for the echo of a message. A
// server that refuses gets that verdict.
func mayRefuse(verdict Verdict) step {
	text := "the server should accept, and echo a message"
	if verdict != NonStrict {
		text = "the server may accept, and echo a message, or refuse"
	}
	return step{text, func(s *session) error {
		err := s.accepted()
		if no, ok := errors.AsType[*refused](err); ok && !crowded(no.status) {
			return &finding{verdict, no.Error()}
		}
		if err != nil {
			return err
		}
		s.remark = "it accepted the handshake"
		return s.runAll(echoes())
	}}
}

// runAll runs steps up to the first that ends the case.
func (s *session) runAll(steps []step) error {
	for _, step := range steps {
		if err := step.run(s); err != nil {
			return err
		}
	}
	return nil
}

// errNotHTTP says that a head is none.
var errNotHTTP = errors.New("its answer is not HTTP")

// maxHead is the most that a head may take, in bytes.
const maxHead = 256 << 10

// readHead returns the next head that is not an interim response.
func (s *session) readHead() (codec.Head, error) {
	for {
		h, err := s.readAnyHead(nil)
		if err != nil {
			return h, err
		}
		line, err := codec.ParseStatusLine(h.Start)
		if err != nil || line.Status == http.StatusSwitchingProtocols || line.Status >= 200 {
			return h, nil
		}
	}
}

// readAnyHead returns the next head. Report is as in codec.HeadParser.
func (s *session) readAnyHead(report func(*codec.HandshakeError)) (h codec.Head, err error) {
	p := codec.HeadParser{MaxBytes: maxHead, Report: report}
	var broken error
	err = s.in.await(s.timeout, func(b []byte) (taken int, enough bool) {
		head, n, err := p.Parse(b)
		switch {
		case err == nil:
			h = head
			return n, true
		case errors.Is(err, codec.ErrShort):
			return 0, false
		}
		broken = fmt.Errorf("%w: %v: it begins with %s", errNotHTTP, err, quote(b))
		return 0, true
	})
	if broken != nil {
		return h, broken
	}
	return h, err
}
