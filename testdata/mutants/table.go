package main

import (
	"fmt"
	"strings"

	"wskit/internal/markdown"
)

// The lines in a Markdown file between which update puts the table.
const (
	beginMarker = "<!-- begin of the table of mutants -->\n"
	endMarker   = "<!-- end of the table of mutants -->\n"
)

// update puts the table of all mutants between the markers in a file. Of those that were not
// tried it keeps the row that is there.
func update(path string, all []*mutant, results []*result) error {
	return markdown.Update(path, beginMarker, endMarker, func(old string) (string, error) {
		return table(all, results, old)
	})
}

const (
	header   = "| mutant | rule | what it does instead | found in a server by | found in a client by |\n| --- | --- | --- | --- | --- |\n"
	notFound = "**not found**"
)

// table returns what was found as Markdown, with the rows of the old table for what was not
// tried now.
func table(all []*mutant, results []*result, old string) (string, error) {
	rows := map[string]string{}
	for line := range strings.Lines(old) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok {
			rows[name] = line
		}
	}
	for _, r := range results {
		rows[r.mutant.name] = row(r)
	}
	var b strings.Builder
	found := 0
	for _, m := range all {
		line, ok := rows[m.name]
		if !ok {
			return "", fmt.Errorf("%s was not tried and is not there", m.name)
		}
		if !strings.Contains(line, notFound) {
			found++
		}
		b.WriteString(line)
	}
	return fmt.Sprintf("%d of %d mutants are found.\n\n", found, len(all)) + header + b.String(), nil
}

func row(r *result) string {
	m := r.mutant
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", m.name, m.rule, m.bug, cell(r, "server"), cell(r, "client"))
}

// cell says by what a mutant was found in one role.
func cell(r *result, role string) string {
	o, ok := r.outcomes[role]
	switch {
	case r.err != nil:
		return notFound
	case !ok:
		return ""
	case o.trouble != "":
		return "no connection is made"
	case len(o.worse) == 0:
		return notFound
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
