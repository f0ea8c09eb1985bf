package interop

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A setting is one way for a peer to talk to wskit serve.
type setting struct {
	name   string
	serve  []string // flags of wskit serve
	client []string // flags of the peer's client
	groups string   // its cases
	tls    bool
	// What the handshake must agree.
	extensions, protocol string
	// noPython says why Python's client cannot do this.
	noPython string
}

const allGroups = "messages,large,fragments,control,close"

// settings returns every choice of compression that the peers offer, and the other
// things that a handshake decides.
func settings() []setting {
	list := []setting{
		{name: "plain", groups: allGroups},
		{name: "deflate declined", client: []string{"--compress"}, groups: "messages"},
		{name: "deflate not offered", serve: []string{"--compress"}, groups: "messages"},
		{
			name: "deflate", serve: []string{"--compress"}, client: []string{"--compress"},
			groups: allGroups, extensions: "permessage-deflate",
		},
		{
			name: "deflate everything", serve: []string{"--compress=min=1"}, client: []string{"--compress"},
			groups: "messages,fragments", extensions: "permessage-deflate",
		},
		{
			name: "deflate fast", serve: []string{"--compress=level=1"}, client: []string{"--compress"},
			groups: "messages", extensions: "permessage-deflate",
		},
		{
			name: "deflate small", serve: []string{"--compress=level=9"}, client: []string{"--compress"},
			groups: "messages", extensions: "permessage-deflate",
		},
		{
			name: "server without takeover", serve: []string{"--compress"},
			client: []string{"--compress", "--server-no-context-takeover"},
			groups: "messages", extensions: "permessage-deflate; server_no_context_takeover",
		},
		{
			name: "client without takeover", serve: []string{"--compress"},
			client: []string{"--compress", "--client-no-context-takeover"},
			groups: "messages", extensions: "permessage-deflate; client_no_context_takeover",
		},
		{
			name: "neither with takeover", serve: []string{"--compress=no-takeover"}, client: []string{"--compress"},
			groups:     allGroups,
			extensions: "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
		},
		{
			name: "echo-frames", serve: []string{"/=echo-frames"}, groups: "messages,fragments,control,close",
		},
		{
			name: "echo-frames declines deflate", serve: []string{"--compress", "/=echo-frames"},
			client: []string{"--compress"}, groups: "messages,fragments",
		},
		{
			name: "subprotocol", serve: []string{"-s", "chat.v2", "-s", "chat.v1"},
			client: []string{"--subprotocol", "chat.v1", "--subprotocol", "chat.v2"},
			groups: "close", protocol: "chat.v2",
		},
		{name: "TLS", tls: true, groups: allGroups},
		{
			name: "deflate over TLS", tls: true, serve: []string{"--compress"}, client: []string{"--compress"},
			groups: allGroups, extensions: "permessage-deflate",
		},
		{name: "pings", serve: []string{"--ping-interval", "50ms"}, groups: "pings"},
	}
	for bits := 8; bits <= 15; bits++ {
		list = append(list, windows(bits, false), windows(bits, true), ownWindows(bits, false), ownWindows(bits, true))
	}
	return list
}

// windows is the setting in which the client asks for both windows.
func windows(bits int, noTakeover bool) setting {
	s := setting{
		name:  fmt.Sprintf("client asks for %d bits", bits),
		serve: []string{"--compress"},
		client: []string{
			"--compress",
			fmt.Sprintf("--server-max-window-bits=%d", bits), fmt.Sprintf("--client-max-window-bits=%d", bits),
		},
		groups: "messages",
	}
	if noTakeover {
		s.client = append(s.client, "--server-no-context-takeover", "--client-no-context-takeover")
	} else {
		s.groups += ",large"
	}
	s.agree(bits, noTakeover)
	if bits == 15 {
		s.extensions += "; server_max_window_bits=15" // accepted by repeating it (RFC 7692 §7.1.2.1)
	}
	return s
}

