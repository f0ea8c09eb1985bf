package commands

import (
	"context"
	"fmt"
	"strings"

	"wskit/internal/conform"
	"wskit/internal/trace"
)

func newExplain(env *Env) *command {
	return &command{
		name:    "explain",
		args:    "[WORD]",
		summary: "what a close code, an opcode, a problem or a case of check means",
		about: "Explains a close code (1006), an opcode (ping, 0x9), the name of a problem that inspect\n" +
			"reported (unmasked-client-frame) or a case of check (6455-5.2-rsv-1-text). Without a word,\n" +
			"lists all that it knows but for the cases, which wskit check --list lists.",
		examples: []example{
			{"wskit explain 1006", "a close code"},
			{"wskit explain unmasked-client-frame", "a problem that inspect named"},
			{"wskit explain 0x9", "an opcode"},
			{"wskit explain 6455-5.2-rsv-1-text", "what a case of check does, and why"},
			{"wskit explain", "all the words"},
		},
		run: func(_ context.Context, args []string) error { return explain(env, args) },
	}
}

func explain(env *Env, args []string) error {
	switch len(args) {
	case 0:
		return env.print(strings.Join(trace.Words(), "\n") + "\n")
	case 1:
	default:
		return usagef("one word is wanted, %d were given", len(args)).withHint("wskit explain %s", args[0])
	}
	if topic, ok := trace.Explain(args[0]); ok {
		return env.print(topicText(topic))
	}
	if c, ok := conform.Lookup(strings.ToLower(args[0])); ok {
		return env.print(caseText(c))
	}
	e := usagef("nothing is known of %q", args[0])
	near := trace.Suggest(args[0])
	if len(near) == 0 {
		near = nearCases(strings.ToLower(args[0]))
	}
	if len(near) > 0 {
		return e.withHint("did you mean %s?", strings.Join(near, ", "))
	}
	return e.withHint("wskit explain lists the words, and wskit check --list the cases")
}

// nearCases returns a few cases that word may have been meant for.
func nearCases(word string) []string {
	const most = 3
	var ids, some []string
	for _, c := range conform.Catalogue() {
		ids = append(ids, c.ID)
		if len(word) >= 3 && len(some) < most && strings.Contains(c.ID, word) {
			some = append(some, c.ID)
		}
	}
	if near := nearest(word, ids); near != "" {
		return []string{near}
	}
	return some
}

// caseText lays a case of check out for a terminal.
func caseText(c *conform.Case) string {
	peers := "servers and clients"
	switch {
	case !c.Client:
		peers = "servers"
	case !c.Server:
		peers = "clients"
	}
	kind := "case of wskit check"
	if c.Big {
		kind = "big " + kind
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%s, %s, for %s\n\n", c.ID, c.Title, kind, c.Section(), peers)
	writeColumns(&b, "Rule", c.Why, 8)
	b.WriteByte('\n')
	name := "Steps"
	for i, step := range c.Steps() {
		writeColumns(&b, name, fmt.Sprintf("%d. %s", i+1, step), 8)
		name = ""
	}
	b.WriteByte('\n')
	try := "wskit check --case " + c.ID + " -v URL"
	if !c.Server {
		try = "wskit check --case " + c.ID + " -v --run COMMAND"
	}
	writeColumns(&b, "Try", try, 8)
	return b.String()
}

// topicText lays a topic out for a terminal.
func topicText(t trace.Topic) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.Word, t.Title)
	fmt.Fprintf(&b, "%s\n", strings.Join(nonEmpty(t.Kind, t.Section, t.Answer), ", "))
	for _, part := range []struct{ head, text string }{
		{"Meaning", t.Meaning},
		{"Why", t.Cause},
		{"Try", t.Remedy},
	} {
		if part.text != "" {
			b.WriteByte('\n')
			writeColumns(&b, part.head, part.text, 8)
		}
	}
	return b.String()
}

func nonEmpty(words ...string) []string {
	var some []string
	for _, w := range words {
		if w != "" {
			some = append(some, w)
		}
	}
	return some
}
