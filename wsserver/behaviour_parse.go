package wsserver

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
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

// behaviours are the ones that ParseMount knows. A name that ends in a colon takes
// what follows it.
var behaviours = []struct {
	name string
	make func(arg string) (Route, error)
}{
	{"echo", func(string) (Route, error) { return Echo(), nil }},
	{"echo-frames", func(string) (Route, error) { return EchoFrames(), nil }},
	{"text:", parseText(Text)},
	{"text-frames:", parseText(TextFrames)},
	{"reject:", parseReject},
}

// ParseMount reads PATH=BEHAVIOUR. PATH is a pattern of [net/http.ServeMux] whose
// leading slash may be left out; a behaviour alone is for every path. The error is
// a *BehaviourError, or a *ConfigError for what follows the behaviour's colon.
func ParseMount(arg string) (Mount, error) {
	if arg == "" {
		return Mount{}, &BehaviourError{Arg: arg, Problem: "it is empty", hint: "write PATH=BEHAVIOUR, such as /ws=echo"}
	}
	route, known, err := parseBehaviour(arg)
	if known {
		return Mount{Pattern: "/", Route: route}, err
	}
	path, behaviour, ok := strings.Cut(arg, "=")
	if !ok {
		hint := "the behaviours are " + behaviourNames()
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
	route, known, err = parseBehaviour(behaviour)
	if !known {
		return Mount{}, &BehaviourError{
			Arg: arg, Problem: fmt.Sprintf("unknown behaviour %q", behaviour),
			hint: "the behaviours are " + behaviourNames(),
		}
	}
	return Mount{Pattern: path, Route: route}, err
}

// parseBehaviour reports whether s names a behaviour, and reads it.
func parseBehaviour(s string) (r Route, known bool, err error) {
	for _, b := range behaviours {
		rest, ok := strings.CutPrefix(s, b.name)
		if ok && (rest == "" || strings.HasSuffix(b.name, ":")) {
			r, err := b.make(rest)
			return r, true, err
		}
	}
	return nil, false, nil
}

func behaviourNames() string {
	names := make([]string, len(behaviours))
	for i, b := range behaviours {
		names[i] = b.name
		if strings.HasSuffix(b.name, ":") {
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
