package wsserver

import (
	"errors"
	"strings"
	"testing"
)

func TestHostAccess(t *testing.T) {
	tests := []struct {
		name, host string
		allow      []string
		invalid    bool
		want       bool
	}{
		{name: "IPv4", host: "192.0.2.1:8080", want: true},
		{name: "IPv6", host: "[::1]:8080", want: true},
		{name: "name without dots", host: "devbox", want: true},
		{name: "localhost", host: "localhost:8080", want: true},
		{name: "localhost with the root's dot", host: "localhost.", want: true},
		{name: "under localhost", host: "a.LOCALHOST", want: true},
		{name: "local", host: "printer.local", want: true},
		{name: "internal", host: "db.corp.internal", want: true},
		{name: "this machine", host: "Me.Example.Com:1", want: true},
		{name: "name of the certificate", host: "a.cert.example", want: true},
		{name: "below a name of the certificate", host: "a.b.cert.example", want: true},
		{name: "rebinding", host: "evil.example"},
		{name: "looks local", host: "evillocalhost.example"},
		{name: "suffix only", host: "notme.example.com"},
		{name: "almost an address", host: "127.0.0.1.evil.example"},
		{name: "hex", host: "0x7f.1"},
		{name: "allowed", host: "ok.example:1234", allow: []string{"OK.example"}, want: true},
		{name: "allowed with its port", host: "ok.example:1234", allow: []string{"ok.example:1234"}, want: true},
		{name: "allowed with another port", host: "ok.example:1", allow: []string{"ok.example:1234"}},
		{name: "allowed below", host: "a.ok.example", allow: []string{"*.ok.example"}, want: true},
		{name: "not itself below", host: "ok.example", allow: []string{"*.ok.example"}},
		{name: "all", host: "evil.example", allow: []string{"*"}, want: true},
		{name: "empty", host: "", invalid: true},
		{name: "only a port", host: ":80", invalid: true},
		{name: "userinfo", host: "user@localhost", invalid: true},
		{name: "path", host: "localhost/x", invalid: true},
		{name: "comma", host: "localhost,evil.example", invalid: true},
		{name: "bad port", host: "localhost:x", invalid: true},
		{name: "port too big", host: "localhost:65536", invalid: true},
		{name: "two ports", host: "localhost:1:2", invalid: true},
		{name: "bracket open", host: "[::1", invalid: true},
		{name: "behind the bracket", host: "[::1]x", invalid: true},
		{name: "IPv4 in brackets", host: "[127.0.0.1]", invalid: true},
		{name: "root only", host: ".", invalid: true},
		{name: "two dots at the end", host: "a..", invalid: true},
		{name: "dot at the start", host: ".localhost", invalid: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := newAccess(tt.allow, nil)
			if err != nil {
				t.Fatal(err)
			}
			a.names = []string{"me.example.com", "*.cert.example"}
			name, port, ok := splitHost(tt.host)
			if ok == tt.invalid {
				t.Fatalf("splitHost(%q): %v", tt.host, ok)
			}
			if ok && a.host(name, port) != tt.want {
				t.Errorf("host %q: got %v, want %v", tt.host, !tt.want, tt.want)
			}
		})
	}
}

