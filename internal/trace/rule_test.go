package trace

import (
	"regexp"
	"strings"
	"testing"

	"wskit/codec"
)

// TestRulesCoverViolations holds the table to codec: each violation is in it, as
// codec has it, and nothing else but what this package names.
func TestRulesCoverViolations(t *testing.T) {
	own := make(map[string]bool)
	for _, r := range ownRules {
		own[r.code] = true
	}
	violations := make(map[string]bool)
	for _, v := range codec.Violations() {
		violations[v.Code] = true
		r, ok := rules[v.Code]
		if !ok {
			t.Errorf("%s: not in the table", v.Code)
			continue
		}
		if r.section != v.Section || r.text != v.Reason || r.close != v.Close || r.status != v.Status {
			t.Errorf("%s: got %s, %q, %d, %d, want %s, %q, %d, %d", v.Code,
				r.section, r.text, r.close, r.status, v.Section, v.Reason, v.Close, v.Status)
		}
		if own[v.Code] {
			t.Errorf("%s: a violation of codec has the name of a problem of this package", v.Code)
		}
	}
	for code := range rules {
		if !violations[code] && !own[code] {
			t.Errorf("%s: neither a violation of codec nor a problem of this package", code)
		}
	}
}

// TestRulesAreWhole checks that every entry says all that Explain prints, in words
// that fit where they are printed.
func TestRulesAreWhole(t *testing.T) {
	code := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	total := 0
	for _, list := range [][]rule{frameRules, messageRules, headRules, requestRules, responseRules, extensionRules, ownRules} {
		total += len(list)
	}
	if total != len(rules) {
		t.Errorf("%d entries give %d rules: a code is there twice", total, len(rules))
	}
	for _, r := range rules {
		if !code.MatchString(r.code) {
			t.Errorf("%q: not a code", r.code)
		}
		if !strings.HasPrefix(r.section, "RFC ") || !strings.Contains(r.section, " §") {
			t.Errorf("%s: section %q", r.code, r.section)
		}
		switch r.severity {
		case Error, Warning, Note:
		default:
			t.Errorf("%s: severity %q", r.code, r.severity)
		}
		checkProse(t, r.code, r.meaning, r.cause, r.remedy)
	}
}

// checkProse checks the three texts of a topic: sentences, but the cause, which
// follows "usually: ".
func checkProse(t *testing.T, name, meaning, cause, remedy string) {
	t.Helper()
	if len(meaning) < 10 || !strings.HasSuffix(meaning, ".") {
		t.Errorf("%s: meaning %q is no sentence", name, meaning)
	}
	if len(cause) < 8 || strings.HasSuffix(cause, ".") || len(cause) > 300 {
		t.Errorf("%s: cause %q", name, cause)
	}
	if len(remedy) < 8 || !strings.HasSuffix(remedy, ".") {
		t.Errorf("%s: remedy %q is no sentence", name, remedy)
	}
}

func TestNewProblem(t *testing.T) {
	got := *NewProblem("unmasked-client-frame", codec.RoleClient, "MASK is 0")
	want := Problem{
		From: codec.RoleClient, Code: "unmasked-client-frame", Severity: Error, RFC: "RFC 6455 §5.1",
		Text: "a client must mask every frame", Detail: "MASK is 0",
		Hint: rules["unmasked-client-frame"].cause,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
