package term

// A search is a look back through the history, as Ctrl-R begins it.
type search struct {
	query  string
	at     int  // the entry that is shown, past the end while there is none
	failed bool // nothing further back has the query
	saved  line // what to return to
}

// startSearch begins a search at the end of the history.
func (e *Editor) startSearch() {
	e.search = &search{at: len(e.history.entries), saved: e.line}
}

// handleSearch handles a key while a search goes on. It reports false for a key that
// means nothing to a search: this ends it, and the key then does what it always
// does, on the line that was found.
func (e *Editor) handleSearch(k key) bool {
	s, last := e.search, len(e.history.entries)-1
	switch k.code {
	case keyNone:
	case keyText:
		s.query += string(k.text)
		e.find(min(s.at, last))
	case keyBackspace:
		if q := []rune(s.query); len(q) > 0 {
			s.query = string(q[:len(q)-1])
			e.find(last)
		}
	case keySearch:
		e.find(s.at - 1)
	case keyCancel, keyInterrupt:
		e.line, e.search = s.saved, nil
	default:
		if s.at <= last {
			e.history.at, e.history.draft = s.at, s.saved.String()
		}
		e.search = nil
		return false
	}
	return true
}

// find shows the newest entry from at backwards that has the query, with the cursor
// on it.
func (e *Editor) find(at int) {
	i, start := e.history.find(e.search.query, at)
	if e.search.failed = i < 0; e.search.failed {
		return
	}
	e.search.at = i
	e.line.set(e.history.entries[i])
	e.line.pos = len([]rune(e.history.entries[i][:start]))
}

// prompt returns what a search shows in place of the prompt.
func (s *search) prompt() string {
	if s.failed {
		return `no match for "` + Escape(s.query) + `": `
	}
	return `search "` + Escape(s.query) + `": `
}
