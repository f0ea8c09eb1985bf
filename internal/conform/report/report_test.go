package report

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wskit/internal/conform"
	"wskit/internal/junit"
	"wskit/internal/term"
)

// evil is what a peer may send to be shown: it must never reach a terminal, nor a page.
const evil = "evil \x1b[31m \u202e <script>alert(1)</script> ]]> \x00\xff"

// quoted is evil as the sentences of results have it.
var quoted = fmt.Sprintf("%q", evil)

// sample returns a report with a result of each verdict of one agent, and another agent
// that has some of the cases.
func sample() *conform.Report {
	a := &conform.Agent{
		Name: evil, Role: "server", URL: "ws://localhost:8080/", Product: "prod\x07uct", Ended: "the server is gone: " + quoted,
		Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Elapsed: 1200 * time.Millisecond,
	}
	for i, v := range conform.Verdicts() {
		r := conform.Result{
			Case: fmt.Sprintf("6455-5.2-case-%d", i), Group: "Framing", Title: "a case", Section: "RFC 6455 §5.2",
			Verdict: v, Elapsed: 2 * time.Millisecond,
		}
		if v != conform.Pass {
			r.Text, r.Why, r.Steps = "it sent "+quoted, "a rule", []string{"send text", "expect text"}
			r.Exchange, r.Trace = "first line\nsecond "+evil+"\n", "dir/"+r.Case+".jsonl"
		}
		a.Results = append(a.Results, r)
	}
	a.Results[5].Group = "Closing"
	b := &conform.Agent{Name: "other", Role: "server", Results: []conform.Result{a.Results[0], {
		Case: "7692-7-only", Group: "Compression", Title: "only here", Section: "RFC 7692 §7", Verdict: conform.Pass,
	}}}
	return &conform.Report{Format: conform.Format, Version: "1.2.3", Agents: []*conform.Agent{a, b}}
}

// one returns the report of the first agent of sample.
func one() *conform.Report {
	r := sample()
	r.Agents = r.Agents[:1]
	return r
}

