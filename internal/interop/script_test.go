package interop

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dialogue is a script for both ends.
const dialogue = "testdata/dialogue.js"

// TestDialogue has one script talk to npm ws, as the one that dials and as the one that
// serves, and to an npm ws that does something wrong.
func TestDialogue(t *testing.T) {
	for _, test := range []struct {
		wrong  string // what npm ws does wrong
		exit   int
		closed closing // as npm ws saw it
		stderr string  // of wskit, among others
	}{
		{"", 0, closing{4001, "done"}, ""},
		{"sum", 1, closing{1011, ""}, `dialogue.js:14:18: expected {"type":"sum","sum":6}, got "{\"type\":\"sum\",\"sum\":\"6\"}"`},
		{"bytes", 1, closing{1011, ""}, "dialogue.js:21:18: expected 70000 bytes of binary, dd dc db da d9 d8 d7 d6 d5 d4 d3 d2 d1 d0 cf ce …, got 70000 bytes of binary, dd dc db da d9 d8 d7 d6 d5 d4 d3 d2 d1 d0 cf ce …; they differ at byte "},
		{"fragments", 1, closing{1011, ""}, `dialogue.js:25:18: expected "merci, à bientôt 👋", got "merci, à bientôt 👋!"`},
		{"ping", 1, closing{1011, ""}, `dialogue.js:29:36: expected /^pinged with (.*)$/, got "nobody pinged"`},
		{"leave", 1, closing{1000, ""}, `dialogue.js:14:18: no message came that is {"type":"sum","sum":6}: the peer closed with 1000 normal closure`},
	} {
		peer := []string{machine.node, filepath.Join(peersDir, "node", "dialogue.js"), "--wrong", test.wrong}
		check := func(t *testing.T, exit int, stderr string, end ending) {
			t.Helper()
			if exit != test.exit || !strings.Contains(stderr, test.stderr) {
				t.Errorf("exit code %d, want %d; it said:\n%s\nwant in it: %s", exit, test.exit, stderr, test.stderr)
			}
			if end.closing != test.closed || test.exit == 0 && end.Trouble != "" {
				t.Errorf("npm ws saw %+v, want %+v", end, test.closed)
			}
		}
		t.Run("dials/"+test.wrong, func(t *testing.T) {
			t.Parallel()
			need(t, machine.node)
			p := launch(t, peer)
			var ready struct{ URL string }
			p.next(t, &ready)
			_, stderr, exit := connect(t, "", "--script", dialogue, ready.URL)
			check(t, exit, stderr, p.ending(t))
		})
		t.Run("serves/"+test.wrong, func(t *testing.T) {
			t.Parallel()
			need(t, machine.node)
			server := launch(t, []string{machine.wskit, "serve", "--ready", "-l", "127.0.0.1:0", "--once", "/=script:" + dialogue})
			var ready struct{ URLs []string }
			server.next(t, &ready)
			end := launch(t, append(peer, ready.URLs[0])).ending(t)
			err := server.finish()
			if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
				t.Fatal(err)
			}
			check(t, server.cmd.ProcessState.ExitCode(), server.stderr.String(), end)
		})
	}
}

// An ending is what npm ws tells of the end of a dialogue.
type ending struct {
	closing
	Trouble string
}

// ending waits for the end of the dialogue, and of the process.
func (p *process) ending(t *testing.T) ending {
	t.Helper()
	var e ending
	p.next(t, &e)
	if err := p.finish(); err != nil {
		t.Errorf("%v\n%s", err, &p.stderr)
	}
	return e
}
