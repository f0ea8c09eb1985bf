package wsclient

import (
	"errors"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	tests := []struct {
		name, in string
		want     string // String
		host     string // HostHeader
		addr     string
		user     string
	}{
		{name: "ws", in: "ws://example.com/chat?x=1", want: "ws://example.com/chat?x=1", host: "example.com", addr: "example.com:80"},
		{name: "wss", in: "wss://example.com", want: "wss://example.com/", host: "example.com", addr: "example.com:443"},
		{name: "http", in: "http://h/", want: "ws://h/", host: "h", addr: "h:80"},
		{name: "https", in: "HTTPS://h:8443/", want: "wss://h:8443/", host: "h:8443", addr: "h:8443"},
		{name: "default port written", in: "ws://h:80/", want: "ws://h/", host: "h", addr: "h:80"},
		{name: "other scheme's port", in: "ws://h:443/", want: "ws://h:443/", host: "h:443", addr: "h:443"},
		{name: "empty port", in: "ws://h:/", want: "ws://h/", host: "h", addr: "h:80"},
		{name: "query without path", in: "ws://h?a=b", want: "ws://h/?a=b", host: "h", addr: "h:80"},
		{name: "bare host", in: "example.com", want: "ws://example.com/", host: "example.com", addr: "example.com:80"},
		{name: "bare host and port", in: "localhost:8080/x", want: "ws://localhost:8080/x", host: "localhost:8080", addr: "localhost:8080"},
		{name: "bare port", in: ":8080/x", want: "ws://localhost:8080/x", host: "localhost:8080", addr: "localhost:8080"},
		{name: "bare 443", in: "h:443/x", want: "wss://h/x", host: "h", addr: "h:443"},
		{name: "bare port 443", in: ":443", want: "wss://localhost/", host: "localhost", addr: "localhost:443"},
		{name: "bare host named ws", in: "ws:8080/x", want: "ws://ws:8080/x", host: "ws:8080", addr: "ws:8080"},
		{name: "bare host that begins with ws", in: "wsx.example", want: "ws://wsx.example/", host: "wsx.example", addr: "wsx.example:80"},
		{name: "URL in a query", in: "h:1/?u=http://x", want: "ws://h:1/?u=http://x", host: "h:1", addr: "h:1"},
		{name: "IPv6", in: "ws://[::1]:8080/", want: "ws://[::1]:8080/", host: "[::1]:8080", addr: "[::1]:8080"},
		{name: "IPv6 default port", in: "ws://[::1]", want: "ws://[::1]/", host: "[::1]", addr: "[::1]:80"},
		{name: "IPv6 zone", in: "ws://[fe80::1%25eth0]:1/", want: "ws://[fe80::1]:1/", host: "[fe80::1]:1", addr: "[fe80::1%eth0]:1"},
		{name: "user", in: "ws://me:p%40ss@h/", want: "ws://h/", host: "h", addr: "h:80", user: "me:p%40ss"},
		{name: "user only", in: "ws://me@h/", want: "ws://h/", host: "h", addr: "h:80", user: "me"},
		{name: "at sign in password", in: "ws://me:a@b@h/", want: "ws://h/", host: "h", addr: "h:80", user: "me:a%40b"},
		{name: "not ASCII in path", in: "ws://h/é", want: "ws://h/%C3%A9", host: "h", addr: "h:80"},
		{name: "escapes kept", in: "ws://h/a%2Fb%20c", want: "ws://h/a%2Fb%20c", host: "h", addr: "h:80"},
		{name: "unsafe encoded", in: `ws://h/{"a"}|`, want: "ws://h/%7B%22a%22%7D%7C", host: "h", addr: "h:80"},
		{name: "dot segments kept", in: "ws://h/a/../b//c", want: "ws://h/a/../b//c", host: "h", addr: "h:80"},
		{name: "brackets in a query", in: "ws://h/?a[]=1", want: "ws://h/?a[]=1", host: "h", addr: "h:80"},
		{name: "unix", in: "unix:/tmp/s.sock:/chat?x", want: "unix:/tmp/s.sock:/chat?x", host: "localhost", addr: "/tmp/s.sock"},
		{name: "unix without path", in: "unix:s.sock", want: "unix:s.sock:/", host: "localhost", addr: "s.sock"},
		{name: "unix, colon and no path", in: "unix:s.sock:", want: "unix:s.sock:/", host: "localhost", addr: "s.sock"},
		{name: "unix, URL in a query", in: "unix:s:/?u=a:/b", want: "unix:s:/?u=a:/b", host: "localhost", addr: "s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := ParseURL(tt.in)
			if err != nil {
				t.Fatalf("ParseURL(%q): %v", tt.in, err)
			}
			if got := u.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
			if got := u.HostHeader(); got != tt.host {
				t.Errorf("HostHeader() = %q, want %q", got, tt.host)
			}
			if _, got := u.Addr(); got != tt.addr {
				t.Errorf("Addr() = %q, want %q", got, tt.addr)
			}
			var user string
			if u.User != nil {
				user = u.User.String()
			}
			if user != tt.user {
				t.Errorf("User = %q, want %q", user, tt.user)
			}
		})
	}
}

