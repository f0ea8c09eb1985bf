package interop

import (
	"net"
	"path/filepath"
	"testing"
)

// TestReportPage opens a page of bench --html in a headless Chromium: both plots are
// drawn and can be read, on a screen and on a phone.
func TestReportPage(t *testing.T) {
	t.Parallel()
	need(t, machine.node, machine.chrome)
	page := filepath.Join(t.TempDir(), "report.html")
	run := launch(t, []string{machine.wskit, "bench", "--duration", "500ms", "--html", page, "--json", "echo:"})
	if err := run.finish(); err != nil {
		t.Fatalf("bench: %v\n%s", err, &run.stderr)
	}
	openPage(t, "bench", page)
}

// TestCheckReportPage opens a page of check --html with two agents, of which one has
// failed in some cases.
func TestCheckReportPage(t *testing.T) {
	t.Parallel()
	need(t, machine.node, machine.chrome)
	page := filepath.Join(t.TempDir(), "report.html")
	_, right := startServe(t)
	_, small := startServe(t, "--max-frame-size", "60k")
	run := launch(t, []string{machine.wskit, "check", "--fail-on", "never", "--timeout", "2", "--html", page, right, small})
	if err := run.finish(); err != nil {
		t.Fatalf("check: %v\n%s", err, &run.stderr)
	}
	openPage(t, "check", page)
}

// openPage opens a page of that kind. It is drawn, can be read, and asks for nothing.
func openPage(t *testing.T, kind, page string) {
	t.Helper()
	seen := proxy(t)
	results := runClient(t, []string{
		machine.node, filepath.Join(peersDir, "chromium", "report.js"),
		"--browser", machine.chrome, "--proxy", "http://" + seen.addr, "--kind", kind, page,
	})
	if len(results) != 8 {
		t.Errorf("got %d results, want 8", len(results))
	}
	for _, what := range seen.end() {
		t.Errorf("the browser asked the proxy: %s", what)
	}
}

// A proxyLog is a proxy that serves nobody, and remembers what it was asked.
type proxyLog struct {
	addr string
	end  func() []string
}

// proxy starts one.
func proxy(t *testing.T) proxyLog {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan []string)
	go func() {
		var asked []string
		for {
			c, err := l.Accept()
			if err != nil {
				done <- asked
				return
			}
			line := make([]byte, 200)
			n, _ := c.Read(line) // whatever there is of it
			asked = append(asked, string(line[:n]))
			c.Close()
		}
	}()
	return proxyLog{l.Addr().String(), func() []string {
		l.Close()
		return <-done
	}}
}