// checkSafe checks that nothing in s does something to a terminal, or to its reader.
func checkSafe(t *testing.T, s string) {
	t.Helper()
	for l := range strings.Lines(s) {
		if l = strings.TrimSuffix(l, "\n"); term.EscapeQuoted(l) != l {
			t.Errorf("not escaped: %q", l)
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name      string
		text      Text
		report    *conform.Report
		want, not []string
	}{
		{
			name: "one agent", text: Text{Again: "ws://localhost:8080/"}, report: one(),
			want: []string{
				`^evil \\x1b\[31m `, `^ws://localhost:8080/$`, `^the server is gone: `,
				`^ +pass  non-strict  fail  informational  skipped  not run$`,
				`^Framing +1 +1 +1 +1 +1 +·$`, `^Closing +· +· +· +· +· +1$`, `^total +1 +1 +1 +1 +1 +1$`,
				`^fail  6455-5\.2-case-4  RFC 6455 §5\.2\n    a case: it sent "evil`, `^non-strict  6455-5\.2-case-3 `, `^informational  6455-5\.2-case-1 `,
				`^    wskit inspect dir/6455-5\.2-case-4\.jsonl$`,
				`^1 case not run: it sent`, `^1 case skipped: it sent`,
				`^  wskit check --case 6455-5\.2-case-4 -v ws://localhost:8080/$`, `^  wskit explain 6455-5\.2-case-4$`,
				`^6 cases in 1\.2 s: 1 not run, 1 fail, 1 non-strict, 1 skipped, 1 informational, 1 pass$`,
			},
			not: []string{"The rule", "first line", `^pass  `},
		},
		{
			name: "all, in detail", text: Text{All: true, Details: true, Again: "URL"}, report: one(),
			want: []string{
				`^pass  6455-5\.2-case-0  RFC 6455 §5\.2$`, `^not run  6455-5\.2-case-5`, `^skipped  6455`,
				`^    The rule: a rule\.\n    1\. send text\n    2\. expect text\n    first line\n    second evil`,
			},
			not: []string{`^1 case `, "wskit explain"},
		},
		{
			name: "two agents", report: sample(),
			want: []string{
				`^ +evil .*…  +other$`, `^Framing +1 fail, 1 non-strict +pass$`, `^Closing +1 not run +–$`, `^Compression  – +pass$`, `^total .* +pass$`,
				`^other +2 cases in 0\.00 ms: 2 pass$`,
			},
			not: []string{"wskit check --case"},
		},
		{
			name: "nothing", report: &conform.Report{Agents: []*conform.Agent{{Role: "client"}}},
			want: []string{`^a client without a name$`, `^no case was run$`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.text.Format(tt.report)
			checkSafe(t, got)
			for _, want := range tt.want {
				if !regexp.MustCompile("(?m)" + want).MatchString(got) {
					t.Errorf("no match for %s", want)
				}
			}
			for _, not := range tt.not {
				if regexp.MustCompile("(?m)" + not).MatchString(got) {
					t.Errorf("a match for %s", not)
				}
			}
			if t.Failed() {
				t.Log(got)
			}
		})
	}
}

// TestTextOrder checks that what is worst comes first.
func TestTextOrder(t *testing.T) {
	got := Text{All: true}.Format(one())
	last := -1
	for _, v := range worst() {
		i := strings.Index(got, "\n"+verdictWord(v)+"  6455")
		if i <= last {
			t.Errorf("%s stands at %d, after %d", v, i, last)
		}
		last = i
	}
}

// TestTextWidth checks that sentences keep to the width of a terminal, and colours do
// not count.
func TestTextWidth(t *testing.T) {
	r := one()
	r.Agents[0].Results[4].Text = strings.Repeat("words and ", 30)
	for _, palette := range []term.Palette{{}, term.NewPalette(true)} {
		got := Text{Width: 60, Palette: palette}.Format(r)
		rows := 0
		for l := range strings.Lines(got) {
			if !strings.Contains(l, "words and") {
				continue
			}
			rows++
			l = regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(strings.TrimSuffix(l, "\n"), "")
			if n := term.Cells(l); n > 60 || !strings.HasPrefix(l, "    ") {
				t.Errorf("%d cells: %q", n, l)
			}
		}
		if rows < 5 {
			t.Errorf("got %d rows", rows)
		}
	}
}

func TestComparison(t *testing.T) {
	r := one()
	a := r.Agents[0]
	c := conform.Comparison{
		News:      []conform.Change{{Agent: a, Result: &a.Results[4], Was: conform.Pass}, {Agent: a, Result: &a.Results[5]}},
		Fixed:     []conform.Change{{Agent: a, Result: &a.Results[0], Was: conform.Fail}},
		Strangers: []*conform.Agent{a},
	}
	got := Text{}.FormatComparison(c, "old\x1b.json")
	checkSafe(t, got)
	for _, want := range []string{
		`^Compared with old\\x1b\.json: 2 new, 1 fixed, 0 known$`, `^evil .* is not in it`,
		`^new    6455-5\.2-case-4  fail, was pass `, `^new    6455-5\.2-case-5  not run, was not in it `, `^fixed  6455-5\.2-case-0  pass, was fail `,
	} {
		if !regexp.MustCompile("(?m)" + want).MatchString(got) {
			t.Errorf("no match for %s in\n%s", want, got)
		}
	}
}

func writeJUnit(t *testing.T, j JUnit, r *conform.Report) (string, junit.Suites) {
	t.Helper()
	var b strings.Builder
	if err := j.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	var s junit.Suites
	if err := xml.Unmarshal([]byte(b.String()), &s); err != nil {
		t.Fatalf("%v in\n%s", err, &b)
	}
	return b.String(), s
}

func TestJUnit(t *testing.T) {
	r := sample()
	known := []conform.Change{{Agent: r.Agents[0], Result: &r.Agents[0].Results[4]}}
	for _, tt := range []struct {
		name                      string
		junit                     JUnit
		failures, errors, skipped int
	}{
		{"zero", JUnit{}, 1, 1, 1},
		{"fail", JUnit{Threshold: conform.FailOnFail}, 1, 1, 1},
		{"non-strict", JUnit{Threshold: conform.FailOnNonStrict}, 2, 1, 1},
		{"never", JUnit{Threshold: conform.FailNever}, 1, 1, 1},
		{"known", JUnit{Threshold: conform.FailOnNonStrict, Known: known}, 1, 1, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, s := writeJUnit(t, tt.junit, r)
			checkSafe(t, text)
			if s.Tests != 8 || s.Failures != tt.failures || s.Errors != tt.errors || s.Skipped != tt.skipped {
				t.Errorf("got %d tests, %d failures, %d errors, %d skipped, want 8, %d, %d, %d", s.Tests, s.Failures, s.Errors, s.Skipped, tt.failures, tt.errors, tt.skipped)
			}
			if len(s.Suites) != 2 || s.Suites[0].Tests != 6 || s.Suites[1].Tests != 2 || s.Suites[1].Failures != 0 {
				t.Fatalf("got the suites %+v", s.Suites)
			}
			failures := 0
			for _, c := range s.Suites[0].Cases {
				if c.Failure != nil {
					failures++
				}
			}
			if failures != tt.failures {
				t.Errorf("got %d elements of failures, want %d", failures, tt.failures)
			}
		})
	}
}

