package conform

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"wskit/internal/inspect"
	"wskit/internal/trace"
)

// newResult makes the result of a case. The recording is nil when there was no
// connection; that of a pass is kept if keep says so.
func newResult(c *Case, f *finding, rec *recording, keep bool) Result {
	r := Result{
		Case: c.ID, Group: c.Group, Title: c.Title, Section: c.Section(),
		Verdict: f.verdict, Text: clip(f.text), recording: rec,
	}
	if f.verdict == Pass && !keep {
		r.recording = nil
		return r
	}
	r.Steps, r.Why = c.Steps(), c.Why
	if rec != nil {
		r.Exchange = rec.text()
	}
	return r
}

// WriteTrace writes what was exchanged, as the records of package trace, for inspect to
// show. It reports whether there was anything: of a pass nothing is kept, unless
// Exchanges asked for it.
func (r *Result) WriteTrace(w io.Writer) (ok bool, err error) {
	if r.recording == nil {
		return false, nil
	}
	out := trace.NewWriter(w)
	r.recording.replay(func(e trace.Event) {
		if err == nil {
			err = out.Write(e)
		}
	})
	return true, err
}

// The bounds of Result.Exchange.
const (
	exchangeWidth = 100     // columns
	maxExchange   = 8 << 10 // bytes
)

// text is the recording as inspect shows it.
func (r *recording) text() string {
	var b bytes.Buffer
	out := trace.NewText(&b)
	out.Width = exchangeWidth
	r.replay(func(e trace.Event) {
		if b.Len() <= maxExchange {
			out.Write(e)
		}
	})
	if b.Len() <= maxExchange {
		return b.String()
	}
	cut := strings.ToValidUTF8(string(b.Bytes()[:maxExchange]), "")
	if i := strings.LastIndexByte(cut, '\n'); i >= 0 {
		cut = cut[:i+1]
	}
	return cut + "…\n"
}

// replay turns the recording into events.
func (r *recording) replay(emit func(trace.Event)) {
	r.mu.Lock()
	pieces := slices.Clone(r.pieces)
	r.mu.Unlock()
	a := inspect.New(inspect.Config{Emit: emit, Role: roleName(r.us)})
	a.Open(inspect.Meta{URL: r.url, Src: r.src, Dst: r.dst})
	for _, p := range pieces {
		if p.how != "" {
			a.End(p.from, p.at, p.how)
			continue
		}
		a.Data(p.from, p.at, p.data)
	}
	a.Close()
}
