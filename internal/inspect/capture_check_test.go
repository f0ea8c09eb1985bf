package inspect

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// captures are the sample captures that have every packet of a handshake in the
// clear.
var captures = []string{
	"abnormal", "deflate_bad", "deflate_fragmented", "deflate_mixed", "deflate_takeover", "first_frame_with_101",
	"fragmented", "jsonrpc", "ping_latency", "plain", "tcp_split", "violations",
}

// manifestFrame writes a frame as the manifest has it.
func manifestFrame(f *trace.Frame) string {
	name := f.Header.Opcode.String()
	switch {
	case f.Header.Opcode == codec.OpContinuation:
		name = "cont"
	case f.Header.Opcode.Reserved():
		name = fmt.Sprintf("op%x", uint8(f.Header.Opcode))
	}
	if !f.Header.Fin {
		name += "-"
	}
	if f.Header.RSV&codec.RSV1 != 0 {
		name += "c"
	}
	if f.Header.Masked {
		name += "m"
	}
	s := fmt.Sprintf("%s:%d", name, f.Header.Length)
	if f.Incomplete {
		s += "(cut)"
	}
	return s
}

// TestCapturesManifest compares the frames with what an independent reader saw.
func TestCapturesManifest(t *testing.T) {
	type side struct {
		FirstLine string `json:"first_line"`
		Frames    []string
	}
	var manifest map[string][]struct {
		Client side `json:"client_sends"`
		Server side `json:"server_sends"`
	}
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "captures", "manifest.json"))
	if err == nil {
		err = json.Unmarshal(b, &manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range captures {
		t.Run(name, func(t *testing.T) {
			want := manifest[name+".pcapng"]
			flows := readCapture(t, name)
			if len(flows) != len(want) {
				t.Fatalf("got %d connections, want %d", len(flows), len(want))
			}
			for i, f := range flows {
				var got [2][]string
				lines := [2]string{}
				for _, e := range analyse(Config{}, f.chunks) {
					switch e := e.(type) {
					case *trace.Open:
						lines = [2]string{codec.RoleClient: e.Request.Start, codec.RoleServer: e.Response.Start}
					case *trace.Frame:
						got[e.From] = append(got[e.From], manifestFrame(e))
					}
				}
				for from, want := range map[codec.Role]side{codec.RoleClient: want[i].Client, codec.RoleServer: want[i].Server} {
					if lines[from] != want.FirstLine || !slices.Equal(got[from], want.Frames) {
						t.Errorf("connection %d, %s: got %q %q, want %q %q", i, from, lines[from], got[from], want.FirstLine, want.Frames)
					}
				}
			}
		})
	}
}

// TestCaptureViolations checks that each of the twenty faults is named, and nothing
// else.
func TestCaptureViolations(t *testing.T) {
	want := []string{
		"unmasked-client-frame", "rsv1-without-deflate", "reserved-bits", "reserved-opcode", "reserved-opcode",
		"fragmented-control-frame", "long-control-frame", "invalid-utf8", "unexpected-continuation",
		"interrupted-message", "short-close-payload", "invalid-close-code", "invalid-close-code",
		"invalid-utf8-reason", "non-minimal-length", "non-minimal-length", "length-top-bit", "zero-mask-key",
		"frame-after-close", "masked-server-frame",
	}
	flows := readCapture(t, "violations")
	if len(flows) != len(want) {
		t.Fatalf("got %d connections, want %d", len(flows), len(want))
	}
	for i, f := range flows {
		events := analyse(Config{}, f.chunks)
		if path := fmt.Sprintf("/case/%02d", i); !strings.HasSuffix(events[0].(*trace.Open).URL, path) {
			t.Errorf("case %d: got URL %q", i, events[0].(*trace.Open).URL)
		}
		if got := problems(events); !slices.Equal(got, []string{want[i]}) {
			t.Errorf("case %d: got %q, want %q", i, got, want[i])
		}
	}
}

// problems returns the codes of the problems among events.
func problems(events []trace.Event) []string {
	var codes []string
	for _, e := range events {
		if p, ok := e.(*trace.Problem); ok {
			codes = append(codes, p.Code)
		}
	}
	return codes
}

// TestChunking checks that it makes no difference how the bytes are cut.
func TestChunking(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, name := range captures {
		t.Run(name, func(t *testing.T) {
			for _, f := range readCapture(t, name) {
				chunks := withoutTime(f.chunks)
				want := jsonLines(t, analyse(Config{}, chunks))
				for range 8 {
					if got := jsonLines(t, analyse(Config{}, recut(chunks, rnd))); got != want {
						t.Fatalf("got\n%s\nwant\n%s", got, want)
					}
				}
			}
		})
	}
}

// withoutTime returns chunks that all came at one time.
func withoutTime(chunks []chunk) []chunk {
	chunks = slices.Clone(chunks)
	for i := range chunks {
		chunks[i].at = time.Unix(1, 0)
	}
	return chunks
}

// recut returns the same bytes in other pieces: neighbours of one direction are
// joined, then everything is cut at random.
func recut(chunks []chunk, rnd *rand.Rand) []chunk {
	var out []chunk
	for i := 0; i < len(chunks); {
		c := chunks[i]
		c.data = slices.Clone(c.data)
		i++
		for c.end == "" && i < len(chunks) && chunks[i].from == c.from && chunks[i].end == "" {
			c.data = append(c.data, chunks[i].data...)
			i++
		}
		longest := 1 << rnd.IntN(18)
		for len(c.data) > 0 {
			n := 1 + rnd.IntN(min(longest, len(c.data)))
			out = append(out, chunk{from: c.from, at: c.at, data: c.data[:n:n]})
			c.data = c.data[n:]
		}
		if c.end != "" {
			out = append(out, c)
		}
	}
	return out
}

// jsonLines returns events as they are written.
func jsonLines(t testing.TB, events []trace.Event) string {
	t.Helper()
	var b strings.Builder
	w := trace.NewWriter(&b)
	for _, e := range events {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestJSONIsJSON checks that each line is one object with the fields that all
// events have, and that what it says of a payload is the payload.
func TestJSONIsJSON(t *testing.T) {
	for _, name := range captures {
		for _, f := range readCapture(t, name) {
			events := analyse(Config{}, f.chunks)
			lines := strings.SplitAfter(jsonLines(t, events), "\n")
			if len(lines) != len(events)+1 || lines[len(events)] != "" {
				t.Fatalf("%s: %d lines for %d events", name, len(lines)-1, len(events))
			}
			for i, line := range lines[:len(events)] {
				var got struct {
					V       int
					Kind    string
					Conn    int
					T       *float64
					Payload any
				}
				if err := json.Unmarshal([]byte(line), &got); err != nil {
					t.Fatalf("%s: %v in %s", name, err, line)
				}
				kind := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", events[i]), "*trace."))
				if got.V != trace.Version || got.Kind != kind || got.Conn != 1 || got.T == nil {
					t.Errorf("%s: got %+v from %s", name, got, line)
				}
			}
		}
	}
}
