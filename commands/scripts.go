package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"wskit/scripts"
)

// scriptsOptions are the flags of scripts.
type scriptsOptions struct {
	all   []*option
	types bool
	json  bool
}

func newScripts(env *Env) *command {
	o := &scriptsOptions{}
	o.all = in("Output",
		boolOption(&o.types, "types", "print the TypeScript declarations of what a script sees"),
		boolOption(&o.json, "json", "print the list as one JSON document"),
	)
	return &command{
		name:    "scripts",
		args:    "[NAME]",
		summary: "the scripts that are built in, to run and to copy",
		about: "Lists the built-in scripts, which wskit serve PATH=script:NAME and wskit connect --script NAME\n" +
			"run, or prints the source of one: a first thing to copy. wskit help scripting tells what a\n" +
			"script can do; with the declarations an editor knows it, too.",
		examples: []example{
			{"wskit scripts", "all of them"},
			{"wskit scripts chat", "the source of one"},
			{"wskit scripts chat >mine.js", "a copy to change: wskit serve /=script:./mine.js"},
			{"wskit scripts --types >wskit.d.ts", "for an editor, or tsc"},
		},
		options: o.all,
		run:     func(_ context.Context, args []string) error { return o.run(env, args) },
	}
}

func (o *scriptsOptions) run(env *Env, args []string) error {
	err := checkRules(o.all, []rule{{flags: []string{"types"}, not: []string{"json"}, hint: "--json is for the list"}})
	switch {
	case err != nil:
		return err
	case len(args) > 1:
		return usagef("one script is wanted, %d were given", len(args)).withHint("wskit scripts %s", args[0])
	case len(args) == 1 && o.types:
		return usagef("--types takes no name").withHint("the declarations are the same for all scripts")
	case len(args) == 1 && o.json:
		return usagef("--json takes no name").withHint("it is for the list; wskit scripts %s prints the source", args[0])
	case len(args) == 1:
		b, ok := scripts.LookupBuiltin(args[0])
		if !ok {
			return unknownBuiltin(args[0], "wskit scripts lists them")
		}
		return env.print(b.Source)
	case o.types:
		return env.print(scripts.Declarations())
	}
	return o.printList(env, scripts.Library())
}

// A listedScript is a built-in script in the JSON of the list.
type listedScript struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

// printList prints the names of the scripts and what they do.
func (o *scriptsOptions) printList(env *Env, library []scripts.Builtin) error {
	if o.json {
		list := make([]listedScript, 0, len(library))
		for _, s := range library {
			list = append(list, listedScript{s.Name, s.Summary})
		}
		b, err := json.Marshal(list)
		if err != nil {
			return failf(exitLocalIO, "write the list: %w", err)
		}
		return env.print(string(b) + "\n")
	}
	width := 0
	for _, s := range library {
		width = max(width, len(s.Name))
	}
	var b strings.Builder
	for _, s := range library {
		fmt.Fprintf(&b, "%-*s  %s\n", width, s.Name, s.Summary)
	}
	return env.print(b.String())
}
