package trace

import "wskit/codec"

// A rule is what is known about one problem code.
type rule struct {
	code     string
	section  string
	text     string // what is wrong, or what the broken rule asks for
	severity Severity
	close    codec.CloseCode // what the receiver closes with, zero for none
	status   int             // what a server refuses the handshake with, zero for none

	// For people: why there is the rule, the usual cause, and what to do.
	meaning, cause, remedy string
}

// broken is the rule that v names.
func broken(v *codec.Violation, meaning, cause, remedy string) rule {
	return rule{
		code: v.Code, section: v.Section, text: v.Reason, severity: Error, close: v.Close, status: v.Status,
		meaning: meaning, cause: cause, remedy: remedy,
	}
}

// limit is a limit that v names: what exceeds it breaks no rule of the protocol.
func limit(v *codec.Violation, meaning, cause, remedy string) rule {
	r := broken(v, meaning, cause, remedy)
	r.severity = Warning
	return r
}

// rules are all problems by their code.
var rules = func() map[string]rule {
	all := make(map[string]rule)
	for _, list := range [][]rule{frameRules, messageRules, headRules, requestRules, responseRules, extensionRules, ownRules} {
		for _, r := range list {
			all[r.code] = r
		}
	}
	return all
}()

// NewProblem returns the problem with that code, which must be one of the table:
// that of a codec.Violation or one of the constants of this package. From is who
// caused it. Detail says what was found, and may be empty.
func NewProblem(code string, from codec.Role, detail string) *Problem {
	r, ok := rules[code]
	if !ok {
		panic("trace: no such problem: " + code)
	}
	return &Problem{
		From: from, Code: r.code, Severity: r.severity, RFC: r.section,
		Text: r.text, Detail: detail, Hint: r.cause,
	}
}
