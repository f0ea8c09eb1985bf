package scripts

import (
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// An Expectation is what a script has asserted or waited for in particular, and what
// came of it. A receive without a pattern is one only when it fails: it takes what comes.
type Expectation struct {
	// Kind is what the script called: expect, receive, closed, nextFrame, assert or
	// fail.
	Kind string
	// Text says what was expected, and may be empty. It may quote what a peer sent:
	// escape it.
	Text string
	// Line and Column are its place in the script. They count from 1, in characters.
	Line, Column int
	// Elapsed is how long the script waited for it.
	Elapsed time.Duration
	// Outcome is what came of it.
	Outcome Outcome
	// Message says what came instead, of an expectation that was not met. Escape it.
	Message string
}

// An Outcome says what came of an expectation.
type Outcome uint8

// The outcomes.
const (
	Met     Outcome = iota
	Unmet           // whether that is a failure depends on whether the script handles it
	Pending         // the run has ended before
)

// tell tells of an expectation, whose place is in the wrapped source. It returns what is
// to be called when the script does not handle that it was not met, or nil.
func (e *Engine) tell(x Expectation) func(*Failure) {
	if e.cfg.Expectation == nil {
		return nil
	}
	x.Column = e.file.column(x.Line, x.Column)
	return e.cfg.Expectation(x)
}

// tellWait tells what became of a wait.
func (e *Engine) tellWait(w *wait, outcome Outcome, message string) func(*Failure) {
	if e.cfg.Expectation == nil || w.kind == forMatch && w.pattern == nil && outcome != Unmet {
		return nil
	}
	x := Expectation{
		Kind: w.name(), Line: w.line, Column: w.column, Elapsed: time.Since(w.began),
		Outcome: outcome, Message: message,
	}
	switch {
	case w.kind == forNext || w.kind == forMatch:
		x.Text = w.pattern.describe()
	case w.codes != nil:
		x.Text = "with " + joinCodes(w.codes)
	}
	return e.tell(x)
}

// name returns the method that a wait is of.
func (w *wait) name() string { return [...]string{"expect", "receive", "nextFrame", "closed"}[w.kind] }

// joinCodes returns the codes for people.
func joinCodes(codes []int) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(c)
	}
	return strings.Join(words, " or ")
}

// asserted tells of an assertion that is true. What would run the script to become text
// is not looked at.
func (e *Engine) asserted(message goja.Value) {
	if e.cfg.Expectation == nil {
		return
	}
	x := Expectation{Kind: "assert", Text: quoted(message)}
	x.Line, x.Column = e.here()
	e.tell(x)
}

// quoted returns a message of assert or fail as an expectation has it.
func quoted(message goja.Value) string {
	if text, ok := message.(goja.String); ok {
		return fmt.Sprintf("%.*q", maxDescribed, text.String())
	}
	return ""
}

// abandonWaits forgets what is waited for, because the run has ended.
func (s *socket) abandonWaits() {
	for _, w := range s.waits {
		s.e.tellWait(w, Pending, "the run ended before")
	}
	s.waits = nil
}
