package commands

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wskit/internal/junit"
	"wskit/internal/term"
	"wskit/scripts"
	"wskit/wsserver"
)

// What a report keeps of a run that may last for days: so many cases by themselves, and
// then one for each place in a script; and so much of a message, in bytes.
const (
	maxCases   = 5000
	maxMessage = 2000
)

// A scriptReport is what the scripts of a run expected, for --junit.
type scriptReport struct {
	path  string
	began time.Time // zero until it is opened

	serves  bool // a server that could be visited
	visited atomic.Bool

	mu sync.Mutex
	// guarded by mu
	suites []*scriptSuite
	kept   int
}

// open checks that the report can be written, if it is wanted.
func (r *scriptReport) open() error {
	if r.path == "" || !r.began.IsZero() {
		return nil
	}
	if err := checkWritable(r.path); err != nil {
		return err
	}
	r.began = time.Now()
	return nil
}

// attend notes whether a connection of the server comes.
func (r *scriptReport) attend(cfg *wsserver.Config) {
	if r.path == "" {
		return
	}
	r.serves = true
	onOpen := cfg.OnOpen
	cfg.OnOpen = func(o wsserver.Opened) {
		r.visited.Store(true)
		if onOpen != nil {
			onOpen(o)
		}
	}
}

// A scriptSuite is the part of an engine.
type scriptSuite struct {
	report *scriptReport
	name   string
	file   string // "" for a script that is in none

	// guarded by the mutex of report
	cases []*scriptCase
	more  map[casePlace]*scriptCase // beyond maxCases
}

// A casePlace is a call in a script.
type casePlace struct {
	kind         string
	line, column int
}

// A scriptCase is an expectation, or those of a place, or an error.
type scriptCase struct {
	casePlace
	text    string
	elapsed time.Duration // of all

	met, pending, handled, failed, wrong int

	message string // of the first that was not met, failures before others
	detail  string
}

// attach has an engine tell what it expects. It returns the suite of that, to be added, or
// nil if no report is wanted.
func (r *scriptReport) attach(cfg *scripts.Config) *scriptSuite {
	if r.path == "" {
		return nil
	}
	s := &scriptSuite{report: r, name: cfg.Name}
	if !cfg.Handler {
		s.file = cfg.Name
	}
	tell := cfg.Report
	cfg.Expectation = s.expectation
	cfg.Report = func(f *scripts.Failure) {
		tell(f)
		s.failure(f)
	}
	return s
}

// add has the report show a suite, unless that is nil.
func (r *scriptReport) add(s *scriptSuite) {
	if s == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.suites = append(r.suites, s)
}

// expectation counts one.
func (s *scriptSuite) expectation(x scripts.Expectation) func(*scripts.Failure) {
	s.report.mu.Lock()
	defer s.report.mu.Unlock()
	c := s.at(casePlace{x.Kind, x.Line, x.Column}, x.Text)
	c.elapsed += x.Elapsed
	if x.Outcome == scripts.Met {
		c.met++
		return nil
	}
	c.message = cmp.Or(c.message, bounded(x.Message))
	if x.Outcome == scripts.Pending {
		c.pending++
		return nil
	}
	c.handled++
	return func(f *scripts.Failure) {
		s.report.mu.Lock()
		defer s.report.mu.Unlock()
		c.handled--
		c.failed++
		if c.failed == 1 {
			c.blame(f)
		}
	}
}

// failure counts an error that is no expectation's.
func (s *scriptSuite) failure(f *scripts.Failure) {
	if f.Expectation {
		return
	}
	s.report.mu.Lock()
	defer s.report.mu.Unlock()
	kind := "an error that nobody handles"
	if f.Syntax {
		kind = "a script that cannot be run"
	}
	c := s.at(casePlace{kind, f.Line, f.Column}, "")
	if c.wrong++; c.wrong == 1 {
		c.blame(f)
	}
}

// at returns the case to count something at a place in. Callers hold the mutex.
func (s *scriptSuite) at(p casePlace, text string) *scriptCase {
	c := s.more[p]
	if c != nil {
		if c.text != bounded(text) {
			c.text = "" // each time another
		}
		return c
	}
	c = &scriptCase{casePlace: p, text: bounded(text)}
	if s.report.kept < maxCases {
		s.report.kept++
		s.cases = append(s.cases, c)
		return c
	}
	if s.more == nil {
		s.more = make(map[casePlace]*scriptCase)
	}
	s.more[p] = c
	return c
}

