package conform

import "fmt"

// Add adds agents to the report. Those whose name is taken by one of the same role get a
// number, so that they can be told apart.
func (r *Report) Add(agents ...*Agent) {
	for _, a := range agents {
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
