package commands

import (
	"fmt"
	"time"

	"wskit/internal/conform"
	"wskit/internal/term"
)

// A checkLive shows on one line of a terminal how a run goes on.
type checkLive struct {
	statusLine
	seen  bool // by somebody
	cases int
	title string
	drawn time.Time
	// counts are those of each agent.
	counts map[string]*liveCount
}

type liveCount struct{ done, fail, nonStrict int }

func (o *checkOptions) newLive(env *Env) *checkLive {
	l := &checkLive{counts: map[string]*liveCount{}}
	l.statusLine, l.seen = newStatusLine(env, &o.report.out, o.quiet)
	return l
}

// next begins with server number i of n.
func (l *checkLive) next(name string, i, n, cases int) {
	l.title, l.cases = name, cases
	if n > 1 {
		l.title = fmt.Sprintf("%d/%d %s", i+1, n, name)
	}
	clear(l.counts)
}

// progress returns what is called with each result of a server, nil if nobody sees it.
func (l *checkLive) progress() func(conform.Result) {
	if !l.seen {
		return nil
	}
	return func(r conform.Result) { l.note(l.title, r) }
}

// clients returns what is called with each result of a client, nil if nobody sees it.
func (l *checkLive) clients(cases int) func(string, conform.Result) {
	l.cases = cases
	if !l.seen {
		return nil
	}
	return l.note
}

// erase removes the line, if there is one.
func (l *checkLive) erase() {
	if l.seen {
		l.statusLine.erase()
	}
}

// drawEvery is the least time between two drawings.
const drawEvery = 50 * time.Millisecond

func (l *checkLive) note(title string, r conform.Result) {
	c := l.counts[title]
	if c == nil {
		c = &liveCount{}
		l.counts[title] = c
	}
	c.done++
	switch r.Verdict {
	case conform.Fail:
		c.fail++
	case conform.NonStrict:
		c.nonStrict++
	}
	if time.Since(l.drawn) >= drawEvery {
		l.drawn = time.Now()
		l.draw(l.line(title, *c, l.width()))
	}
}

// line returns the line, cut to width cells.
func (l *checkLive) line(title string, c liveCount, width int) string {
	const widest = 30
	pieces := []piece{{fmt.Sprintf("%s  %*d of %d cases", term.Fit(term.Escape(title), widest), len(fmt.Sprint(l.cases)), c.done, l.cases), term.Style{}}}
	for _, p := range []struct {
		n     int
		word  string
		style term.Style
	}{
		{c.fail, "fail", l.palette.Error},
		{c.nonStrict, "non-strict", l.palette.Warning},
	} {
		if p.n > 0 {
			pieces = append(pieces, piece{fmt.Sprintf("  %d %s", p.n, p.word), p.style})
		}
	}
	return l.fit(pieces, float64(c.done)/float64(max(l.cases, 1)), width)
}
