package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"peers/internal/markdown"
)

// A tested is what wskit check says of one agent.
type tested struct {
	Name    string
	Role    string
	Version string // ours to say
	Ended   string
	Results []result
}

// A result is what it says of one case.
type result struct {
	Case    string
	Group   string
	Verdict string
	Text    string
}

// The verdicts, from good to bad.
const (
	pass          = "pass"
	informational = "informational"
	skipped       = "skipped"
	nonStrict     = "non-strict"
	fail          = "fail"
	notRun        = "not-run"
)

// count returns how many of the agent's cases in a group have a verdict. The group "" is all.
func (t *tested) count(group, verdict string) int {
	n := 0
	for _, r := range t.Results {
		if r.Verdict == verdict && (group == "" || r.Group == group) {
			n++
		}
	}
	return n
}

// summary says in short how the agent did.
func (t *tested) summary() string {
	var words []string
	for _, verdict := range []string{pass, nonStrict, fail, informational, skipped, notRun} {
		if n := t.count("", verdict); n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	return strings.Join(words, ", ")
}

// A report is the tables of a run.
type report struct {
	agents   []tested
	files    []string
	notes    []string // who was skipped, and why
	failures []string // who could not be tested, and why
}

// markdown returns the tables, and what was found.
func (r *report) markdown() string {
	var b strings.Builder
	for _, role := range []string{"server", "client"} {
		r.matrix(&b, role)
	}
	b.WriteString("\n")
	for _, note := range slices.Concat(r.facts(), r.notes, r.failures) {
		fmt.Fprintf(&b, "- %s\n", note)
	}
	b.WriteString("\n### What is not a pass\n")
	for _, t := range r.agents {
		t.findings(&b)
	}
	return b.String()
}

// facts says when it was tested.
func (r *report) facts() []string {
	return []string{"Taken on " + time.Now().UTC().Format("2 January 2006") + "."}
}

// matrix writes a table with a column for each agent of the role, and a line for each group
// of cases.
func (r *report) matrix(b *strings.Builder, role string) {
	var groups []string
	var agents []tested
	heads := []string{"group"}
	for _, t := range r.agents {
		if t.Role != role {
			continue
		}
		agents = append(agents, t)
		heads = append(heads, strings.TrimSpace(t.Name+" "+t.Version))
		for _, got := range t.Results {
			if !slices.Contains(groups, got.Group) {
				groups = append(groups, got.Group)
			}
		}
	}
	if len(agents) == 0 {
		return
	}
	fmt.Fprintf(b, "### %ss\n\n", strings.ToUpper(role[:1])+role[1:])
	markdown.Head(b, heads...)
	line := func(head string, cell func(*tested) string) {
		cells := []string{head}
		for i := range agents {
			cells = append(cells, cell(&agents[i]))
		}
		markdown.Row(b, cells...)
	}
	for _, group := range groups {
		line(group, func(t *tested) string { return t.cell(group) })
	}
	line("**all**", func(t *tested) string { return t.cell("") })
	for _, verdict := range []string{informational, skipped} {
		line(verdict, func(t *tested) string { return fmt.Sprint(t.count("", verdict)) })
	}
	b.WriteString("\n")
}

// cell counts the cases of a group that are a pass, not strict, and a fail: one number where
// all is well.
func (t *tested) cell(group string) string {
	passed, loose, failed := t.count(group, pass), t.count(group, nonStrict), t.count(group, fail)
	lost := t.count(group, notRun)
	switch {
	case passed+loose+failed+lost == 0:
		return "–"
	case lost > 0:
		return fmt.Sprintf("%d / %d / %d, %d not run", passed, loose, failed, lost)
	case loose+failed == 0:
		return fmt.Sprint(passed)
	}
	return fmt.Sprintf("%d / %d / %d", passed, loose, failed)
}

// findings lists the cases that are neither a pass nor skipped, those together of which the
// same is said.
func (t *tested) findings(b *strings.Builder) {
	type kind struct{ verdict, text string }
	var kinds []kind
	cases := map[kind][]string{}
	for _, r := range t.Results {
		if r.Verdict == pass || r.Verdict == skipped {
			continue
		}
		k := kind{r.Verdict, sentence(r.Text)}
		if cases[k] == nil {
			kinds = append(kinds, k)
		}
		cases[k] = append(cases[k], "`"+r.Case+"`")
	}
	if len(kinds) == 0 {
		fmt.Fprintf(b, "\n**%s, %s**: nothing.\n", t.Name, t.Role)
		return
	}
	order := []string{fail, notRun, nonStrict, informational}
	slices.SortStableFunc(kinds, func(x, y kind) int {
		return cmp.Compare(slices.Index(order, x.verdict), slices.Index(order, y.verdict))
	})
	fmt.Fprintf(b, "\n<details><summary><b>%s, %s</b>: %s</summary>\n\n", t.Name, t.Role, t.summary())
	for _, k := range kinds {
		fmt.Fprintf(b, "- %s: %s: %s\n", k.verdict, escape(k.text), strings.Join(cases[k], ", "))
	}
	b.WriteString("\n</details>\n")
}

// What differs from case to case in a sentence of which there are many.
var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"…?`)
	declined = regexp.MustCompile(` to \S.*, which it must decline`)
	length   = regexp.MustCompile(`\b(of )?\d+ B\b|2\^\d+(?:[+-]1)? bytes`)
)

// sentence leaves that out, so that cases of which the same is said stand together.
func sentence(text string) string {
	text = quoted.ReplaceAllString(text, "“…”")
	text = declined.ReplaceAllString(text, " to an offer that it must decline")
	return length.ReplaceAllString(text, "${1}n B")
}

// escape keeps what a peer said from being Markdown.
func escape(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "<", "&lt;", "|", "\\|", "`", "\\`").Replace(s)
}
