package conform

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"wskit/codec"
)

// A refusal is how a server is to answer a request that breaks a rule. The zero value
// is the usual one: with any 4xx status, for RFC 6455 §4.2.1 asks for "an appropriate
// HTTP error code (such as 400 Bad Request)" and says no more.
type refusal struct {
	// only are the statuses that a rule asks for. If empty, any 4xx is right.
	only []int
	// also are statuses that are right besides.
	also []int
	// plain says that the request may as well be answered like one that asks for no
	// upgrade, with any status but 101.
	plain bool
	// accepted is the verdict on a server that accepts. If empty, Fail. If Pass, the
	// server must echo then.
	accepted Verdict
	// agreeing is the header with which a server that accepts must not answer: it
	// would have read what it should refuse, and that is a fail.
	agreeing string
	// needs are the headers that an answer with a status must have; 0 stands for any
	// status.
	needs map[int]codec.Field
	// silent says that the server may wait for more.
	silent bool
	// headless says that the request is one of HTTP/0.9, where an answer has no head:
	// whatever it is, it refuses.
	headless bool
}

// refuses waits for a response that refuses. Another status that refuses is not strict,
// and neither is to hang up without one.
func (r refusal) refuses() step {
	return step{r.text(), func(s *session) error {
		h, err := s.readHead()
		switch {
		case errors.Is(err, errSilent) && r.silent:
			s.remark = "it waits for more"
			return nil
		case errors.Is(err, errSilent):
			return failf("it left the connection open and said nothing for %v", s.timeout)
		case err != nil && r.headless && !errors.Is(err, errSilent):
			s.remark = "it gave no answer with a status"
			return nil
		case errors.Is(err, errNotHTTP):
			return failf("%v", err)
		case err != nil:
			s.softly("%s without an answer, where %s is meant", endText(err), r.meant())
			return nil
		}
		s.opening.response = h
		line, err := codec.ParseStatusLine(h.Start)
		switch {
		case err != nil:
			return failf("its answer breaks a rule: %v", err)
		case line.Status == http.StatusSwitchingProtocols:
			return r.accepts(s, h)
		case crowded(line.Status):
			s.crowded = true
		}
		return r.judge(s, line.Status, &h)
	}}
}

// accepts judges a server that accepted.
func (r refusal) accepts(s *session, h codec.Head) error {
	if r.agreeing != "" && h.Has(r.agreeing) {
		return failf("it accepted the handshake, and agreed on %s", quote([]byte(h.Get(r.agreeing))))
	}
	switch r.accepted {
	case "":
		return failf("it accepted the handshake")
	case Pass:
		if err := s.accepts(h); err != nil {
			return err
		}
		s.remark = "it accepted the handshake"
		return s.runAll(echoes())
	}
	return &finding{r.accepted, "it accepted the handshake"}
}

// judge judges an answer that refuses.
func (r refusal) judge(s *session, status int, h *codec.Head) error {
	s.remark = fmt.Sprintf("it answered with %d %s", status, http.StatusText(status))
	if !r.right(status) {
		s.softly("it answered with %d, where %s is meant", status, r.meant())
	}
	for _, of := range []int{0, status} {
		if f, ok := r.needs[of]; ok && !h.ContainsToken(f.Name, f.Value) {
			return failf("its answer with %d does not say %s: %s", status, f.Name, f.Value)
		}
	}
	return nil
}

func (r refusal) right(status int) bool {
	switch {
	case crowded(status):
		return false
	case r.plain && status < 500, slices.Contains(r.also, status):
		return true
	case len(r.only) > 0:
		return slices.Contains(r.only, status)
	}
	return status >= 400 && status <= 499
}

// meant names the statuses that are right.
func (r refusal) meant() string {
	words := []string{"a 4xx status"}
	if len(r.only) > 0 {
		words = statusWords(nil, r.only)
	}
	return strings.Join(statusWords(words, r.also), " or ")
}

func statusWords(words []string, statuses []int) []string {
	for _, n := range statuses {
		words = append(words, fmt.Sprint(n))
	}
	return words
}

func (r refusal) text() string {
	text := "the server must refuse, with " + r.meant()
	switch {
	case r.accepted == Pass:
		text = "the server may refuse, with " + r.meant() + ", or accept and echo a message"
	case r.accepted != "":
		text = "the server should refuse, with " + r.meant()
	}
	if r.plain {
		text += ", or answer as if no upgrade were asked for"
	}
	for _, status := range slices.Sorted(maps.Keys(r.needs)) {
		with := "its answer"
		if status != 0 {
			with = fmt.Sprintf("an answer with %d", status)
		}
		text += fmt.Sprintf("; %s must say %s: %s", with, r.needs[status].Name, r.needs[status].Value)
	}
	return text
}
