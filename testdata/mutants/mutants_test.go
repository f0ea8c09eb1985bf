package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestMutantsFit fails when a change of the code has left a mutant behind.
func TestMutantsFit(t *testing.T) {
	mutants, err := parse(mutantsText)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	w, err := newWorkspace(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		revert, err := m.apply(w.dir)
		if err != nil {
			t.Error(err)
		}
		if err := revert(); err != nil {
			t.Fatal(err)
		}
		for _, e := range m.edits {
			before, err1 := os.ReadFile(filepath.FromSlash(e.file))
			after, err2 := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(e.file)))
			if err1 != nil || err2 != nil || string(before) != string(after) {
				t.Errorf("%s: %s is not as it was (%v, %v)", m.name, e.file, err1, err2)
			}
		}
	}
}

func TestParse(t *testing.T) {
	const whole = "mutant one\nrule RFC 1\nbug none\nrole both\nwith --compress --x 1\nfile a.go\n- a\n-   b\n+ c\n- d\nfile b.go\n- e\n"
	for _, test := range []struct {
		name, text string
		want       *mutant
		err        string
	}{
		{name: "whole", text: "# head\n\n" + whole, want: &mutant{
			name: "one", rule: "RFC 1", bug: "none", roles: []string{"server", "client"}, with: []string{"--compress", "--x", "1"},
			edits: []edit{
				{file: "a.go", out: []string{"a", "b"}, in: []string{"c"}, line: 9},
				{file: "a.go", out: []string{"d"}, line: 12},
				{file: "b.go", out: []string{"e"}, line: 14},
			},
		}},
		{name: "twice", text: whole + whole, err: "one is there twice"},
		{name: "no mutant", text: "rule RFC 1\n", err: "mutants.txt:1: "},
		{name: "no file", text: "mutant one\n- a\n", err: "mutants.txt:2: "},
		{name: "nothing taken out", text: "mutant one\nfile a.go\n+ a\n", err: "mutants.txt:3: "},
		{name: "unknown word", text: "mutant one\nrules RFC 1\n", err: `"rules" means nothing`},
		{name: "no rule", text: strings.Replace(whole, "rule RFC 1\n", "", 1), err: "one needs a rule"},
		{name: "no role", text: strings.Replace(whole, "role both\n", "", 1), err: "one needs a role"},
		{name: "another role", text: strings.Replace(whole, "both", "proxy", 1), err: "one needs a role"},
	} {
		t.Run(test.name, func(t *testing.T) {
			mutants, err := parse(test.text)
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got error %v, want one with %q", err, test.err)
				}
			case err != nil:
				t.Fatal(err)
			case len(mutants) != 1 || !reflect.DeepEqual(mutants[0], test.want):
				t.Errorf("got %+v, want %+v", mutants[0], test.want)
			}
		})
	}
}

func TestReplace(t *testing.T) {
	for _, test := range []struct {
		name, content string
		edit          edit
		want, err     string
	}{
		{name: "once", content: "a\n\tb\n  c\nd\n", edit: edit{out: []string{"b", "c"}, in: []string{"x"}}, want: "a\nx\nd\n"},
		{name: "taken out", content: "a\nb\n", edit: edit{out: []string{"b"}}, want: "a\n"},
		{name: "twice", content: "a\nb\na\n", edit: edit{out: []string{"a"}}, err: "2 times"},
		{name: "part of a line", content: "ab\n", edit: edit{out: []string{"a"}}, err: "0 times"},
		{name: "more lines than there are", content: "a", edit: edit{out: []string{"a", "b", "c"}}, err: "0 times"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.edit.replace(test.content)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got error %v, want one with %q", err, test.err)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestWorse(t *testing.T) {
	for _, test := range []struct {
		name, before, after string
		want                bool
	}{
		{name: "fail", before: "pass", after: "fail", want: true},
		{name: "non-strict", before: "pass", after: "non-strict", want: true},
		{name: "from non-strict to fail", before: "non-strict", after: "fail", want: true},
		{name: "from informational to fail", before: "informational", after: "fail", want: true},
		{name: "failed before", before: "fail", after: "fail"},
		{name: "better", before: "fail", after: "pass"},
		{name: "skipped", before: "pass", after: "skipped"},
		{name: "not run", before: "pass", after: "not-run"},
		{name: "informational", before: "pass", after: "informational"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := worse([]verdict{{Case: "a", Verdict: test.before}}, []verdict{{Case: "a", Verdict: test.after}})
			if len(got) == 1 != test.want {
				t.Errorf("got %v, want one: %v", got, test.want)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "CONFORMANCE.md")
	one, two, three := &mutant{name: "one", rule: "RFC 1", bug: "none"}, &mutant{name: "two"}, &mutant{name: "three"}
	results := []*result{
		{mutant: one, outcomes: map[string]outcome{
			"server": {worse: []verdict{{Case: "a"}, {Case: "b"}, {Case: "c"}}},
			"client": {},
		}},
		{mutant: three, outcomes: map[string]outcome{"client": {trouble: "no echo"}}},
	}
	const kept = "| two | RFC 2 | some | `d` | |\n"
	document := "before\n" + beginMarker + "old\n| one | old |\n" + kept + endMarker + "after\n"
	if err := os.WriteFile(path, []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := update(path, []*mutant{one, two, three}, results); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "before\n" + beginMarker + "\n2 of 3 mutants are found.\n\n" + header +
		"| one | RFC 1 | none | `a`, `b` and 1 more | **not found** |\n" + kept +
		"| three |  |  |  | no connection is made |\n" + "\n" + endMarker + "after\n"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, test := range []struct{ name, document string }{
		{name: "no markers", document: "before\nafter\n"},
		{name: "no row of one that was not tried", document: beginMarker + endMarker},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(test.document), 0o644); err != nil {
				t.Fatal(err)
			}
			if update(path, []*mutant{one, two}, results[:1]) == nil {
				t.Error("got no error")
			}
		})
	}
}