func TestJUnitContent(t *testing.T) {
	_, s := writeJUnit(t, JUnit{}, one())
	c := s.Suites[0].Cases[4]
	if c.Class != "Framing" || c.Name != "6455-5.2-case-4" || c.Time != "0.002000" {
		t.Errorf("got %+v", c)
	}
	if f := c.Failure; f == nil || f.Message != "it sent "+line(quoted) || f.Type != "fail" ||
		!strings.Contains(f.Text, "the rule: a rule\n1. send text\n2. expect text\nfirst line\nsecond evil \\x1b[31m") {
		t.Errorf("got %+v", c.Failure)
	}
	if out := s.Suites[0].Cases[3].Out; !strings.HasPrefix(out, "non-strict: it sent") {
		t.Errorf("got %q for what is not strict", out)
	}
	if s.Suites[0].Err == "" || s.Suites[0].Timestamp != "2026-03-01T12:00:00" {
		t.Errorf("got %+v", s.Suites[0])
	}
}

// TestJUnitElsewhere has another parser read the file.
func TestJUnitElsewhere(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no python3, which CI installs")
	}
	if err != nil {
		t.Skip("there is no python3")
	}
	text, _ := writeJUnit(t, JUnit{}, sample())
	file := filepath.Join(t.TempDir(), "junit.xml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = root.findall("testsuite/testcase")
print(len(cases), len(root.findall(".//failure")), cases[4].get("name"), cases[4].find("failure").text.count("\n"))
`, file).CombinedOutput()
	if want := "8 1 6455-5.2-case-4 8\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

func pageOf(t *testing.T, r *conform.Report, notes ...string) string {
	t.Helper()
	var b strings.Builder
	if err := WriteHTML(&b, r, notes); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPage(t *testing.T) {
	for _, tt := range []struct {
		name      string
		report    *conform.Report
		want, not []string
	}{
		{
			"two agents", sample(),
			[]string{
				"<title>wskit check of 2 agents</title>", `<h2>evil \x1b[31m \u{202e} &lt;script&gt;`, `<li class="chip fail">1 fail</li>`,
				`<p class="ended">the server is gone`, `class="note">news \x07`, `<td data-agent="other"><span class="chip pass">pass</span></td>`,
				`<td data-agent="other"><span class="chip none">–</span></td>`, `<tr class="clean"><th scope="row"><code>7692-7-only</code>`,
				`colspan="3"`, `id="only" checked`, `<li>expect text</li>`, "<pre tabindex=\"0\">first line\nsecond evil \\x1b[31m", "<b>RFC 6455 §5.2</b>: a rule",
			},
			nil,
		},
		{"one agent", one(), []string{"<title>wskit check of evil", `<td><span class="chip fail">fail</span></td>`}, []string{"data-agent=\"evil"}},
		{
			"all right", &conform.Report{Format: conform.Format, Agents: sample().Agents[1:]},
			[]string{`<li class="chip none">0 fail</li>`},
			[]string{`id="only"`, "<details"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			html := pageOf(t, tt.report, "news \x07")
			checkSafe(t, html)
			for _, want := range tt.want {
				if !strings.Contains(html, want) {
					t.Errorf("the page has no %s", want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(html, not) {
					t.Errorf("the page has %s", not)
				}
			}
			bare := regexp.MustCompile(`base64,[^"]*`).ReplaceAllString(html, "")
			if bad := regexp.MustCompile(`(?i)<script|https?:|@import|url\(`).FindString(bare); bad != "" {
				t.Errorf("the page has %q", bad)
			}
		})
	}
}

// TestPageJSON reads the report that the page offers to download.
func TestPageJSON(t *testing.T) {
	_, rest, _ := strings.Cut(pageOf(t, sample()), "base64,")
	data, _, _ := strings.Cut(rest, `"`)
	doc, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(data, "&#43;", "+"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := conform.ReadReport(strings.NewReader(string(doc)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Agents) != 2 || len(r.Agents[0].Results) != 6 {
		t.Errorf("got %+v", r)
	}
}
