package inspect

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"wskit/internal/trace"
)

var update = flag.Bool("update", false, "write the golden files")

// checkGolden compares got with a file in testdata.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		line := 1
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				break
			}
			if got[i] == '\n' {
				line++
			}
		}
		t.Errorf("%s: differs from line %d on (-update writes it anew); got\n%s", path, line, got)
	}
}

// TestCapturesAsText holds what people see of the sample captures.
func TestCapturesAsText(t *testing.T) {
	for _, tt := range []struct {
		capture string
		text    trace.Text
	}{
		{capture: "plain", text: trace.Text{Width: 100}},
		{capture: "fragmented", text: trace.Text{Width: 100}},
		{capture: "tcp_split", text: trace.Text{Width: 80}},
		{capture: "ping_latency", text: trace.Text{Width: 100, Stats: true}},
		{capture: "abnormal", text: trace.Text{Width: 60}},
		{capture: "deflate_takeover", text: trace.Text{Messages: true}},
		{capture: "deflate_fragmented", text: trace.Text{Width: 120, Payload: trace.PayloadPretty, MaxBytes: 400}},
		{capture: "deflate_bad", text: trace.Text{Width: 100}},
		{capture: "violations", text: trace.Text{Width: 100}},
	} {
		t.Run(tt.capture, func(t *testing.T) {
			var out bytes.Buffer
			for i, f := range readCapture(t, tt.capture) {
				text := trace.NewText(&out)
				text.Width, text.Payload, text.MaxBytes = tt.text.Width, tt.text.Payload, tt.text.MaxBytes
				text.Messages, text.Stats = tt.text.Messages, tt.text.Stats
				for _, e := range analyse(Config{Conn: i + 1}, f.chunks) {
					if err := text.Write(e); err != nil {
						t.Fatal(err)
					}
				}
			}
			checkGolden(t, tt.capture+".txt", out.Bytes())
		})
	}
}

// TestCaptureAsJSON holds the format of a session that has a bit of everything.
func TestCaptureAsJSON(t *testing.T) {
	for _, capture := range []string{"fragmented", "deflate_fragmented"} {
		t.Run(capture, func(t *testing.T) {
			var out bytes.Buffer
			w := trace.NewWriter(&out)
			for i, f := range readCapture(t, capture) {
				for _, e := range analyse(Config{Conn: i + 1}, f.chunks) {
					if err := w.Write(e); err != nil {
						t.Fatal(err)
					}
				}
			}
			checkGolden(t, capture+".jsonl", out.Bytes())
		})
	}
}
