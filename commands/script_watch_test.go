package commands

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec/wsconn"
	"wskit/scripts"
)

// TestReplacedSession accepts an upgrade by an engine that is replaced before the
// connection is served.
func TestReplacedSession(t *testing.T) {
	e, err := scripts.Start(t.Context(), scripts.Config{Source: "on('connection', () => {})"})
	if err != nil {
		t.Fatal(err)
	}
	w := &watchedScript{now: newGeneration(e)}
	session, err := w.Upgrade(httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	if w.now.retire() {
		t.Error("the engine has failed")
	}
	if err := session.Serve(context.Background(), new(wsconn.Conn)); err != error(restarted) {
		t.Errorf("got %v, want %v", err, restarted)
	}
}

// TestWatch changes a file, and looks at what is started.
func TestWatch(t *testing.T) {
	tests := []struct {
		name  string
		texts []string // one each tick, "" for no file
		want  []string
	}{
		{"nothing has changed", []string{"old", "old", "old"}, nil},
		{"one change is tried once", []string{"new", "new", "new", "new"}, []string{"new"}},
		{"what is still written is left alone", []string{"n", "ne", "new", "newer"}, nil},
		{"a file that is away for a while", []string{"", "", "new", "new"}, []string{"new"}},
		{"back to what runs", []string{"new", "new", "old", "old"}, []string{"new"}},
		{"back to what did not run", []string{"new", "new", "other", "other", "new", "new"}, []string{"new", "other", "new"}},
		{"a start that does not end", []string{"stuck", "stuck", "stuck", "new", "new"}, []string{"stuck", "stuck ended", "new"}},
		{"at the end", []string{"stuck", "stuck"}, []string{"stuck", "stuck ended"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "live.js")
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				var got []string
				w := &watchedScript{path: path, running: "old", note: func(string) {}}
				w.start = func(ctx context.Context, text string) (*scripts.Engine, error) {
					got = append(got, text)
					if text == "stuck" {
						<-ctx.Done()
						time.Sleep(time.Second) // whoever tells it to end waits for that
						got = append(got, "stuck ended")
					}
					return nil, errors.New("it does not run")
				}
				var watching sync.WaitGroup
				watching.Go(func() { w.watch(ctx) })
				time.Sleep(watchEvery / 2)
				for _, text := range tt.texts {
					if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
					if text == "" {
						os.Remove(path)
					}
					time.Sleep(watchEvery)
				}
				cancel()
				watching.Wait()
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}
