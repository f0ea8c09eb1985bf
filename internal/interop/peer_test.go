package interop

import (
	"path/filepath"
	"slices"
	"testing"
)

// noDeflate8 says why Python cannot take part with a window of 8 bits.
const noDeflate8 = "Python's zlib cannot deflate with a window of 8 bits"

// A peerServer is an echo server of another implementation.
type peerServer struct {
	*process
	url string
}

// A library is an implementation that runs in both roles.
type library struct {
	name string
	argv func(program string) []string // the command line of its "server", "client", "echo" or "echo-client"
	need func(t *testing.T)
}

// libraries returns npm ws and Python's websockets.
func libraries() []library {
	return []library{
		{
			name: "node",
			argv: func(program string) []string {
				return []string{machine.node, filepath.Join(peersDir, "node", program+".js")}
			},
			need: func(t *testing.T) { need(t, machine.node) },
		},
		{
			name: "python",
			argv: func(program string) []string {
				return []string{machine.python, "-B", filepath.Join(peersDir, "python", program+".py")}
			},
			need: func(t *testing.T) { need(t, machine.python) },
		},
	}
}

// startServer starts the library's echo server, which takes commands, with the flags until
// the test ends.
func (l library) startServer(t *testing.T, flags ...string) peerServer {
	t.Helper()
	return l.start(t, "server", flags...)
}

// start starts one of the library's servers with the flags until the test ends.
func (l library) start(t *testing.T, program string, flags ...string) peerServer {
	t.Helper()
	p := serve(t, slices.Concat(l.argv(program), flags))
	var ready struct {
		Ready bool
		URL   string
	}
	p.next(t, &ready)
	if !ready.Ready {
		t.Fatalf("the server of %s is not ready: %+v", l.name, ready)
	}
	return peerServer{process: p, url: ready.URL}
}

// A closing is how a connection ended, as a peer's server saw it.
type closing struct {
	Code   int
	Reason string
}

// closed waits for the end of a connection and returns it.
func (s peerServer) closed(t *testing.T) closing {
	t.Helper()
	var line struct {
		Event string
		closing
	}
	s.next(t, &line)
	if line.Event != "close" {
		t.Fatalf("the server says %+v, want a close", line)
	}
	return line.closing
}
