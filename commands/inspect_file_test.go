package commands

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// TestInspectLivePipe has inspect show records as they come, and end at once on a
// signal while it waits for the next.
func TestInspectLivePipe(t *testing.T) {
	stdin, in := io.Pipe()
	out, stdout := io.Pipe()
	defer in.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, &Env{
			Args: []string{"wskit", "inspect"}, Stdin: stdin, Stdout: stdout, Stderr: &stderr,
			Getenv: func(string) string { return "" },
		})
	}()
	shown := make(chan string)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			shown <- lines.Text()
		}
	}()
	for _, step := range []struct{ record, want string }{
		{`{"v":1,"kind":"message","conn":1,"from":"server","msg":1,"opcode":1,"size":3,"text":"one"}` + "\n", `"one"`},
		{`{"v":1,"kind":"message","conn":1,"from":"server","msg":2,"opcode":1,"size":3,"text":"two"}` + "\n{", `"two"`},
	} {
		if _, err := io.WriteString(in, step.record); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-shown:
			if !strings.HasSuffix(got, step.want) {
				t.Errorf("got %q, want %s at its end", got, step.want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s is not shown", step.want)
		}
	}
	cancel(Interrupted{Code: exitInterrupted})
	select {
	case code := <-ended:
		if code != exitInterrupted || stderr.Len() > 0 {
			t.Errorf("exit code %d, want %d: %s", code, exitInterrupted, &stderr)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it still runs")
	}
	stdout.Close()
	stdin.Close() // ends the read that was left
}

// TestInlet checks that an inlet passes on what a stream gives, piece by piece, and
// that nothing is lost between its context's end and the stream's.
func TestInlet(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000)
	for _, tt := range []struct {
		name string
		r    io.Reader
		want string
		err  error
	}{
		{name: "empty", r: strings.NewReader("")},
		{name: "long", r: strings.NewReader(long), want: long},
		{name: "with the end", r: io.MultiReader(strings.NewReader("a"), strings.NewReader("b")), want: "ab"},
		{name: "an error", r: io.MultiReader(strings.NewReader("a"), failingReader{}), want: "a", err: io.ErrNoProgress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := newInlet(t.Context(), tt.r)
			defer in.close()
			got, err := io.ReadAll(in)
			if string(got) != tt.want || err != tt.err {
				t.Errorf("got %d bytes, %v; want %d, %v", len(got), err, len(tt.want), tt.err)
			}
		})
	}
	t.Run("its context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		stuck, end := io.Pipe()
		defer end.Close()
		in := newInlet(ctx, stuck)
		defer in.close()
		cancel()
		for range 3 {
			if n, err := in.Read(make([]byte, 1)); n != 0 || err != context.Canceled {
				t.Errorf("got %d, %v; want %v", n, err, context.Canceled)
			}
		}
	})
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrNoProgress }
