package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wskit/internal/load"
	"wskit/internal/term"
)

func TestProgressLine(t *testing.T) {
	timed := load.Config{Connections: 64, Duration: 10 * time.Second}
	running := load.Progress{
		Phase: load.Measuring, Elapsed: 4200 * time.Millisecond, Done: 0.42, Planned: 64, Open: 64,
		Messages: 500_000, Rate: 123_456, P50: 41_200, P99: 1_238_000,
	}
	for _, tt := range []struct {
		name  string
		cfg   load.Config
		p     load.Progress
		width int
		want  string
	}{
		{
			"wide", timed, running, 120,
			"4.2 s of 10 s  ━━━━━━━━━━━━──────────────────  42 %  64 open    123,456 msg/s  p50 41.2 µs  p99 1.24 ms  0 errors",
		},
		{
			"with a short bar", timed, running, 99,
			"4.2 s of 10 s  ━━━━━━──────────  42 %  64 open    123,456 msg/s  p50 41.2 µs  p99 1.24 ms  0 errors",
		},
		{
			"without a bar", timed, running, 85,
			"4.2 s of 10 s  64 open    123,456 msg/s  p50 41.2 µs  p99 1.24 ms  0 errors",
		},
		{"cut", timed, running, 40, "4.2 s of 10 s  64 open    123,456 msg/s…"},
		{"no room", timed, running, 0, ""},
		{
			"count",
			load.Config{Count: 1_000_000},
			running, 60,
			"  500,000 of 1,000,000  64 open    123,456 msg/s  p50 41.2 …",
		},
		{
			"opening", timed,
			load.Progress{Phase: load.Opening, Planned: 64, Open: 12, Errors: 1},
			80,
			"opening connections: 12 of 64  1 error",
		},
		{
			"ending", timed,
			load.Progress{Phase: load.Ending, Open: 3, Done: 1},
			80,
			"waiting for the last replies, closing: 3 open  0 errors",
		},
		{
			"idle",
			load.Config{Idle: true},
			load.Progress{Phase: load.Measuring, Open: 9, Done: 1, Elapsed: time.Second, P50: 300_000, P99: 500_000},
			100,
			"1.0 s of 10 s  ━━━━━━━━━━━━━━━━━━━━━━━━━ 100 %  9 open  handshake p50  300 µs  p99  500 µs  0 errors",
		},
		{
			"errors", timed,
			load.Progress{Phase: load.Measuring, Open: 2, Errors: 1234, Rate: 5},
			60,
			"0.0 s of 10 s  2 open  1,234 errors          5 msg/s",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &progressLine{cfg: tt.cfg}
			got := l.line(tt.p, tt.width)
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if n := term.Cells(got); n > tt.width {
				t.Errorf("got %d cells, want at most %d", n, tt.width)
			}
		})
	}
}

// TestProgressLineColor checks that an error is seen.
func TestProgressLineColor(t *testing.T) {
	l := &progressLine{statusLine: statusLine{palette: term.NewPalette(true)}}
	bad, good := l.line(load.Progress{Errors: 2}, 80), l.line(load.Progress{}, 80)
	if want := l.palette.Error.Text("  2 errors"); !strings.Contains(bad, want) {
		t.Errorf("got %q, want %q in it", bad, want)
	}
	if want := l.palette.OK.Text("  0 errors"); !strings.HasSuffix(good, want) {
		t.Errorf("got %q, want %q at its end", good, want)
	}
}

func TestParseShare(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want float64
		ok   bool
	}{
		{in: "0", ok: true},
		{in: "1%", want: 0.01, ok: true},
		{in: "0.5 %", want: 0.005, ok: true},
		{in: "0.01", want: 0.01, ok: true},
		{in: "1", want: 1, ok: true},
		{in: "100%", want: 1, ok: true},
		{in: "101%"},
		{in: "1.5"},
		{in: "-1%"},
		{in: "NaN"},
		{in: "0x1p-3"},
		{in: "%"},
		{in: "one"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			got, err := parseShare(tt.in)
			if (err == nil) != tt.ok || tt.ok && got != tt.want {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestReadMessage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "message")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, value, want string }{
		{"text", "hello", "hello"},
		{"at", "@@all", "@all"},
		{"file", "@" + file, "from a file\n"},
		{"empty file", "@" + empty, ""},
		{"stdin", "@-", "from stdin"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readMessage(&Env{Stdin: strings.NewReader("from stdin")}, tt.value)
			if err != nil || got == nil || string(got) != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	if _, err := readMessage(&Env{}, "@"+file+".not"); err == nil {
		t.Error("got no error of a file that is not there")
	}
}
