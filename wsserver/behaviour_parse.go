package wsserver

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"wskit/codec/wsconn"
)

// A BehaviourError says what is wrong with a PATH=BEHAVIOUR argument.
type BehaviourError struct {
	// Arg is what was given.
	Arg string
	// Problem says what is wrong, in a few words.
	Problem string

	hint string
}

// Error names the argument and the problem.
func (e *BehaviourError) Error() string { return fmt.Sprintf("parse %q: %s", e.Arg, e.Problem) }

// Hint says what to type instead, or is empty.
func (e *BehaviourError) Hint() string { return e.hint }

// A Behaviour is what a PATH=BEHAVIOUR argument may name.
type Behaviour struct {
	// Name is what the argument says. One that ends in a colon takes what
	// follows it, which may be anything.
	Name string
	// Make returns the route for what follows the colon.
	Make func(arg string) (Route, error)
}

// A BehaviourConfig says which behaviours there are, and how they behave. The zero
// value has those of this package.
type BehaviourConfig struct {
	// SlowConsumer is what broadcast does about a member who does not read. If
	// zero, it closes the connection.
	SlowConsumer wsconn.OutboxPolicy
	// Extra are behaviours beside those of this package. If empty, there are
	// none.
	Extra []Behaviour
}

// ParseMount is that of the zero BehaviourConfig.
func ParseMount(arg string) (Mount, error) { return BehaviourConfig{}.ParseMount(arg) }

// behaviours returns those that there are, this package's first.
func (c BehaviourConfig) behaviours() []Behaviour {
	return append([]Behaviour{
		{"echo", func(string) (Route, error) { return Echo(), nil }},
		{"echo-frames", func(string) (Route, error) { return EchoFrames(), nil }},
		{"text:", parseText(Text)},
		{"text-frames:", parseText(TextFrames)},
		{"broadcast", func(string) (Route, error) { return Broadcast(c.SlowConsumer), nil }},
		{"reject:", parseReject},
	}, c.Extra...)
}

// ParseMount reads PATH=BEHAVIOUR. PATH is a pattern of [net/http.ServeMux] whose
// leading slash may be left out; a behaviour alone is for every path. The error is
// a *BehaviourError, or for what follows the behaviour's colon that of its Make, here a
// *ConfigError.
func (c BehaviourConfig) ParseMount(arg string) (Mount, error) {
	if arg == "" {
		return Mount{}, &BehaviourError{Arg: arg, Problem: "it is empty", hint: "write PATH=BEHAVIOUR, such as /ws=echo"}
	}
	behaviours := c.behaviours()
	route, known, err := parseBehaviour(behaviours, arg)
	if known {
		return Mount{Pattern: "/", Route: route}, err
	}
	path, behaviour, ok := strings.Cut(arg, "=")
	if !ok {
		hint := "the behaviours are " + behaviourNames(behaviours)
		if strings.HasPrefix(arg, "/") || isName(arg) {
			hint = "did you mean " + arg + "=echo ?"
		}
		return Mount{}, &BehaviourError{Arg: arg, Problem: "it is neither PATH=BEHAVIOUR nor a behaviour", hint: hint}
	}
	if path == "" {
		return Mount{}, &BehaviourError{Arg: arg, Problem: "the path is empty", hint: "write /" + arg}
	}
	if path[0] != '/' {
		path = "/" + path
	}
	route, known, err = parseBehaviour(behaviours, behaviour)
	if !known {
		return Mount{}, &BehaviourError{
			Arg: arg, Problem: fmt.Sprintf("unknown behaviour %q", behaviour),
			hint: "the behaviours are " + behaviourNames(behaviours),
		}
	}
	return Mount{Pattern: path, Route: route}, err
}

// parseBehaviour reports whether s names one of the behaviours, and reads it.
func parseBehaviour(behaviours []Behaviour, s string) (r Route, known bool, err error) {
	for _, b := range behaviours {
		rest, ok := strings.CutPrefix(s, b.Name)
		if ok && (rest == "" || strings.HasSuffix(b.Name, ":")) {
			r, err := b.Make(rest)
			return r, true, err
		}
	}
	return nil, false, nil
}

func behaviourNames(behaviours []Behaviour) string {
	names := make([]string, len(behaviours))
	for i, b := range behaviours {
		names[i] = b.Name
		if strings.HasSuffix(b.Name, ":") {
			names[i] += "…"
		}
	}
	return strings.Join(names, ", ")
}

func parseText(route func(string) Route) func(string) (Route, error) {
	return func(s string) (Route, error) {
		if !utf8.ValidString(s) {
			return nil, configError("text", s, "a text message is valid UTF-8", "")
		}
		return route(s), nil
	}
}

func parseReject(s string) (Route, error) {
	code, body, _ := strings.Cut(s, ":")
	status, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || status < 200 || status > 599 {
		return nil, configError("status", code, "a refusal has a status from 200 to 599", "write reject:403 or reject:503:BODY")
	}
	return Reject(status, body), nil
}
