package commands

import (
	"encoding/json"
	"fmt"
	"strings"

	"wskit/internal/conform"
)

// A listedCase is a case in the JSON of --list.
type listedCase struct {
	Case    string   `json:"case"`
	Group   string   `json:"group"`
	Title   string   `json:"title"`
	Section string   `json:"section"`
	Server  bool     `json:"server"`
	Client  bool     `json:"client"`
	Big     bool     `json:"big"`
	Why     string   `json:"why"`
	Steps   []string `json:"steps"`
}

// printList prints the cases.
func (o *checkOptions) printList(env *Env, cases []*conform.Case) error {
	if o.report.json {
		list := make([]listedCase, 0, len(cases))
		for _, c := range cases {
			list = append(list, listedCase{c.ID, c.Group, c.Title, c.Section(), c.Server, c.Client, c.Big, c.Why, c.Steps()})
		}
		b, err := json.Marshal(list)
		if err != nil {
			return failf(exitLocalIO, "write the list: %w", err)
		}
		return env.print(string(b) + "\n")
	}
	palette := o.report.out.palette(env, env.Stdout)
	width := 0
	for _, c := range cases {
		width = max(width, len(c.ID))
	}
	var b strings.Builder
	group := ""
	for _, c := range cases {
		if c.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = c.Group
			fmt.Fprintf(&b, "%s\n", palette.Bold.Text(group))
		}
		title := c.Title
		if c.Big {
			title += " (big)"
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", width, c.ID, title)
		if o.report.verbose {
			fmt.Fprintf(&b, "      %s: %s\n", c.Section(), c.Why)
			for i, step := range c.Steps() {
				fmt.Fprintf(&b, "      %d. %s\n", i+1, step)
			}
		}
	}
	return env.print(b.String())
}
