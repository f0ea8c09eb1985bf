package conform

import (
	"time"

	"wskit/codec"
)

// Format is the name of the JSON document that a Report is.
const Format = "wskit-check/1"

// A Verdict is what a case says of a peer.
type Verdict string

// The verdicts, from good to bad.
const (
	// Pass is behaviour that the rules ask for.
	Pass Verdict = "pass"
	// Informational is behaviour that no rule asks for or against.
	Informational Verdict = "informational"
	// Skipped is a case that the peer cannot be tried with: it declined the
	// extension that the case is about, say.
	Skipped Verdict = "skipped"
	// NonStrict is behaviour against a rule that says SHOULD, or that keeps the
	// rule later or with another code than it might.
	NonStrict Verdict = "non-strict"
	// Fail is behaviour against a rule.
	Fail Verdict = "fail"
	// NotRun is a case that the run did not come to.
	NotRun Verdict = "not-run"
)

// Verdicts lists all verdicts, from good to bad.
func Verdicts() []Verdict {
	return []Verdict{Pass, Informational, Skipped, NonStrict, Fail, NotRun}
}

// A Report is what one run, or several, found about one peer or several.
type Report struct {
	// Format is the constant of that name.
	Format string `json:"format"`
	// Version is that of the program, "" for unknown.
	Version string `json:"version,omitempty"`
	// Agents are the peers that were tested, in the order of their runs.
	Agents []*Agent `json:"agents"`
}

// An Agent is a peer and what was found about it.
type Agent struct {
	// Name is how people call it. It comes from a peer, and is to be escaped.
	Name string `json:"name"`
	// Role is the end that was tested, "server" or "client".
	Role string `json:"role"`
	// URL is where a server was found, without credentials and tokens, and ""
	// for a client.
	URL string `json:"url,omitempty"`
	// Product is what it calls itself: its Server or User-Agent header.
	Product string    `json:"product,omitempty"`
	Started time.Time `json:"started"`
	// Elapsed is how long all cases took together.
	Elapsed time.Duration `json:"elapsed_ns"`
	// Ended says why the run came to its end before its last case, "" if it did
	// not.
	Ended string `json:"ended,omitempty"`
	// Results has one for each case that was selected, in the catalogue's order.
	Results []Result `json:"results"`
}

// Count returns the number of results with verdict v.
func (a *Agent) Count(v Verdict) int {
	n := 0
	for i := range a.Results {
		if a.Results[i].Verdict == v {
			n++
		}
	}
	return n
}

// A Result is what one case found.
type Result struct {
	// Case is the case's ID; Group, Title and Section tell of it.
	Case    string `json:"case"`
	Group   string `json:"group"`
	Title   string `json:"title"`
	Section string `json:"section"`
	// Verdict and Text say what was found. Text is one sentence, and empty for a
	// pass that needs none. What a peer sent is quoted in it.
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text,omitempty"`
	// Steps are what the case did and what it allowed, a line each, and Why is
	// the rule in words. They are there unless the verdict is a pass.
	Steps []string `json:"steps,omitempty"`
	Why   string   `json:"why,omitempty"`
	// Elapsed is how long it took.
	Elapsed time.Duration `json:"elapsed_ns"`
	// Exchange is the frames that were exchanged, as inspect shows them: plain
	// text without colour, cut to some thousand bytes. It is there unless the
	// verdict is a pass.
	Exchange string `json:"exchange,omitempty"`
	// Trace is the file with the trace of the exchange, if one was written.
	Trace string `json:"trace,omitempty"`

	recording *recording
	crowded   bool // the server had no room
}

func roleName(r codec.Role) string {
	if r == codec.RoleServer {
		return "server"
	}
	return "client"
}
