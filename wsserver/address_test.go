package wsserver

import (
	"errors"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	tests := []struct {
		name, in string
		want     address
		loopback bool
	}{
		{name: "port", in: "8080", want: address{port: 8080}, loopback: true},
		{name: "colon and port", in: ":8080", want: address{port: 8080}, loopback: true},
		{name: "any port", in: "0", want: address{}, loopback: true},
		{name: "localhost", in: "LocalHost:1", want: address{host: "LocalHost", port: 1}, loopback: true},
		{name: "IPv4", in: "0.0.0.0:8080", want: address{host: "0.0.0.0", port: 8080}},
		{name: "IPv6", in: "[::1]:0", want: address{host: "::1"}},
		{name: "IPv6 with a zone", in: "[fe80::1%eth0]:1", want: address{host: "fe80::1%eth0", port: 1}},
		{name: "name", in: "my-host.example:65535", want: address{host: "my-host.example", port: 65535}},
		{name: "socket", in: "unix:/tmp/a:b", want: address{socket: "/tmp/a:b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseAddress(tt.in)
			if err != nil {
				t.Fatalf("parseAddress(%q): %v", tt.in, err)
			}
			if got != tt.want || got.loopback() != tt.loopback {
				t.Errorf("parseAddress(%q) = %+v, loopback %v; want %+v, %v", tt.in, got, got.loopback(), tt.want, tt.loopback)
			}
		})
	}
}

func TestParseAddressErrors(t *testing.T) {
	tests := []struct{ name, in, problem, hint string }{
		{name: "empty", in: "", problem: "it is empty", hint: "8080"},
		{name: "no port", in: "0.0.0.0", problem: "it has no port", hint: "write 0.0.0.0:8080"},
		{name: "empty port", in: "localhost:", problem: `bad port ""`},
		{name: "port too big", in: ":65536", problem: `bad port "65536"`, hint: "0 to 65535"},
		{name: "signed port", in: "+80", problem: `bad port "+80"`},
		{name: "negative port", in: ":-1", problem: `bad port "-1"`},
		{name: "port with a name", in: "h:http", problem: `bad port "http"`},
		{name: "URL", in: "ws://h:80/", problem: `a URL of scheme "ws"`, hint: "did you mean h:80 ?"},
		{name: "star", in: "*:80", problem: `"*" is not an address`, hint: "0.0.0.0:80"},
		{name: "IPv6 bare", in: "::1:80", problem: "brackets", hint: "write [::1]:80"},
		{name: "bracketed IPv4", in: "[1.2.3.4]:80", problem: `"[1.2.3.4]" is not an IPv6 address`},
		{name: "bracketed name", in: "[h]:80", problem: "not an IPv6 address"},
		{name: "half a bracket", in: "[::1:80", problem: "not an IPv6 address"},
		{name: "bad name", in: "a b:80", problem: `bad host "a b"`},
		{name: "no socket", in: "unix:", problem: "no path", hint: "unix:PATH"},
		{name: "NUL in a socket", in: "unix:a\x00", problem: "control character"},
		{name: "line feed in a socket", in: "unix:a\nb", problem: "control character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseAddress(tt.in)
			ae, ok := errors.AsType[*AddressError](err)
			if !ok {
				t.Fatalf("parseAddress(%q): %v, want an *AddressError", tt.in, err)
			}
			if !strings.Contains(ae.Error(), tt.problem) || !strings.Contains(ae.Hint(), tt.hint) {
				t.Errorf("parseAddress(%q): %q, hint %q; want %q and %q in them", tt.in, ae, ae.Hint(), tt.problem, tt.hint)
			}
		})
	}
}
