package main

import (
	"fmt"
	"os"
	"strings"
)

// The lines in a Markdown file between which update puts the table.
const (
	beginMarker = "<!-- begin of the table of mutants -->\n"
	endMarker   = "<!-- end of the table of mutants -->\n"
)

// update replaces what is between the markers in a file.
func update(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	before, rest, found := strings.Cut(string(old), beginMarker)
	_, after, ended := strings.Cut(rest, endMarker)
	if !found || !ended {
		return fmt.Errorf("update %s: it lacks the markers %q and %q", path, strings.TrimSpace(beginMarker), strings.TrimSpace(endMarker))
	}
	updated := before + beginMarker + "\n" + text + "\n" + endMarker + after
	if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// table returns what was found as Markdown.
func table(results []*result) string {
	var b strings.Builder
	found := 0
	for _, r := range results {
		if r.found() {
			found++
		}
	}
	fmt.Fprintf(&b, "%d of %d mutants are found.\n\n", found, len(results))
	b.WriteString("| mutant | rule | what it does instead | found in a server by | found in a client by |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.mutant.name, r.mutant.rule, r.mutant.bug, cell(r, "server"), cell(r, "client"))
	}
	return b.String()
}

// cell says by what a mutant was found in one role.
func cell(r *result, role string) string {
	o, ok := r.outcomes[role]
	switch {
	case !ok:
		return ""
	case o.trouble != "":
		return "no connection is made"
	case len(o.worse) == 0:
		return "**not found**"
	}
	var names []string
	for _, v := range o.worse[:min(2, len(o.worse))] {
		names = append(names, "`"+v.Case+"`")
	}
	text := strings.Join(names, ", ")
	if more := len(o.worse) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
