// Package markdown writes tables, and puts them into a document.
package markdown

import (
	"fmt"
	"os"
	"strings"
)

// The lines in a Markdown file between which Update puts the tables.
const (
	beginMarker = "<!-- begin of the output of the runner -->\n"
	endMarker   = "<!-- end of the output of the runner -->\n"
)

// Update replaces what is between the markers in a file.
func Update(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	updated, err := replace(string(old), text)
	if err != nil {
		return fmt.Errorf("update %s: %w", path, err)
	}
	return os.WriteFile(path, []byte(updated), 0o644)
}

// replace returns the document with text between its markers.
func replace(document, text string) (string, error) {
	before, rest, found := strings.Cut(document, beginMarker)
	_, after, ended := strings.Cut(rest, endMarker)
	if !found || !ended {
		return "", fmt.Errorf("it lacks the markers %q and %q", strings.TrimSpace(beginMarker), strings.TrimSpace(endMarker))
	}
	return before + beginMarker + "\n" + text + "\n" + endMarker + after, nil
}

// Row writes one line of a Markdown table.
func Row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// Head writes the first lines of a Markdown table.
func Head(b *strings.Builder, cells ...string) {
	Row(b, cells...)
	b.WriteString("|" + strings.Repeat(" --- |", len(cells)) + "\n")
}
