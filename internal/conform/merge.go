package conform

import (
	"fmt"
	"strings"
)

// Add adds agents to the report. Those whose name is taken by one of the same role get a
// number, so that they can be told apart. What a peer says of itself is cut where it
// goes on for too long.
func (r *Report) Add(agents ...*Agent) {
	for _, a := range agents {
		a.Product, a.Ended = clip(a.Product), clip(a.Ended)
		a.Name = clip(a.Name)
		name := a.Name
		for n := 2; r.agent(a) != nil; n++ {
			a.Name = fmt.Sprintf("%s (%d)", name, n)
		}
		r.Agents = append(r.Agents, a)
	}
}

// Merge joins reports: the agents of all, side by side. The agents are theirs, and may
// have got another name by it: see Add.
func Merge(reports []*Report) *Report {
	m := &Report{Format: Format}
	for i, r := range reports {
		if i == 0 {
			m.Version = r.Version
		} else if r.Version != m.Version {
			m.Version = ""
		}
		m.Add(r.Agents...)
	}
	return m
}

// maxClip is the most that is kept of a sentence, in bytes.
const maxClip = 1 << 10

// clip cuts s where a sentence cannot need more.
func clip(s string) string {
	if len(s) <= maxClip {
		return s
	}
	return strings.ToValidUTF8(s[:maxClip], "") + "…"
}
