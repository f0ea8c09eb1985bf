package interop

import (
	"path/filepath"
	"testing"
)

// TestChromium runs the cases in one headless Chromium against several servers. A
// browser offers permessage-deflate always, and sends its Origin.
func TestChromium(t *testing.T) {
	t.Parallel()
	need(t, machine.node, machine.chrome)
	const groups = "messages,large,close"
	tests := []setting{
		{name: "plain"},
		{name: "deflate", serve: []string{"--compress"}, extensions: "permessage-deflate"},
		{
			name: "without takeover", serve: []string{"--compress=no-takeover"},
			extensions: "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
		},
		{
			name: "window of 9 bits", serve: []string{"--compress=bits=9"},
			extensions: "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
		},
	}
	argv := []string{
		machine.node, filepath.Join(peersDir, "chromium", "client.js"), "--browser", machine.chrome,
		"--groups", groups, "--subprotocol", "chat.v1", "--subprotocol", "chat.v2",
	}
	urls := make([]string, len(tests))
	for i, s := range tests {
		_, urls[i] = startServe(t, append(s.serve, "-s", "chat.v2")...)
		argv = append(argv, urls[i])
	}
	byURL := map[string][]result{}
	for _, r := range runClient(t, argv) {
		byURL[r.URL] = append(byURL[r.URL], r)
	}
	for i, s := range tests {
		t.Run(s.name, func(t *testing.T) {
			s.groups, s.protocol = groups, "chat.v2"
			s.check(t, byURL[urls[i]])
		})
	}
}
