package conform

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"wskit/codec"
)

// An opening is the opening handshake of a connection, from either end.
type opening struct {
	// request is what we send to a server, or what a client sent.
	request head
	// asked is what the request asked for.
	asked codec.Request
	// response is what a server answered, and agreed what it agreed to.
	response codec.Head
	agreed   codec.Agreement
}

// A head is the head of a request or a response that is to be sent, as wrong as it is
// asked to be: nothing in it is checked.
type head struct {
	start  string
	fields []codec.Field
	// end is the blank line, and what is to follow it.
	end string
}

func newHead(h codec.Head) head {
	return head{start: h.Start, fields: slices.Clone(h.Fields), end: "\r\n"}
}

func (h head) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(h.start + "\r\n")
	for _, f := range h.fields {
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	b.WriteString(h.end)
	return b.Bytes()
}

// set replaces the value of a field, or adds the field.
func (h *head) set(name, value string) {
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].Name, name) {
			h.fields[i].Value = value
			return
		}
	}
	h.add(name, value)
}

func (h *head) add(name, value string) {
	h.fields = append(h.fields, codec.Field{Name: name, Value: value})
}

// get returns the value of the first field of that name.
func (h *head) get(name string) (value string, ok bool) {
	for _, f := range h.fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

func (h *head) drop(name string) {
	h.fields = slices.DeleteFunc(h.fields, func(f codec.Field) bool { return strings.EqualFold(f.Name, name) })
}

func (h *head) rename(name, to string) {
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].Name, name) {
			h.fields[i].Name = to
		}
	}
}

// ask sends the request of the opening handshake, changed by change, which may be nil.
// The text says how: "with Upgrade: WEBSOCKET".
func ask(text string, change func(*head)) step {
	return step{strings.TrimSpace("send the request " + text), func(s *session) error {
		h := s.opening.request
		h.fields = slices.Clone(h.fields)
		if change != nil {
			change(&h)
		}
		s.ask(h)
		return nil
	}}
}

// ask sends a request.
func (s *session) ask(h head) {
	key, _ := h.get("Sec-WebSocket-Key")
	s.opening.asked = codec.Request{Key: key}
	if offer, ok := h.get("Sec-WebSocket-Extensions"); ok {
		s.opening.asked.Extensions, _ = codec.ParseExtensions([]string{offer})
	}
	if protocols, ok := h.get("Sec-WebSocket-Protocol"); ok {
		for name := range strings.SplitSeq(protocols, ",") {
			s.opening.asked.Protocols = append(s.opening.asked.Protocols, strings.TrimSpace(name))
		}
	}
	s.write(h.bytes())
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

// refuses waits for a response that refuses, with one of these statuses. Another status
// that refuses is not strict, and neither is to hang up without one.
func refuses(statuses ...int) step {
	words := make([]string, len(statuses))
	for i, n := range statuses {
		words[i] = fmt.Sprint(n)
	}
	list := strings.Join(words, " or ")
	return step{"the server must refuse, with " + list, func(s *session) error {
		h, err := s.readHead()
		switch {
		case errors.Is(err, errSilent):
			return failf("it left the connection open and said nothing for %v", s.timeout)
		case errors.Is(err, errNotHTTP):
			return failf("%v", err)
		case err != nil:
			s.softly("%s without an answer, where %s is meant", endText(err), list)
			return nil
		}
		s.opening.response = h
		line, err := codec.ParseStatusLine(h.Start)
		switch {
		case err != nil:
			return failf("its answer breaks a rule: %v", err)
		case line.Status == http.StatusSwitchingProtocols:
			return failf("it accepted the handshake")
		case !slices.Contains(statuses, line.Status):
			s.softly("it answered with %d, where %s is meant", line.Status, list)
		}
		return nil
	}}
}

// errNotHTTP says that a head is none.
var errNotHTTP = errors.New("its answer is not HTTP")

// maxHead is the most that a head may take, in bytes.
const maxHead = 256 << 10

// readHead returns the next head that is not an interim response.
func (s *session) readHead() (codec.Head, error) {
	for {
		h, err := s.readAnyHead()
		if err != nil {
			return h, err
		}
		line, err := codec.ParseStatusLine(h.Start)
		if err != nil || line.Status == http.StatusSwitchingProtocols || line.Status >= 200 {
			return h, nil
		}
	}
}

func (s *session) readAnyHead() (h codec.Head, err error) {
	p := codec.HeadParser{MaxBytes: maxHead}
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
