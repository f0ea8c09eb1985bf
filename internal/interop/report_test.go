package interop

import (
	"net"
	"path/filepath"
	"testing"
)

// TestReportPage opens a page of bench --html in a headless Chromium: both plots are
// drawn and can be read, on a screen and on a phone, and nothing is asked of anybody.
func TestReportPage(t *testing.T) {
	t.Parallel()
	need(t, machine.node, machine.chrome)
	page := filepath.Join(t.TempDir(), "report.html")
	run := launch(t, []string{machine.wskit, "bench", "--duration", "500ms", "--html", page, "--json", "echo:"})
	if err := run.finish(); err != nil {
		t.Fatalf("bench: %v\n%s", err, &run.stderr)
	}
	seen := proxy(t)
	results := runClient(t, []string{
		machine.node, filepath.Join(peersDir, "chromium", "report.js"),
		"--browser", machine.chrome, "--proxy", "http://" + seen.addr, page,
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