func TestOriginAccess(t *testing.T) {
	tests := []struct {
		name    string
		origins []string // of the request
		host    string
		remote  bool // the connection came in on no loopback address
		allow   []string
		want    bool
		flag    string // that would allow it
	}{
		{name: "none", host: "h:8080", remote: true, want: true},
		{name: "same", origins: []string{"http://h:8080"}, host: "h:8080", remote: true, want: true},
		{name: "same in other case", origins: []string{"HTTP://H:8080"}, host: "h:8080", remote: true, want: true},
		{name: "TLS ends at a proxy", origins: []string{"https://h"}, host: "h", remote: true, want: true},
		{name: "other port", origins: []string{"http://h:3000"}, host: "h:8080", remote: true, flag: "http://h:3000"},
		{name: "other host", origins: []string{"https://evil.example"}, host: "h", flag: "https://evil.example"},
		{name: "default port dropped", origins: []string{"https://evil.example:443"}, host: "h", flag: "https://evil.example"},
		{name: "suffix", origins: []string{"http://evil-h"}, host: "h", flag: "http://evil-h"},
		{name: "prefix", origins: []string{"http://h.evil.example"}, host: "h", flag: "http://h.evil.example"},
		{name: "loopback to loopback", origins: []string{"http://localhost:3000"}, host: "127.0.0.1:8080", want: true},
		{name: "loopback address to loopback", origins: []string{"http://127.9.9.9"}, host: "localhost:8080", want: true},
		{name: "IPv6 loopback to loopback", origins: []string{"https://[::1]:1"}, host: "localhost:8080", want: true},
		{name: "mapped loopback to loopback", origins: []string{"https://[::ffff:127.0.0.1]:1"}, host: "localhost:8080", want: true},
		{name: "under localhost to loopback", origins: []string{"http://app.localhost"}, host: "localhost:8080", want: true},
		{name: "loopback to another address", origins: []string{"http://localhost:3000"}, host: "192.0.2.1:8080", remote: true, flag: "http://localhost:3000"},
		{name: "localhost as a domain", origins: []string{"http://localhost.evil.example"}, host: "localhost", flag: "http://localhost.evil.example"},
		{name: "null", origins: []string{"null"}, host: "h", flag: "null"},
		{name: "null allowed", origins: []string{"null"}, host: "h", allow: []string{"null"}, want: true},
		{name: "star is for null too", origins: []string{"null"}, host: "h", allow: []string{"*"}, want: true},
		{name: "allowed", origins: []string{"https://ok.example"}, host: "h", allow: []string{"https://OK.example:443/"}, want: true},
		{name: "allowed with another scheme", origins: []string{"http://ok.example"}, host: "h", allow: []string{"https://ok.example"}, flag: "http://ok.example"},
		{name: "allowed with another port", origins: []string{"https://ok.example:1"}, host: "h", allow: []string{"https://ok.example"}, flag: "https://ok.example:1"},
		{name: "allowed below", origins: []string{"https://a.ok.example"}, host: "h", allow: []string{"https://*.ok.example"}, want: true},
		{name: "extension allowed", origins: []string{"chrome-extension://abcdef"}, host: "h", allow: []string{"chrome-extension://abcdef"}, want: true},
		{name: "empty", origins: []string{""}, host: "h"},
		{name: "two", origins: []string{"http://h", "http://evil.example"}, host: "h"},
		{name: "list", origins: []string{"http://h http://evil.example"}, host: "h"},
		{name: "path", origins: []string{"http://h/"}, host: "h"},
		{name: "userinfo", origins: []string{"http://h@evil.example"}, host: "h"},
		{name: "star", origins: []string{"http://*.h"}, host: "h"},
		{name: "quote", origins: []string{"http://h'"}, host: "h"},
		{name: "no scheme", origins: []string{"h"}, host: "h"},
		{name: "colon without a port", origins: []string{"http://h:"}, host: "h"},
		{name: "bad scheme", origins: []string{"1x://h"}, host: "h"},
		{name: "IPv6 refused", origins: []string{"http://[2001:db8::1]:1"}, host: "h", flag: "http://[2001:db8::1]:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := newAccess(nil, tt.allow)
			if err != nil {
				t.Fatal(err)
			}
			name, port, _ := splitHost(tt.host)
			ok, flag := a.origin(tt.origins, name, port, !tt.remote)
			if ok != tt.want || flag != tt.flag {
				t.Errorf("origin %q for %q: %v, flag %q; want %v, %q", tt.origins, tt.host, ok, flag, tt.want, tt.flag)
			}
		})
	}
}

func TestAccessErrors(t *testing.T) {
	tests := []struct {
		name           string
		hosts, origins []string
		hint           string
	}{
		{name: "URL as a host", hosts: []string{"https://a.example/"}, hint: "did you mean a.example ?"},
		{name: "bad host", hosts: []string{"a b"}},
		{name: "empty host", hosts: []string{""}},
		{name: "star within", hosts: []string{"a.*.example"}},
		{name: "host as an origin", origins: []string{"a.example"}, hint: "did you mean https://a.example ?"},
		{name: "empty origin", origins: []string{""}, hint: "https://example.com"},
		{name: "path in an origin", origins: []string{"https://a.example/x"}, hint: "https://example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Config{AllowHosts: tt.hosts, AllowOrigins: tt.origins})
			ce, ok := errors.AsType[*ConfigError](err)
			if !ok {
				t.Fatalf("New: %v, want a *ConfigError", err)
			}
			if !strings.Contains(ce.Hint(), tt.hint) {
				t.Errorf("%v: hint %q, want %q in it", ce, ce.Hint(), tt.hint)
			}
		})
	}
}

// FuzzRefusalHint checks that what is offered for pasting is safe in a shell and on
// a terminal, and does allow what was refused.
func FuzzRefusalHint(f *testing.F) {
	f.Add("https://evil.example", "localhost:8080")
	f.Add("http://a'; rm -rf x", "[::1]:80")
	f.Add("null", "h")
	f.Fuzz(func(t *testing.T, origin, host string) {
		safe := func(hint string) {
			for _, c := range []byte(hint) {
				if c <= ' ' || c >= 0x7F || strings.IndexByte("'\"`$\\!", c) >= 0 {
					t.Fatalf("%q would be pasted", hint)
				}
			}
		}
		name, port, ok := splitHost(host)
		if !ok {
			return
		}
		safe(name)
		a, _ := newAccess(nil, nil)
		if !a.host(name, port) {
			if a, err := newAccess([]string{name}, nil); err != nil || !a.host(name, port) {
				t.Fatalf("allowed host %q: %v, and still refused", name, err)
			}
		}
		ok, allow := a.origin([]string{origin}, name, port, false)
		if ok || allow == "" {
			return
		}
		safe(allow)
		a, err := newAccess(nil, []string{allow})
		if err != nil {
			t.Fatalf("allowed origin %q: %v", allow, err)
		}
		if ok, _ := a.origin([]string{origin}, name, port, false); !ok {
			t.Fatalf("origin %q is still refused with %q", origin, allow)
		}
	})
}
