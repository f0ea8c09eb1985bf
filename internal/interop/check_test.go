package interop

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A checked is what wskit check --json says of one peer.
type checked struct {
	Name, Role, Ended string
	Results           []checkedCase
}

type checkedCase struct{ Case, Group, Verdict, Text string }

// check runs wskit check on one peer. That it finds something to object to is no failure.
func check(t *testing.T, args ...string) checked {
	t.Helper()
	p := launch(t, slices.Concat([]string{machine.wskit, "check", "--json"}, args))
	var report struct {
		Format string
		Agents []checked
	}
	p.next(t, &report)
	if err := p.finish(); err != nil && p.cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("check: %v\n%s", err, &p.stderr)
	}
	if report.Format != "wskit-check/1" || len(report.Agents) != 1 {
		t.Fatalf("the report is of the format %q, with %d agents", report.Format, len(report.Agents))
	}
	agent := report.Agents[0]
	if agent.Ended != "" {
		t.Errorf("the run ended early: %s", agent.Ended)
	}
	return agent
}

// expectPasses checks that every case is a pass, but those that are skipped for one of these
// reasons, and returns how many are skipped.
func (c checked) expectPasses(t *testing.T, reasons ...string) (skipped int) {
	t.Helper()
	for _, r := range c.Results {
		if r.Verdict == "skipped" && slices.ContainsFunc(reasons, func(reason string) bool { return strings.Contains(r.Text, reason) }) {
			skipped++
		} else if r.Verdict != "pass" {
			t.Errorf("%s: %s: %s", r.Case, r.Verdict, r.Text)
		}
	}
	if passed := len(c.Results) - skipped; passed < 400 {
		t.Errorf("%d cases are passes, want 400 or more", passed)
	}
	return skipped
}

// TestCheckServe tests wskit serve.
func TestCheckServe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		serve, check []string
		skips        []string
	}{
		{name: "plain", skips: []string{"the server declined "}},
		{name: "deflate", serve: []string{"--compress"}, check: []string{"--compress"}},
		{name: "deflate everything", serve: []string{"--compress=min=1"}, check: []string{"--compress"}},
		{
			name: "without takeover", serve: []string{"--compress=no-takeover"}, check: []string{"--compress"},
			skips: []string{"the peer wants each of our messages to stand alone", "the peer wants a smaller window than our compressor has"},
		},
		{name: "window of 9 bits", serve: []string{"--compress=bits=9"}, check: []string{"--compress"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, url := startServe(t, append(test.serve, "-q")...)
			skipped := check(t, append(test.check, url)...).expectPasses(t, test.skips...)
			if (skipped > 0) != (len(test.skips) > 0) {
				t.Errorf("%d cases are skipped", skipped)
			}
		})
	}
}

// TestCheckNginx tests wskit serve behind nginx, which has its own mind about HTTP, and gives
// a connection up when one end of it has ended. All else is as without it.
func TestCheckNginx(t *testing.T) {
	t.Parallel()
	need(t, machine.nginx)
	_, upstream := startServe(t, "--compress", "-q")
	got := check(t, "--compress", startNginx(t, upstream))
	got.Results = slices.DeleteFunc(got.Results, func(r checkedCase) bool {
		return strings.HasPrefix(r.Group, "Opening handshake") || strings.HasPrefix(r.Case, "6455-7.1.1-half-close")
	})
	got.expectPasses(t)
}

// TestCheckConnect tests wskit connect --echo.
func TestCheckConnect(t *testing.T) {
	t.Parallel()
	program := filepath.Join(peersDir, "wskit", "echo-client")
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		check(t, "--run", driver("sh", program, machine.wskit)).expectPasses(t, "the client did not offer ")
	})
	t.Run("deflate", func(t *testing.T) {
		t.Parallel()
		got := check(t, "--run", driver("sh", program, machine.wskit, "--compress"))
		// What a client with less to offer is asked.
		got.expectPasses(t, "the client offers permessage-deflate", "the client's offer allows ", "the client did not offer that parameter")
	})
}

// driver is a client with that command as a shell runs it.
func driver(argv ...string) string {
	return "'" + strings.Join(argv, "' '") + `' "$WSKIT_URL" driver`
}

// TestCheckPeers tests others. What they do is not ours to say and changes with their
// versions, but a run comes to its end, with a verdict on each case, and finds that they
// know most of the protocol.
func TestCheckPeers(t *testing.T) {
	t.Parallel()
	for _, l := range libraries() {
		t.Run(l.name+"/server", func(t *testing.T) {
			t.Parallel()
			l.need(t)
			check(t, l.start(t, "echo").url).expectMost(t, "server")
		})
		t.Run(l.name+"/client", func(t *testing.T) {
			t.Parallel()
			l.need(t)
			check(t, "--run", driver(l.argv("echo-client")...)).expectMost(t, "client")
		})
	}
}

// expectMost checks that every case was run, and that two of three are passes.
func (c checked) expectMost(t *testing.T, role string) {
	t.Helper()
	if c.Role != role {
		t.Errorf("the role is %q, want %q", c.Role, role)
	}
	passed, skipped := 0, 0
	for _, r := range c.Results {
		switch r.Verdict {
		case "pass":
			passed++
		case "skipped":
			skipped++
		case "informational", "non-strict", "fail":
		default:
			t.Errorf("%s: the verdict is %q: %s", r.Case, r.Verdict, r.Text)
		}
	}
	if run := len(c.Results) - skipped; run < 400 || passed < run*2/3 {
		t.Errorf("of %d cases that are not skipped %d are passes, want most of 400 or more", run, passed)
	}
}
