package report

import (
	"fmt"
	"slices"
	"strings"

	"wskit/internal/conform"
	"wskit/internal/term"
	"wskit/internal/trace"
)

// name returns how an agent is called, safe to show.
func name(a *conform.Agent) string {
	for _, s := range []string{a.Name, a.Product} {
		if s != "" {
			return term.Escape(s)
		}
	}
	return "a " + a.Role + " without a name"
}

// product returns what an agent calls itself, safe to show, or "".
func product(a *conform.Agent) string { return term.Escape(a.Product) }

// worst lists the verdicts from bad to good.
func worst() []conform.Verdict {
	all := conform.Verdicts()
	slices.Reverse(all)
	return all
}

// A tally is a number of results for each verdict.
type tally map[conform.Verdict]int

func (t tally) total() int {
	n := 0
	for _, c := range t {
		n += c
	}
	return n
}

// words says in a few words what is not a pass: "2 fail, 1 non-strict". What is no
// judgement is told only when all asks for it, or when there is nothing else.
func (t tally) words(all bool) string {
	var words []string
	for _, v := range worst() {
		if t[v] > 0 && (all || judged(v)) {
			words = append(words, fmt.Sprintf("%d %s", t[v], verdictWord(v)))
		}
	}
	if len(words) == 0 {
		return verdictWord(t.verdict())
	}
	return strings.Join(words, ", ")
}

// judged reports whether v is against an agent.
func judged(v conform.Verdict) bool {
	return v == conform.NonStrict || v == conform.Fail || v == conform.NotRun
}

// verdict is that of all results together: the worst that is against the agent, or a
// pass, unless all were skipped.
func (t tally) verdict() conform.Verdict {
	for _, v := range worst() {
		if t[v] > 0 && judged(v) {
			return v
		}
	}
	if t[conform.Skipped] == t.total() {
		return conform.Skipped
	}
	return conform.Pass
}

// verdictWord is a verdict as people read it.
func verdictWord(v conform.Verdict) string {
	return strings.ReplaceAll(string(v), "not-run", "not run")
}

// count counts the results of an agent: in all, and by group.
func count(a *conform.Agent) (all tally, groups map[string]tally) {
	all, groups = tally{}, map[string]tally{}
	for i := range a.Results {
		r := &a.Results[i]
		all[r.Verdict]++
		if groups[r.Group] == nil {
			groups[r.Group] = tally{}
		}
		groups[r.Group][r.Verdict]++
	}
	return all, groups
}

// groupNames returns the groups of all agents, in the order in which they come.
func groupNames(r *conform.Report) []string {
	var names []string
	seen := map[string]bool{}
	for _, a := range r.Agents {
		for i := range a.Results {
			if g := a.Results[i].Group; !seen[g] {
				seen[g] = true
				names = append(names, g)
			}
		}
	}
	return names
}

// summary is one line about an agent: "410 cases in 1.2 s: 2 fail, 408 pass".
func summary(a *conform.Agent) string {
	all, _ := count(a)
	if all.total() == 0 {
		return "no case was run"
	}
	return fmt.Sprintf("%s in %s: %s", trace.Plural(all.total(), "case"), trace.FormatDuration(a.Elapsed), all.words(true))
}
