package commands

import "wskit/internal/term"

// lineReader returns what reads the lines that a person types.
func (env *Env) lineReader(palette term.Palette) (term.LineReader, error) {
	var history *term.History
	if env.HistoryFile != "" {
		var err error
		if history, err = term.OpenHistory(env.HistoryFile); err != nil {
			env.note("warning: lines are not kept: %v", err)
		}
	}
	var names []string
	for _, c := range slashCommands() {
		names = append(names, c.name)
	}
	lines, err := term.NewLineReader(term.LineConfig{
		In:          env.Stdin,
		Out:         env.Stdout,
		Prompt:      "> ",
		PromptStyle: palette.Outgoing,
		Commands:    names,
		History:     history,
		Getenv:      env.Getenv,
	})
	if err != nil {
		return nil, failf(exitLocalIO, "read the terminal: %w", err)
	}
	return lines, nil
}