// ownWindows is the setting in which wskit serve bounds both windows.
func ownWindows(bits int, noTakeover bool) setting {
	s := setting{
		name:   fmt.Sprintf("serve bounds to %d bits", bits),
		serve:  []string{fmt.Sprintf("--compress=bits=%d", bits)},
		client: []string{"--compress"},
		groups: "messages",
	}
	if noTakeover {
		s.serve[0] += ",no-takeover"
	}
	s.agree(bits, noTakeover)
	return s
}

// agree fills in what both windows of bits bits give.
func (s *setting) agree(bits int, noTakeover bool) {
	s.extensions = "permessage-deflate"
	if noTakeover {
		s.name += " without takeover"
		s.extensions += "; server_no_context_takeover; client_no_context_takeover"
	}
	if bits < 15 {
		s.extensions += fmt.Sprintf("; server_max_window_bits=%d; client_max_window_bits=%d", bits, bits)
	}
	if bits == 8 {
		s.noPython = noDeflate8
	}
}

// TestServe runs the clients of npm ws and of Python against wskit serve.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, l := range libraries() {
		for _, s := range settings() {
			if l.name == "node" && strings.HasPrefix(s.groups, "messages") {
				s.groups += ",wire" // Node's sockets count their bytes
			}
			t.Run(l.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				l.need(t)
				if l.name == "python" && s.noPython != "" {
					t.Skip(s.noPython)
				}
				if s.tls {
					cert, key := certificate(t)
					s.serve = append(s.serve, "--tls-cert", cert, "--tls-key", key)
					s.client = append(s.client, "--ca", cert)
				}
				_, url := startServe(t, s.serve...)
				s.run(t, l, url)
			})
		}
	}
}

// run runs a library's client against url and checks what was agreed.
func (s *setting) run(t *testing.T, l library, url string) {
	t.Helper()
	argv := slices.Concat(l.argv("client"), []string{"--groups", s.groups}, s.client, []string{url})
	s.check(t, runClient(t, argv))
}

// check checks what was agreed, and that cases of each group were run.
func (s *setting) check(t *testing.T, results []result) {
	t.Helper()
	if len(results) == 0 {
		t.Fatal("no results")
	}
	if open := results[0]; open.Case != "open" || open.Extensions != s.extensions || open.Protocol != s.protocol {
		t.Errorf("agreed on extensions %q, protocol %q; want %q, %q", open.Extensions, open.Protocol, s.extensions, s.protocol)
	}
	if least := 2 + strings.Count(s.groups, ",") + 1; len(results) < least {
		t.Errorf("%d results, want at least %d", len(results), least)
	}
}

// TestShutdown stops wskit serve under the clients of npm ws and of Python: they see
// 1001 and its reason.
func TestShutdown(t *testing.T) {
	for _, l := range libraries() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.need(t)
			server, url := startServe(t)
			client := launch(t, append(l.argv("client"), "--groups", "shutdown", url))
			var open, end result
			client.next(t, &open)
			if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			client.next(t, &end)
			if !open.OK || end.Case != "going-away" || !end.OK {
				t.Errorf("got %+v and %+v", open, end)
			}
			if err := client.finish(); err != nil {
				t.Error(err)
			}
		})
	}
}

// startServe starts wskit serve with the flags on a port of 127.0.0.1 until the
// test ends, and returns it and its URL. It echoes unless a behaviour is among the
// flags.
func startServe(t *testing.T, flags ...string) (p *process, url string) {
	t.Helper()
	p = serve(t, slices.Concat([]string{machine.wskit, "serve", "--ready", "-l", "127.0.0.1:0"}, flags))
	var ready struct {
		Ready bool
		URLs  []string
	}
	p.next(t, &ready)
	if !ready.Ready || len(ready.URLs) == 0 {
		t.Fatalf("wskit serve is not ready: %+v", ready)
	}
	return p, ready.URLs[0]
}
