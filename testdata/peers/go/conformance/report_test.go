package main

import (
	"strings"
	"testing"
)

// of returns an agent with a result for each of the words "case group verdict text…".
func of(name, role string, lines ...string) tested {
	t := tested{Name: name, Role: role, Version: "1.2"}
	for _, line := range lines {
		words := append(strings.SplitN(line, " ", 4), "")
		t.Results = append(t.Results, result{Case: words[0], Group: words[1], Verdict: words[2], Text: words[3]})
	}
	return t
}

func TestCell(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"no cases", nil, "–"},
		{"all well", []string{"a G pass", "b G pass", "c Other fail"}, "2"},
		{"not strict", []string{"a G pass", "b G non-strict"}, "1 / 1 / 0"},
		{"failed", []string{"a G pass", "b G fail"}, "1 / 0 / 1"},
		{"nothing but skipped", []string{"a G skipped", "b G informational"}, "–"},
		{"not run", []string{"a G pass", "b G not-run"}, "1 / 0 / 0, 1 not run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			agent := of("x", "server", tt.lines...)
			if got := agent.cell("G"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	r := report{
		agents: []tested{
			of("one", "server", "a Framing pass", "b Close fail it said *nothing*", "c Close fail it said *nothing*", "d Close non-strict it hung up"),
			of("two", "client", "a Framing pass", "b Close skipped it cannot"),
			of("three", "client", "a Framing pass", "b Close pass"),
		},
		notes: []string{"four is skipped: it is not here."},
	}
	got := r.markdown()
	for _, want := range []string{
		"| group | one 1.2 |\n| --- | --- |\n| Framing | 1 |\n| Close | 0 / 1 / 2 |\n| **all** | 1 / 1 / 2 |\n| informational | 0 |\n| skipped | 0 |\n",
		"| Close | – | 1 |\n",
		"| skipped | 1 | 0 |\n",
		"- four is skipped: it is not here.\n",
		"<b>one, server</b>: 1 pass, 1 non-strict, 2 fail</summary>",
		"- fail: it said \\*nothing\\*: `b`, `c`\n- non-strict: it hung up: `d`\n",
		"**two, client**: nothing.\n",
		"**three, client**: nothing.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

func TestScript(t *testing.T) {
	a := agent{name: "it's", command: []string{"/a b/c", "-connect"}}
	if got, want := a.script(), `'/a b/c' '-connect' "$WSKIT_URL" 'it'\''s'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSentence(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`pong of 6 B "in\"side"… did not come within 3s`, "pong of n B “…” did not come within 3s"},
		{`it answered "permessage-deflate" to permessage-deflate; a="1, 2", which it must decline`, "it answered “…” to an offer that it must decline"},
		{"it waits for the 2^32+1 bytes that were announced", "it waits for the n B that were announced"},
		{"it answered with 400, where 426 is meant", "it answered with 400, where 426 is meant"},
	} {
		if got := sentence(tt.text); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
