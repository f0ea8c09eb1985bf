package commands

import (
	"context"
	"fmt"
	"strings"

	"wskit/internal/trace"
)

func newExplain(env *Env) *command {
	return &command{
		name:    "explain",
		args:    "[WORD]",
		summary: "what a close code, an opcode or a problem means, and what to do about it",
		about: "Explains a close code (1006), an opcode (ping, 0x9) or the name of a problem that\n" +
			"inspect reported (unmasked-client-frame). Without a word, lists all that it knows.",
		examples: []example{
			{"wskit explain 1006", "a close code"},
			{"wskit explain unmasked-client-frame", "a problem that inspect named"},
			{"wskit explain 0x9", "an opcode"},
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
	topic, ok := trace.Explain(args[0])
	if !ok {
		e := usagef("nothing is known of %q", args[0])
		if near := trace.Suggest(args[0]); len(near) > 0 {
			return e.withHint("did you mean %s?", strings.Join(near, ", "))
		}
		return e.withHint("wskit explain lists the words")
	}
	return env.print(topicText(topic))
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
