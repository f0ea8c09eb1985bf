package conform

// A group collects cases that stand under one heading.
type group struct {
	name  string
	cases []*Case
}

// both adds a case for servers and clients. It is returned for what else is to be set.
func (g *group) both(id, title, why string, steps ...step) *Case {
	c := both(&Case{ID: id, Group: g.name, Title: title, Why: why, steps: steps})
	g.cases = append(g.cases, c)
	return c
}

// server adds a case for servers only.
func (g *group) server(id, title, why string, steps ...step) *Case {
	c := g.both(id, title, why, steps...)
	c.Client = false
	return c
}

// client adds a case for clients only.
func (g *group) client(id, title, why string, steps ...step) *Case {
	c := g.both(id, title, why, steps...)
	c.Server = false
	return c
}

// both marks a case for servers and clients.
func both(c *Case) *Case {
	c.Server, c.Client = true, true
	return c
}