// blame keeps what a failure says.
func (c *scriptCase) blame(f *scripts.Failure) {
	c.message, c.detail = bounded(f.Message), "\n"+term.EscapeQuoted(bounded(f.Error()))+"\n"+excerpt(f)
}

// bounded returns as much of a message as is kept.
func bounded(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return strings.Clone(s[:validPrefix([]byte(s[:maxMessage]))]) + " …"
}

// write writes the report, if it was opened. Err is how the command ended: what it says
// is an error too.
func (r *scriptReport) write(err error) error {
	if r.began.IsZero() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := junit.Suites{Name: "wskit", Time: junit.Seconds(time.Since(r.began))}
	seen := make(map[string]int)
	for _, s := range r.suites {
		suite := r.suite(&all, s.name)
		more := make([]*scriptCase, 0, len(s.more))
		for _, c := range s.more {
			more = append(more, c)
		}
		slices.SortFunc(more, func(a, b *scriptCase) int {
			return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), cmp.Compare(a.kind, b.kind))
		})
		for _, c := range slices.Concat(s.cases, more) {
			out := c.testcase(s)
			// Where names are the same, CI may show one only.
			key := out.Class + " " + out.Name
			if seen[key]++; seen[key] > 1 {
				out.Name += fmt.Sprintf(" (%d)", seen[key])
			}
			suite.Cases = append(suite.Cases, out)
		}
	}
	if exit := (*exitError)(nil); errors.As(err, &exit) && exit.msg != "" {
		suite := r.suite(&all, "wskit")
		suite.Cases = append(suite.Cases, junit.Case{
			Class: suite.Name, Name: "the run", Time: all.Time, Error: &junit.Detail{Message: term.EscapeQuoted(bounded(exit.msg))},
		})
	}
	empty := !slices.ContainsFunc(all.Suites, func(s junit.Suite) bool { return len(s.Cases) > 0 })
	if empty && r.serves && !r.visited.Load() {
		suite := r.suite(&all, "wskit")
		suite.Cases = []junit.Case{{
			Class: suite.Name, Name: "no connection came", Time: all.Time, Skipped: &junit.Detail{Message: "nothing was checked"},
		}}
	}
	return writeReport(r.path, func(w io.Writer) error { return junit.Write(w, all) })
}

// suite returns the suite of that name: one script may have had several engines.
func (r *scriptReport) suite(all *junit.Suites, name string) *junit.Suite {
	name = term.Escape(name)
	i := slices.IndexFunc(all.Suites, func(s junit.Suite) bool { return s.Name == name })
	if i < 0 {
		i = len(all.Suites)
		all.Suites = append(all.Suites, junit.Suite{Name: name, Time: all.Time, Timestamp: junit.Timestamp(r.began)})
	}
	return &all.Suites[i]
}

func (c *scriptCase) testcase(s *scriptSuite) junit.Case {
	name := c.kind
	if c.line > 0 {
		name = fmt.Sprintf("line %d: %s", c.line, c.kind)
	}
	if c.text != "" {
		name += " " + c.text
	}
	out := junit.Case{Class: term.Escape(s.name), File: term.Escape(s.file), Line: c.line, Time: junit.Seconds(c.elapsed)}
	if s.more[c.casePlace] == c {
		name += ", and more"
		out.Out = fmt.Sprintf("%d more: %d met, %d failed, %d errors, %d not met but handled, %d pending",
			c.met+c.failed+c.wrong+c.handled+c.pending, c.met, c.failed, c.wrong, c.handled, c.pending)
	}
	out.Name = term.EscapeQuoted(name)
	detail := &junit.Detail{Message: term.EscapeQuoted(c.message), Text: c.detail}
	switch {
	case c.failed > 0:
		detail.Type, out.Failure = "expectation", detail
	case c.wrong > 0:
		detail.Type, out.Error = "error", detail
	case c.handled > 0 && c.met == 0:
		detail.Message, out.Skipped = "the script handles it: "+detail.Message, detail
	case c.pending > 0 && c.met == 0:
		out.Skipped = detail
	}
	return out
}
