//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wskit/internal/markdown"
)

// The lines in a Markdown file between which update puts the table.
const (
	beginMarker = "<!-- begin of the output of make attack -->\n"
	endMarker   = "<!-- end of the output of make attack -->\n"
)

// table returns the results as a Markdown table whose columns are aligned, and below it
// what the figures are to be compared with.
func (l *lab) table(results []result) string {
	rows := [][]string{{"id", "attack", "on", "outcome", "", "peak", "time"}}
	held := 0
	for i := range results {
		r := &results[i]
		rows = append(rows, []string{r.id, r.what, r.target, r.outcome, verdict(r), megabytes(r.peak), seconds(r.took)})
		if r.held() {
			held++
		}
	}
	text := aligned(rows) + fmt.Sprintf("\n%d of %d held.", held, len(results))
	if l.peer == "" {
		text += fmt.Sprintf(" The peak of a session in peace: serve %s, connect %s, inspect %s, bench %s.",
			megabytes(l.base[serve]), megabytes(l.base[connect]), megabytes(l.base[inspect]), megabytes(l.base[bench]))
	}
	return text + "\n"
}

func verdict(r *result) string {
	if r.held() {
		return "held"
	}
	return "NOT HELD"
}

// aligned writes a Markdown table, the first row of which is its head. The last two columns
// are figures.
func aligned(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = strings.ReplaceAll(cell, "|", `\|`)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]), 3)
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i >= len(row)-2 {
				cell = pad + cell
			} else {
				cell += pad
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
		if n > 0 {
			continue
		}
		for i, width := range widths {
			rule := strings.Repeat("-", width)
			if i >= len(row)-2 {
				rule = rule[1:] + ":"
			}
			b.WriteString("| " + rule + " ")
		}
		b.WriteString("|\n")
	}
	return b.String()
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// update replaces what is between the markers in a file.
func update(path, text string) error {
	return markdown.Update(path, beginMarker, endMarker, func(string) (string, error) { return text, nil })
}
