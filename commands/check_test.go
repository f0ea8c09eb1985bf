package commands

import (
	"strings"
	"testing"

	"wskit/internal/conform"
	"wskit/internal/term"
)

func TestCheckLine(t *testing.T) {
	for _, tt := range []struct {
		name  string
		title string
		count liveCount
		width int
		want  string
	}{
		{"a bar", "localhost:8080", liveCount{done: 123}, 80, "localhost:8080   123 of 1200 cases  ━━━───────────────────────────  10 %"},
		{"fails", "localhost:8080", liveCount{1200, 2, 1}, 60, "localhost:8080  1200 of 1200 cases  2 fail  1 non-strict"},
		{"cut", "localhost:8080", liveCount{done: 1}, 20, "localhost:8080     …"},
		{"a name to escape", "a\x1b[31m", liveCount{done: 1}, 40, `a\x1b[31m     1 of 1200 cases`},
		{"a long name", strings.Repeat("x", 50), liveCount{done: 1}, 60, strings.Repeat("x", 29) + "…     1 of 1200 cases"},
		{"no room", "localhost", liveCount{done: 1}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &checkLive{cases: 1200}
			got := l.line(tt.title, tt.count, tt.width)
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if n := term.Cells(got); n > tt.width {
				t.Errorf("got %d cells, want at most %d", n, tt.width)
			}
		})
	}
}

// TestCheckLiveCounts checks that agents are counted apart.
func TestCheckLiveCounts(t *testing.T) {
	var out strings.Builder
	l := &checkLive{cases: 3, counts: map[string]*liveCount{}}
	l.w = &out
	for _, v := range []conform.Verdict{conform.Pass, conform.Fail, conform.NonStrict} {
		l.note("a", conform.Result{Verdict: v})
	}
	l.note("b", conform.Result{Verdict: conform.Pass})
	if got, want := *l.counts["a"], (liveCount{3, 1, 1}); got != want {
		t.Errorf("a: got %+v, want %+v", got, want)
	}
	if got, want := *l.counts["b"], (liveCount{done: 1}); got != want {
		t.Errorf("b: got %+v, want %+v", got, want)
	}
	if n := strings.Count(out.String(), "\r"); n != 1 {
		t.Errorf("drawn %d times at once, want 1", n)
	}
}

func TestCheckVerdict(t *testing.T) {
	results := func(verdicts ...conform.Verdict) *conform.Report {
		a := &conform.Agent{Name: "a", Role: "server"}
		for i, v := range verdicts {
			a.Results = append(a.Results, conform.Result{Case: string(rune('a' + i)), Group: "G", Verdict: v})
		}
		return &conform.Report{Agents: []*conform.Agent{a}}
	}
	for _, tt := range []struct {
		name     string
		report   *conform.Report
		failOn   conform.Threshold
		baseline *conform.Report
		want     string // "" for a success
	}{
		{"all right", results("pass", "informational", "skipped", "non-strict"), "fail", nil, ""},
		{"a fail", results("pass", "fail", "fail"), "fail", nil, "2 cases failed"},
		{"not run", results("pass", "not-run"), "fail", nil, "1 case not run"},
		{"several", results("pass", "fail", "non-strict", "not-run"), "non-strict", nil, "1 case failed, 1 case not strict, 1 case not run"},
		{"never", results("pass", "fail", "not-run"), "never", nil, ""},
		{"nobody", &conform.Report{}, "never", nil, "not a single case was run"},
		{"all skipped", results("skipped", "skipped"), "never", nil, "not a single case was run: 2 skipped"},
		{"nothing run", results("not-run"), "never", nil, "not a single case was run"},
		{"no news", results("pass", "fail"), "fail", results("pass", "fail"), ""},
		{"news", results("pass", "fail"), "fail", results("pass", "pass"), "1 case worse than in old.json"},
		{"no news of nothing", results("not-run"), "fail", results("not-run"), "not a single case was run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := &checkReport{failOn: string(tt.failOn), baseline: "old.json", before: tt.baseline}
			err := o.verdict(tt.report)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFileName(t *testing.T) {
	taken := map[string]bool{}
	for _, tt := range []struct{ in, want string }{
		{"6455-5.2-text-1", "6455-5.2-text-1"},
		{"../../etc/passwd", "-..-etc-passwd"},
		{"..", "agent"},
		{"", "agent-2"},
		{"localhost:8080/ä", "localhost-8080--"},
		{"Agent", "Agent-3"},
		{"a\x00b\nc\u202e", "a-b-c-"},
		{strings.Repeat("x", 300), strings.Repeat("x", maxFileName)},
	} {
		t.Run(tt.in, func(t *testing.T) {
			if got := freeName(fileName(tt.in), taken); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestShellWord(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"ws://localhost:8080/a", "ws://localhost:8080/a"},
		{"ws://h/?a=1&b=2", "'ws://h/?a=1&b=2'"},
		{"it's", `'it'\''s'`},
		{"", "''"},
	} {
		if got := shellWord(tt.in); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
		}
	}
}
