package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutantsText is the list of mutants. Its head says what is in it.
//
//go:embed mutants.txt
var mutantsText string

// A mutant is one deliberate bug.
type mutant struct {
	name, rule, bug string
	roles           []string // the ends that show it: "server", "client"
	with            []string // flags that the target needs
	edits           []edit
}

// An edit replaces lines of a file.
type edit struct {
	file    string
	out, in []string
	line    int // of mutants.txt
}

// parse reads the list of mutants.
func parse(text string) ([]*mutant, error) {
	var p parser
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := p.take(line); err != nil {
			return nil, fmt.Errorf("mutants.txt:%d: %w", p.line, err)
		}
	}
	return p.mutants, p.check()
}

// A parser holds what was read of the list.
type parser struct {
	mutants []*mutant
	line    int
	file    string // of the edits that follow
	added   bool   // the last line was one that is put in
}

func (p *parser) take(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if word == "mutant" {
		p.mutants = append(p.mutants, &mutant{name: rest})
		p.file = ""
		return nil
	}
	if len(p.mutants) == 0 {
		return fmt.Errorf("%q before the first mutant", word)
	}
	m := p.mutants[len(p.mutants)-1]
	switch word {
	case "rule":
		m.rule = rest
	case "bug":
		m.bug = rest
	case "role":
		m.roles = []string{rest}
		if rest == "both" {
			m.roles = []string{"server", "client"}
		}
	case "with":
		m.with = strings.Fields(rest)
	case "file":
		p.file, p.added = rest, true
	case "-":
		if p.file == "" {
			return fmt.Errorf("a line of no file")
		}
		if p.added {
			m.edits = append(m.edits, edit{file: p.file, line: p.line})
		}
		p.added = false
		e := &m.edits[len(m.edits)-1]
		e.out = append(e.out, rest)
	case "+":
		if len(m.edits) == 0 {
			return fmt.Errorf("a line that replaces none")
		}
		p.added = true
		e := &m.edits[len(m.edits)-1]
		e.in = append(e.in, rest)
	default:
		return fmt.Errorf("%q means nothing", word)
	}
	return nil
}

// check returns an error unless each mutant has all that it needs and a name of its own.
func (p *parser) check() error {
	seen := map[string]bool{}
	for _, m := range p.mutants {
		switch {
		case seen[m.name]:
			return fmt.Errorf("mutants.txt: %s is there twice", m.name)
		case m.rule == "" || m.bug == "" || len(m.edits) == 0:
			return fmt.Errorf("mutants.txt: %s needs a rule, a bug and an edit", m.name)
		case len(m.roles) == 0 || m.roles[0] != "server" && m.roles[0] != "client":
			return fmt.Errorf("mutants.txt: %s needs a role: server, client or both", m.name)
		}
		seen[m.name] = true
	}
	return nil
}

// apply puts the bug into the checkout at dir, and returns what takes it out again. An edit
// that does not fit is an error: the code has changed, and the mutant has to.
func (m *mutant) apply(dir string) (revert func() error, err error) {
	before := map[string][]byte{}
	revert = func() error {
		for path, content := range before {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				return fmt.Errorf("revert %s: %w", m.name, err)
			}
		}
		return nil
	}
	for _, e := range m.edits {
		path := filepath.Join(dir, filepath.FromSlash(e.file))
		content, err := os.ReadFile(path)
		if err != nil {
			return revert, fmt.Errorf("apply %s: %w", m.name, err)
		}
		mutated, err := e.replace(string(content))
		if err != nil {
			return revert, fmt.Errorf("apply %s: %w", m.name, err)
		}
		if _, again := before[path]; !again {
			before[path] = content
		}
		if err := os.WriteFile(path, []byte(mutated), 0o644); err != nil {
			return revert, fmt.Errorf("apply %s: %w", m.name, err)
		}
	}
	return revert, nil
}

// replace returns content with the edit made.
func (e *edit) replace(content string) (string, error) {
	lines := strings.Split(content, "\n")
	at, found := 0, 0
	for i := range len(lines) - len(e.out) + 1 {
		if slices.EqualFunc(lines[i:i+len(e.out)], e.out, func(line, out string) bool { return strings.TrimSpace(line) == out }) {
			at = i
			found++
		}
	}
	if found != 1 {
		return "", fmt.Errorf("mutants.txt:%d: these lines are %d times in %s, want once", e.line, found, e.file)
	}
	return strings.Join(slices.Replace(lines, at, at+len(e.out), e.in...), "\n"), nil
}
