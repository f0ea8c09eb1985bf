package scripts

import (
	"embed"
	"slices"
	"strings"
)

// library holds the built-in scripts. The first line of each is "// NAME: summary".
//
//go:embed library/*.js
var library embed.FS

// A Builtin is a script that comes with wskit.
type Builtin struct {
	// Name is what it is called on the command line.
	Name string
	// Summary says in a line what it does.
	Summary string
	// Source is the script.
	Source string
}

// Library returns the built-in scripts, sorted by name.
func Library() []Builtin {
	entries, err := library.ReadDir("library")
	if err != nil {
		panic(err) // it is part of the program
	}
	list := make([]Builtin, 0, len(entries))
	for _, entry := range entries {
		text, err := library.ReadFile("library/" + entry.Name())
		if err != nil {
			panic(err)
		}
		b := Builtin{Name: strings.TrimSuffix(entry.Name(), ".js"), Source: string(text)}
		first, _, _ := strings.Cut(b.Source, "\n")
		b.Summary = strings.TrimPrefix(first, "// "+b.Name+": ")
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b Builtin) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// LookupBuiltin returns the built-in script of that name.
func LookupBuiltin(name string) (Builtin, bool) {
	for _, b := range Library() {
		if b.Name == name {
			return b, true
		}
	}
	return Builtin{}, false
}
