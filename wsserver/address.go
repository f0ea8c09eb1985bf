package wsserver

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// An AddressError says what is wrong with a listen address.
type AddressError struct {
	// Addr is what was given.
	Addr string
	// Problem says what is wrong, in a few words.
	Problem string

	hint string
}

// Error names the address and the problem.
func (e *AddressError) Error() string {
	return fmt.Sprintf("parse listen address %q: %s", e.Addr, e.Problem)
}

// Hint says what to type instead, or is empty.
func (e *AddressError) Hint() string { return e.hint }

// An address is a listen address.
type address struct {
	host   string // a name or an IP address; empty is loopback
	port   int
	socket string // the path of a unix socket; if set, the rest is not
}

// parseAddress reads PORT, :PORT, HOST:PORT, [IPv6]:PORT and unix:PATH. Without a
// host, or with the name localhost, it is loopback in both families.
func parseAddress(s string) (address, error) {
	fail := func(hint, format string, args ...any) (address, error) {
		return address{}, &AddressError{Addr: s, Problem: fmt.Sprintf(format, args...), hint: hint}
	}
	if s == "" {
		return fail("write a port such as 8080, or HOST:PORT", "it is empty")
	}
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		switch {
		case path == "":
			return fail("write unix:PATH", "it has no path")
		case strings.ContainsFunc(path, unicode.IsControl):
			return fail("", "the path contains a control character")
		}
		return address{socket: path}, nil
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		return fail("did you mean "+strings.TrimRight(rest, "/")+" ?", "it is a URL of scheme %q", scheme)
	}
	host, port := "", s
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i+1:]
	} else if _, err := strconv.Atoi(s); err != nil {
		return fail("write "+s+":8080", "it has no port")
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65535 || port[0] == '+' || port[0] == '-' {
		return fail("a port is a number from 0 to 65535", "bad port %q", port)
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	ip, ipErr := netip.ParseAddr(bare)
	switch {
	case host == "*":
		return fail("write 0.0.0.0:"+port+" or [::]:"+port, "%q is not an address", host)
	case bare != host && (len(bare) != len(host)-2 || ipErr != nil || !ip.Is6()):
		return fail("", "%q is not an IPv6 address", host)
	case bare == host && ipErr == nil && ip.Is6():
		return fail("write ["+host+"]:"+port, "an IPv6 address stands in brackets")
	case ipErr != nil && host != "" && !isName(host):
		return fail("", "bad host %q", host)
	}
	return address{host: bare, port: n}, nil
}

// loopback reports whether a stands for 127.0.0.1 and ::1 together.
func (a address) loopback() bool {
	return a.socket == "" && (a.host == "" || strings.EqualFold(a.host, "localhost"))
}

// network returns the network to listen in. 0.0.0.0 is all of IPv4 and no more:
// net would add all of IPv6, behind the back of who has a firewall for IPv4 only.
func (a address) network() string {
	if ip, err := netip.ParseAddr(a.host); err == nil && ip.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// isName reports whether s may be the name of a host: letters, digits, dots,
// hyphens, and the underscores that people use.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 253
}
