// Package conform tests how other implementations keep the rules of RFC 6455 and
// RFC 7692. It holds a catalogue of cases, and two ways to run them: against a
// server, to which it makes a connection for each case, and against a client, which
// makes one to it for each case.
//
// A Case is a list of steps: what is sent, byte by byte where that matters, and what
// is allowed to come back. The peer must be one that echoes every message. What it
// sends is held against the rules in every case, whatever the case is about.
package conform

import (
	"path"
	"slices"
	"strings"
	"sync"

	"wskit/codec"
)

// A Case is one question to a peer.
type Case struct {
	// ID names it for good: the RFC, the section, and words: "6455-5.5-ping-126".
	ID string
	// Group is the heading that it stands under.
	Group string
	// Title says in a few words what it is about.
	Title string
	// Why is the rule that it tests, in words.
	Why string
	// Server and Client say which peers it is for.
	Server, Client bool
	// Big marks a case that moves many megabytes or lasts for seconds.
	Big bool

	// offer is what we offer as a client in Sec-WebSocket-Extensions, "" for
	// nothing; answer what we answer as a server to a client that offered
	// permessage-deflate, "" for nothing. A case with one of them is skipped for
	// a peer that declines, or did not offer.
	offer, answer string
	// bare cases are never run with another extension than their own.
	bare bool
	// manual cases perform the opening handshake in their steps. Others begin
	// after it.
	manual bool
	steps  []step
}

// Section returns the section that the case is about: "RFC 6455 §5.5".
func (c *Case) Section() string {
	rfc, rest, _ := strings.Cut(c.ID, "-")
	section, _, _ := strings.Cut(rest, "-")
	return "RFC " + rfc + " §" + section
}

// Steps says what the case does and what it allows, a line each.
func (c *Case) Steps() []string {
	var lines []string
	if c.offer != "" {
		lines = append(lines, "offer "+c.offer)
	}
	if c.answer != "" {
		lines = append(lines, "agree on "+c.answer)
	}
	for _, s := range c.steps {
		lines = append(lines, s.text)
	}
	return lines
}

// For reports whether the case is for peers of that role.
func (c *Case) For(role codec.Role) bool {
	if role == codec.RoleServer {
		return c.Server
	}
	return c.Client
}

// Catalogue returns all cases in their order, which never depends on the peer. They are
// the same with each call, and not to be changed.
func Catalogue() []*Case { return slices.Clone(catalogue()) }

// catalogue makes the cases once, which takes a while.
var catalogue = sync.OnceValue(func() []*Case {
	return slices.Concat(
		openingCases(), answerCases(),
		maskingCases(), framingCases(), choppedCases(), controlCases(), fragmentCases(), textCases(), closeCases(),
		deflateCases(), limitCases(), bigCases(),
	)
})

// Select returns the cases for peers of that role whose ID matches one of the
// patterns, as path.Match does, with a * at either end understood unless the pattern is
// the ID of a case; without patterns, all but the big ones, unless big asks for them
// too. A pattern selects big cases as well.
func Select(role codec.Role, patterns []string, big bool) ([]*Case, error) {
	all := Catalogue()
	patterns = slices.Clone(patterns)
	for i, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(c *Case) bool { return c.ID == p }) {
			patterns[i] = "*" + p + "*"
		}
	}
	var cases []*Case
	for _, c := range all {
		if !c.For(role) || len(patterns) == 0 && c.Big && !big {
			continue
		}
		if len(patterns) == 0 || slices.ContainsFunc(patterns, c.matches) {
			cases = append(cases, c)
		}
	}
	return cases, nil
}

func (c *Case) matches(pattern string) bool {
	ok, _ := path.Match(pattern, c.ID) // Select has checked it
	return ok
}

// Lookup returns the case with that ID.
func Lookup(id string) (c *Case, ok bool) {
	for _, c := range Catalogue() {
		if c.ID == id {
			return c, true
		}
	}
	return nil, false
}