func TestParseURLErrors(t *testing.T) {
	tests := []struct {
		name, in      string
		problem, hint string // parts of them
	}{
		{name: "empty", in: "", problem: "empty", hint: "ws://localhost:8080/"},
		{name: "space", in: "ws://h/a b", problem: "white space", hint: "%20"},
		{name: "trailing newline", in: "ws://h/\n", problem: "white space", hint: "did you mean ws://h/ ?"},
		{name: "escape", in: "ws://h/\x1b[2J", problem: "control character U+001B"},
		{name: "NUL", in: "ws://h/\x00", problem: "control character U+0000"},
		{name: "bidi", in: "ws://h/\u202e", problem: "control character U+202E"},
		{name: "not UTF-8", in: "ws://h/\xff", problem: "not valid UTF-8"},
		{name: "scheme", in: "ftp://h/x", problem: `unknown scheme "ftp"`, hint: "did you mean ws://h/x ?"},
		{name: "no scheme", in: "://h", problem: "unknown scheme", hint: "did you mean ws://h ?"},
		{name: "one slash", in: "ws:/h/x", problem: `"ws" is not followed by ://`, hint: "did you mean ws://h/x ?"},
		{name: "no slash", in: "wss:h/x", problem: `"wss" is not followed by ://`, hint: "did you mean wss://h/x ?"},
		{name: "no colon", in: "https//h/x", problem: `"https" is not followed`, hint: "did you mean https://h/x ?"},
		{name: "backslashes", in: `WS:\\h\x`, problem: `"WS" is not followed`, hint: `did you mean ws://h\x ?`},
		{name: "number", in: "8080/x", problem: "a number is not a host", hint: "did you mean :8080/x ?"},
		{name: "path only", in: "/chat", problem: "no host", hint: "ws://HOST/path"},
		{name: "no host", in: "ws:///chat", problem: "no host"},
		{name: "no host, port", in: "ws://:80/", problem: "no host"},
		{name: "port zero", in: "h:0", problem: `bad port "0"`, hint: "1 to 65535"},
		{name: "port too big", in: "h:65536", problem: `bad port "65536"`},
		{name: "port not a number", in: "h:http", problem: `bad port "http"`},
		{name: "port with sign", in: "h:+1", problem: `bad port "+1"`},
		{name: "IPv6 bare", in: "::1:8080", problem: "too many colons", hint: "ws://[::1]:8080/"},
		{name: "bracket open", in: "ws://[::1/", problem: "not closed"},
		{name: "bracket around a name", in: "ws://[abc]/", problem: `"abc" is not an IPv6 address`},
		{name: "bracket around IPv4", in: "ws://[127.0.0.1]/", problem: "not an IPv6 address"},
		{name: "text after bracket", in: "ws://[::1]x/", problem: `"x" follows the address`},
		{name: "host not ASCII", in: "ws://bücher.de/", problem: "not ASCII", hint: "xn--"},
		{name: "host with a quote", in: "ws://a'b/", problem: `contains '\''`},
		{name: "host with an escape", in: "ws://a%20b/", problem: `contains '%'`},
		{name: "fragment", in: "ws://h/#x", problem: "fragment (RFC 6455 §3)", hint: "%23"},
		{name: "fragment in unix", in: "unix:s:/#x", problem: "fragment"},
		{name: "escape cut", in: "ws://h/%2", problem: `bad percent-escape "%2"`, hint: "%25"},
		{name: "escape not hex", in: "ws://h/?%zz1", problem: `bad percent-escape "%zz"`},
		{name: "user escape", in: "ws://%zz@h/", problem: "user name", hint: "%25"},
		{name: "password escape", in: "ws://a:%z@h/", problem: "password", hint: "%25"},
		{name: "colon in user", in: "ws://a%3Ab:c@h/", problem: "colon"},
		{name: "unix without a socket", in: "unix::/x", problem: "no socket path", hint: "unix:PATH:/path"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseURL(tt.in)
			var ue *URLError
			if !errors.As(err, &ue) {
				t.Fatalf("ParseURL(%q): %v, want a *URLError", tt.in, err)
			}
			if !strings.Contains(ue.Error(), tt.problem) {
				t.Errorf("error %q does not contain %q", ue, tt.problem)
			}
			if !strings.Contains(ue.Hint(), tt.hint) {
				t.Errorf("hint %q does not contain %q", ue.Hint(), tt.hint)
			}
			if strings.ContainsAny(ue.Error(), "\x1b\x00\n\u202e") {
				t.Errorf("error %q is not escaped", ue)
			}
		})
	}
}

func TestURLErrorHidesPassword(t *testing.T) {
	for _, in := range []string{
		"ws://me:secret@h:99999/", "me:secret@h:99999", "ws:/me:secret@h", "ftp://me:secret@h", "ws://me:secret@h/#x", "ws://me:secret@h /",
		"ws://me:secret/secret@h/", "did you mean ws:me:secret@h",
	} {
		_, err := ParseURL(in)
		var ue *URLError
		if !errors.As(err, &ue) {
			t.Fatalf("ParseURL(%q): %v, want a *URLError", in, err)
		}
		if strings.Contains(ue.Error()+ue.Hint(), "secret") {
			t.Errorf("ParseURL(%q): the password shows: %v; %s", in, ue, ue.Hint())
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"ws://h/", "wss://u:p@h:1/x?y", ":8080/x", "unix:/s:/x", "[::1]:80", "ws://[fe80::1%25x]/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURL(s)
		if err != nil {
			return
		}
		for _, c := range []byte(u.Target + u.HostHeader()) {
			if c <= ' ' || c >= 0x7F {
				t.Fatalf("ParseURL(%q): %q would be sent", s, c)
			}
		}
		if u.Target == "" || u.Target[0] != '/' {
			t.Fatalf("ParseURL(%q): Target %q", s, u.Target)
		}
		again, err := ParseURL(u.String())
		if err != nil {
			t.Fatalf("ParseURL(%q): %v", u, err)
		}
		if again.String() != u.String() {
			t.Fatalf("%q parses to %q", u, again)
		}
	})
}
