package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// An invocation is one way to run wskit connect against a peer's server.
type invocation struct {
	name   string
	server []string // flags of the server
	args   []string // of wskit connect, without the URL
	stdin  string
	stdout string
	exit   int
	tls    bool
	closed closing // as the server saw it; zero is 1000 without a reason
	// noPython says why Python's server cannot do this.
	noPython string
}

func invocations() []invocation {
	long := string(text(70000))
	largeText, largeBinary := string(text(16<<20)), string(random(16<<20))
	list := []invocation{
		{name: "one shot", args: []string{"-x", "hello"}, stdout: "hello\n"},
		{name: "two shots", args: []string{"-x", "one", "-x", "two"}, stdout: "one\ntwo\n"},
		{name: "piped", stdin: "one\n\nthree\n", stdout: "one\n\nthree\n"},
		{name: "whole", args: []string{"--whole"}, stdin: "one\ntwo", stdout: "one\ntwo\n"},
		{name: "binary", args: []string{"-b"}, stdin: "\x00\xff\n\x80", stdout: "\x00\xff\n\x80"},
		{name: "16 MiB of text", args: []string{"--whole"}, stdin: largeText, stdout: largeText + "\n"},
		{name: "16 MiB of binary", args: []string{"-b"}, stdin: largeBinary, stdout: largeBinary},
		{name: "16 MiB over TLS", tls: true, args: []string{"-b"}, stdin: largeBinary, stdout: largeBinary},
		{
			name: "16 MiB of text compressed", server: []string{"--compress"}, args: []string{"--compress", "--whole"},
			stdin: largeText, stdout: largeText + "\n",
		},
		{
			name: "compressed", server: []string{"--compress"}, args: []string{"--compress=min=1", "-x", "hello", "-x", long},
			stdout: "hello\n" + long + "\n",
		},
		{
			name: "compressed without takeover", server: []string{"--compress"},
			args: []string{"--compress=no-takeover", "-x", long, "-x", long}, stdout: long + "\n" + long + "\n",
		},
		{name: "fragments", args: []string{"--fragment-size", "1000", "-x", long}, stdout: long + "\n"},
		{name: "fragments from the server", args: []string{"-x", "!fragments 3 " + long}, stdout: long + "\n"},
		{name: "ping from the server", args: []string{"-x", "!ping data"}, stdout: "pong data\n"},
		{
			name: "subprotocol", server: []string{"--subprotocol", "chat.v2"},
			args: []string{"-s", "chat.v1", "-s", "chat.v2", "-x", "hello"}, stdout: "hello\n",
		},
		{
			name: "expected close", args: []string{"--expect-close", "1000", "-x", "!close 1000 done"},
			closed: closing{1000, "done"},
		},
		{
			name: "another close", args: []string{"-x", "!close 4001 trouble"},
			exit: 9, closed: closing{4001, "trouble"},
		},
	}
	for bits := 8; bits <= 15; bits++ {
		i := invocation{
			name: fmt.Sprintf("16 MiB with %d bits", bits), server: []string{"--compress"},
			args: []string{fmt.Sprintf("--compress=bits=%d", bits), "-b"}, stdin: largeBinary, stdout: largeBinary,
		}
		if bits == 8 {
			i.noPython = noDeflate8
		}
		list = append(list, i)
	}
	return list
}

// TestConnect runs wskit connect against the servers of npm ws and of Python.
func TestConnect(t *testing.T) {
	t.Parallel()
	tests := invocations()
	for _, l := range libraries() {
		for _, test := range tests {
			t.Run(l.name+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				l.need(t)
				if l.name == "python" && test.noPython != "" {
					t.Skip(test.noPython)
				}
				if test.tls {
					cert, key := certificate(t)
					test.server = append(test.server, "--tls-cert", cert, "--tls-key", key)
					test.args = append(test.args, "--cacert", cert)
				}
				server := l.startServer(t, test.server...)
				stdout, stderr, exit := connect(t, test.stdin, append(test.args, server.url)...)
				if exit != test.exit {
					t.Fatalf("exit code %d, want %d; it said:\n%s", exit, test.exit, stderr)
				}
				if stdout != test.stdout {
					t.Errorf("got %d bytes, %.80q; want %d bytes, %.80q", len(stdout), stdout, len(test.stdout), test.stdout)
				}
				want := test.closed
				if want == (closing{}) {
					want.Code = 1000
				}
				got := server.closed(t)
				if test.exit == 9 || slices.Contains(test.args, "--expect-close") {
					got.Reason = want.Reason // it is the server's own: whether it is echoed is left to us
				}
				if got != want {
					t.Errorf("the server saw %v, want %v", got, want)
				}
			})
		}
	}
}

// connect runs wskit connect to its end. On a busy machine 16 MiB take more than the
// ten seconds that it waits of itself.
func connect(t *testing.T, stdin string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, machine.wskit, append([]string{"connect", "-w", "60"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	cmd.SysProcAttr = dieWithParent()
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
