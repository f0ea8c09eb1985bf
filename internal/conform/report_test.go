package conform

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// agentOf returns an agent with a result of each verdict, by the case's ID.
func agentOf(name string, verdicts map[string]Verdict) *Agent {
	a := &Agent{Name: name, Role: "server", URL: "ws://" + name + "/", Product: "a/1", Started: time.Unix(1, 0).UTC(), Elapsed: time.Second}
	for id, v := range verdicts {
		a.Results = append(a.Results, Result{Case: id, Group: "Group", Title: "title", Section: "RFC 6455 §5.2", Verdict: v, Elapsed: 1})
	}
	slices.SortFunc(a.Results, func(a, b Result) int { return strings.Compare(a.Case, b.Case) })
	return a
}

func reportOf(agents ...*Agent) *Report {
	return &Report{Format: Format, Version: "1", Agents: agents}
}

func encode(t testing.TB, r *Report) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestThreshold(t *testing.T) {
	for _, tt := range []struct {
		threshold Threshold
		want      []Verdict
	}{
		{FailOnFail, []Verdict{Fail, NotRun}},
		{FailOnNonStrict, []Verdict{NonStrict, Fail, NotRun}},
		{FailNever, nil},
	} {
		var got []Verdict
		for _, v := range Verdicts() {
			if tt.threshold.Fails(v) {
				got = append(got, v)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.threshold, got, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after Verdict // "" for none
		threshold     Threshold
		want          string
	}{
		{"all the same", Pass, Pass, FailOnFail, ""},
		{"a fail as before", Fail, Fail, FailOnFail, "known"},
		{"a new fail", Pass, Fail, FailOnFail, "new"},
		{"a fail that was not strict", NonStrict, Fail, FailOnFail, "new"},
		{"a fail that was skipped", Skipped, Fail, FailOnFail, "new"},
		{"a new case that fails", "", Fail, FailOnFail, "new"},
		{"a new case that passes", "", Pass, FailOnFail, ""},
		{"not run any more", Fail, NotRun, FailOnFail, "new"},
		{"run at last, in vain", NotRun, Fail, FailOnFail, "known"},
		{"fixed", Fail, Pass, FailOnFail, "fixed"},
		{"fixed, though not strict", Fail, NonStrict, FailOnFail, "fixed"},
		{"a fail that is skipped", Fail, Skipped, FailOnFail, ""},
		{"gone", Fail, "", FailOnFail, ""},
		{"less strict, which is no failure", Pass, NonStrict, FailOnFail, ""},
		{"less strict", Pass, NonStrict, FailOnNonStrict, "new"},
		{"less strict as before", NonStrict, NonStrict, FailOnNonStrict, "known"},
		{"better, but not strict", Fail, NonStrict, FailOnNonStrict, "known"},
		{"worse than not strict", NonStrict, Fail, FailOnNonStrict, "new"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			of := func(v Verdict) *Report {
				verdicts := map[string]Verdict{"other": Pass}
				if v != "" {
					verdicts["id"] = v
				}
				return reportOf(agentOf("a", verdicts))
			}
			c := of(tt.after).Compare(of(tt.before), tt.threshold)
			got := ""
			for word, changes := range map[string][]Change{"new": c.News, "known": c.Known, "fixed": c.Fixed} {
				for _, change := range changes {
					got += word
					if change.Was != tt.before || change.Result.Case != "id" || change.Agent.Name != "a" {
						t.Errorf("got %+v, want was %q", change, tt.before)
					}
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCompareAgents(t *testing.T) {
	fails, passes := map[string]Verdict{"id": Fail}, map[string]Verdict{"id": Pass}
	client := agentOf("a", fails)
	client.Role = "client"
	for _, tt := range []struct {
		name                   string
		before, after          *Report
		news, known, strangers int
	}{
		{"by name", reportOf(agentOf("a", fails), agentOf("b", passes)), reportOf(agentOf("b", fails), agentOf("a", fails)), 1, 1, 0},
		{"one each", reportOf(agentOf("a:1", fails)), reportOf(agentOf("a:2", fails)), 0, 1, 0},
		{"one each of another role", reportOf(client), reportOf(agentOf("a", fails)), 1, 0, 1},
		{"one of several", reportOf(agentOf("a", fails), agentOf("b", fails)), reportOf(agentOf("c", fails)), 1, 0, 1},
		{"nobody before", reportOf(), reportOf(agentOf("c", fails)), 1, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.after.Compare(tt.before, FailOnFail)
			if len(c.News) != tt.news || len(c.Known) != tt.known || len(c.Strangers) != tt.strangers {
				t.Errorf("got %d new, %d known, %d strangers, want %d, %d, %d", len(c.News), len(c.Known), len(c.Strangers), tt.news, tt.known, tt.strangers)
			}
		})
	}
}

// TestMerge checks that agents of one name can be told apart, and what is cut.
func TestMerge(t *testing.T) {
	client := agentOf("a", nil)
	client.Role, client.Product = "client", strings.Repeat("é", 10_000)
	other := reportOf(agentOf("a", nil), agentOf("a (2)", nil))
	other.Version = "2"
	m := Merge([]*Report{reportOf(agentOf("a", nil), client), other, reportOf(agentOf("a", nil))})
	var names []string
	for _, a := range m.Agents {
		names = append(names, a.Role+" "+a.Name)
	}
	want := []string{"server a", "client a", "server a (2)", "server a (2) (2)", "server a (3)"}
	if !slices.Equal(names, want) || m.Version != "" || m.Format != Format {
		t.Errorf("got %q of version %q, want %q", names, m.Version, want)
	}
	if n := len(client.Product); n > maxWord || !strings.HasSuffix(client.Product, "é…") {
		t.Errorf("the product has %d bytes, and ends with %q", n, client.Product[n-10:])
	}
	if _, err := ReadReport(strings.NewReader(encode(t, m))); err != nil {
		t.Errorf("read what was merged: %v", err)
	}
}

// What is written is what is read.
func TestReportRoundTrip(t *testing.T) {
	want := reportOf(agentOf("a", map[string]Verdict{"1": Pass, "2": Fail, "3": NotRun}), agentOf("b", nil))
	want.Agents[0].Results[1].Steps = []string{"one", "two"}
	want.Agents[0].Results[1].Exchange = "frames\n"
	want.Agents[0].Results[1].Trace = "dir/2.jsonl"
	want.Agents[0].Ended = "it went away"
	got, err := ReadReport(strings.NewReader(encode(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadReportRefuses(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	change := func(f func(a *Agent)) string {
		r := reportOf(agentOf("a", map[string]Verdict{"1": Pass, "2": Fail}))
		f(r.Agents[0])
		return encode(t, r)
	}
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", "unexpected end"},
		{"cut", `{"format":"wskit-check/1"`, "unexpected end"},
		{"bench", `{"format":"wskit-bench/1"}`, `format is "wskit-bench/1", want "wskit-check/1"`},
		{"no format", `{}`, `format is ""`},
		{"a list", `[]`, "a JSON array is not what belongs here"},
		{"a word for a number", `{"format":"wskit-check/1","agents":[{"elapsed_ns":"x"}]}`, "agents: elapsed_ns: a JSON string"},
		{"null", `{"format":"wskit-check/1","agents":[null]}`, "number 1 is null"},
		{"role", change(func(a *Agent) { a.Role = "peer" }), `role "peer" is unknown`},
		{"verdict", change(func(a *Agent) { a.Results[0].Verdict = "good" }), `"1": verdict "good" is unknown`},
		{"case", change(func(a *Agent) { a.Results[0].Case = "" }), "case is missing"},
		{"group", change(func(a *Agent) { a.Results[0].Group = "" }), "group is missing"},
		{"case twice", change(func(a *Agent) { a.Results[0].Case = "2" }), `"2" is there twice`},
		{"time", change(func(a *Agent) { a.Results[0].Elapsed = -1 }), "elapsed_ns is negative"},
		{"agent's time", change(func(a *Agent) { a.Elapsed = -1 }), "elapsed_ns is negative"},
		{"name", change(func(a *Agent) { a.Name = long }), "longer than"},
		{"text", change(func(a *Agent) { a.Results[0].Text = long }), "longer than"},
		{"exchange", change(func(a *Agent) { a.Results[0].Exchange = long }), "exchange: longer than"},
		{"step", change(func(a *Agent) { a.Results[0].Steps = []string{long} }), "steps: one is longer"},
		{"steps", change(func(a *Agent) { a.Results[0].Steps = make([]string, maxSteps+1) }), "steps: more than"},
		{"results", change(func(a *Agent) { a.Results = make([]Result, maxResults+1) }), "results: more than"},
		{"agents", encode(t, reportOf(make([]*Agent, maxAgents+1)...)), "agents: more than"},
		{"agent twice", encode(t, reportOf(agentOf("a", nil), agentOf("a", nil))), `"a" is there twice`},
		{"size", `{"format":"wskit-check/1","version":"` + strings.Repeat(" ", maxReport), "larger than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ReadReport(strings.NewReader(tt.in))
			if err == nil || r != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if err != nil && len(err.Error()) > 400 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// FuzzReadReport checks that what is read can be compared, joined, and read again.
func FuzzReadReport(f *testing.F) {
	r := reportOf(agentOf("a", map[string]Verdict{"1": Pass, "2": Fail}), agentOf("b", map[string]Verdict{"1": NotRun}))
	f.Add([]byte(encode(f, r)))
	f.Add([]byte(`{"format":"wskit-check/1","agents":[{"role":"client","name":"\u202e"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ReadReport(bytes.NewReader(b))
		if err != nil {
			return
		}
		got.Compare(r, FailOnNonStrict)
		m := Merge([]*Report{reportOf(agentOf("a", nil)), got})
		if _, err := ReadReport(strings.NewReader(encode(t, m))); err != nil {
			t.Errorf("read again: %v", err)
		}
	})
}
