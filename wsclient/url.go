package wsclient

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A URL says where a connection goes: RFC 6455 §3, and the short forms that
// people type.
type URL struct {
	// Secure asks for TLS.
	Secure bool
	// Host is a name or an IP address, without brackets. It is empty for a URL
	// of the form unix:PATH:/path.
	Host string
	// Port is 1 to 65535, or zero when Host is empty.
	Port int
	// Target is the path and the query of the request line: ASCII, beginning
	// with a slash.
	Target string
	// Socket is the path of the unix socket to dial. If empty, Host and Port
	// are dialled.
	Socket string
	// User holds the credentials of the URL. If nil, it had none.
	User *url.Userinfo
}

// Origin returns the scheme, host and port without a path, in ws or wss form,
// or unix:PATH. It never holds credentials.
func (u *URL) Origin() string {
	switch {
	case u.Host == "":
		return "unix:" + u.Socket
	case u.Secure:
		return "wss://" + u.HostHeader()
	}
	return "ws://" + u.HostHeader()
}

// String returns the URL in its long form, without credentials.
func (u *URL) String() string {
	if u.Host == "" {
		return u.Origin() + ":" + u.Target
	}
	return u.Origin() + u.Target
}

// HostHeader returns the value of the Host field: no port where it is the
// scheme's own, no zone (RFC 6874 §1), and localhost for a unix URL.
func (u *URL) HostHeader() string {
	if u.Host == "" {
		return "localhost"
	}
	host, _, _ := strings.Cut(u.Host, "%")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if u.Port == u.defaultPort() {
		return host
	}
	return host + ":" + strconv.Itoa(u.Port)
}

// Addr returns the network and the address to dial.
func (u *URL) Addr() (network, addr string) {
	if u.Socket != "" {
		return "unix", u.Socket
	}
	return "tcp", net.JoinHostPort(u.Host, strconv.Itoa(u.Port))
}

func (u *URL) defaultPort() int {
	if u.Secure {
		return 443
	}
	return 80
}

// A URLError says what is wrong with a URL.
type URLError struct {
	// URL is what was given, its password replaced.
	URL string
	// Problem says what is wrong, in a few words.
	Problem string

	hint string
}

// Error names the URL and the problem.
func (e *URLError) Error() string { return fmt.Sprintf("parse URL %q: %s", e.URL, e.Problem) }

// Hint says what to type instead, or is empty.
func (e *URLError) Hint() string { return e.hint }

func urlError(s, hint, format string, args ...any) error {
	return &URLError{URL: redact(s), Problem: fmt.Sprintf(format, args...), hint: redact(hint)}
}

// redact replaces what may be a password: all between the first colon behind a
// scheme and the last at sign, since a mistyped URL has its parts anywhere.
func redact(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	start := 0
	if i := strings.Index(s[:at], ":/"); i >= 0 {
		start = i + 1
	}
	colon := strings.IndexByte(s[start:at], ':')
	if colon < 0 {
		return s
	}
	return s[:start+colon+1] + "xxxxx" + s[at:]
}

// ParseURL reads a ws, wss, http or https URL, a bare host[:port][/path] or
// :port[/path], which is ws unless the port is 443, or unix:PATH[:/path]. What
// may not stand in a path or a query is percent-encoded, unless it is a space,
// a control character or a stray percent sign: those are errors, as is a
// fragment (RFC 6455 §3). The error is a *URLError.
func ParseURL(s string) (*URL, error) {
	if s == "" {
		return nil, urlError(s, "give a URL such as ws://localhost:8080/", "it is empty")
	}
	if err := checkRunes(s); err != nil {
		return nil, err
	}
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		return parseUnix(s, rest)
	}
	u := &URL{}
	scheme, rest, bare := splitScheme(s)
	if bare {
		if err := checkBare(s); err != nil {
			return nil, err
		}
		scheme = "ws"
	}
	switch strings.ToLower(scheme) {
	case "ws", "http":
	case "wss", "https":
		u.Secure = true
	default:
		return nil, urlError(s, "did you mean ws://"+rest+" ?", "unknown scheme %q", scheme)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if err := u.parseAuthority(s, rest[:end], bare); err != nil {
		return nil, err
	}
	var err error
	u.Target, err = parseTarget(s, rest[end:])
	return u, err
}

// splitScheme cuts s at "://". Without a scheme, all of s is the rest.
func splitScheme(s string) (scheme, rest string, bare bool) {
	i := strings.Index(s, "://")
	if i < 0 || strings.ContainsAny(s[:i], "/?#:@[") {
		return "", s, true
	}
	return s[:i], s[i+len("://"):], false
}

// checkBare catches URLs whose scheme was mistyped, and ports without a colon.
func checkBare(s string) error {
	low := strings.ToLower(s)
	for _, scheme := range []string{"wss", "ws", "https", "http"} {
		after, ok := strings.CutPrefix(low, scheme)
		if !ok || after == "" {
			continue
		}
		rest := strings.TrimLeft(s[len(scheme):], `:/\`)
		slashes := strings.HasPrefix(after, "//") || strings.HasPrefix(after, `:/`) || strings.HasPrefix(after, `:\`)
		colon := after[0] == ':' && len(after) > 1 && (after[1] < '0' || after[1] > '9')
		if slashes || colon {
			return urlError(s, "did you mean "+scheme+"://"+rest+" ?", "%q is not followed by ://", s[:len(scheme)])
		}
	}
	host := s
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		host = s[:i]
	}
	if _, err := strconv.Atoi(host); err == nil {
		return urlError(s, "did you mean :"+s+" ?", "a number is not a host")
	}
	return nil
}

// checkRunes refuses what nobody means to have in a URL.
func checkRunes(s string) error {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return urlError(s, "", "it is not valid UTF-8")
			}
		case unicode.IsSpace(r):
			hint := "write it as %20"
			if t := strings.TrimSpace(s); strings.IndexFunc(t, unicode.IsSpace) < 0 {
				hint = "did you mean " + t + " ?"
			}
			return urlError(s, hint, "it contains white space")
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return urlError(s, "", "it contains the control character %U", r)
		}
	}
	return nil
}

func parseUnix(s, rest string) (*URL, error) {
	path, target, ok := strings.Cut(rest, ":/")
	if ok {
		target = "/" + target
	} else {
		path = strings.TrimSuffix(path, ":")
	}
	if path == "" {
		return nil, urlError(s, "write unix:PATH or unix:PATH:/path", "it has no socket path")
	}
	target, err := parseTarget(s, target)
	return &URL{Socket: path, Target: target}, err
}

// parseAuthority reads [user[:password]@]host[:port].
func (u *URL) parseAuthority(s, a string, bare bool) error {
	if i := strings.LastIndexByte(a, '@'); i >= 0 {
		if err := u.parseUser(s, a[:i]); err != nil {
			return err
		}
		a = a[i+1:]
	}
	host, port, err := splitPort(s, a)
	if err != nil {
		return err
	}
	if port == "443" && bare {
		u.Secure = true
	}
	u.Port = u.defaultPort()
	if port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 || port[0] == '+' {
			if strings.Contains(s, "@") { // it may be a piece of the password
				return urlError(s, "write a slash in a password as %2F", "bad port")
			}
			return urlError(s, "a port is a number from 1 to 65535", "bad port %q", port)
		}
		u.Port = n
	}
	if host == "" && bare && port != "" {
		host = "localhost"
	}
	return u.setHost(s, host)
}

func (u *URL) parseUser(s, info string) error {
	name, password, ok := strings.Cut(info, ":")
	name, err := url.PathUnescape(name)
	if err != nil {
		return urlError(s, "write a percent sign as %25", "bad percent-escape in the user name")
	}
	password, err = url.PathUnescape(password)
	switch {
	case err != nil:
		return urlError(s, "write a percent sign as %25", "bad percent-escape in the password")
	case strings.Contains(name, ":"):
		return urlError(s, "", "a user name cannot contain a colon")
	case ok:
		u.User = url.UserPassword(name, password)
	default:
		u.User = url.User(name)
	}
	return nil
}

// splitPort cuts host:port; an IPv6 address stands in brackets, which it drops.
func splitPort(s, a string) (host, port string, err error) {
	if strings.HasPrefix(a, "[") {
		end := strings.IndexByte(a, ']')
		if end < 0 {
			return "", "", urlError(s, "", "a bracket is not closed")
		}
		host, rest := strings.Replace(a[1:end], "%25", "%", 1), a[end+1:]
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is6() {
			return "", "", urlError(s, "", "%q is not an IPv6 address", host)
		}
		if rest != "" && rest[0] != ':' {
			return "", "", urlError(s, "", "%q follows the address", rest)
		}
		return host, strings.TrimPrefix(rest, ":"), nil
	}
	if strings.Count(a, ":") > 1 {
		return "", "", urlError(s, "an IPv6 address stands in brackets: ws://[::1]:8080/", "the host has too many colons")
	}
	host, port, _ = strings.Cut(a, ":")
	return host, port, nil
}

func (u *URL) setHost(s, host string) error {
	if host == "" {
		return urlError(s, "write ws://HOST/path", "it has no host")
	}
	if strings.Contains(host, ":") { // an IPv6 address, checked
		u.Host = host
		return nil
	}
	for _, c := range host {
		switch {
		case c >= utf8.RuneSelf:
			return urlError(s, "write the name in its xn-- form", "the host %q is not ASCII", host)
		case !strings.ContainsRune("-._", c) && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z'):
			return urlError(s, "", "the host %q contains %q", host, c)
		}
	}
	u.Host = host
	return nil
}

// parseTarget reads what follows the authority.
func parseTarget(s, t string) (string, error) {
	if strings.Contains(t, "#") {
		return "", urlError(s, "leave the part from # on out, or write the # as %23", "it has a fragment (RFC 6455 §3)")
	}
	if !strings.HasPrefix(t, "/") {
		t = "/" + t
	}
	var b strings.Builder
	for i := range len(t) {
		c := t[i]
		switch {
		case c == '%' && (i+2 >= len(t) || !isHex(t[i+1]) || !isHex(t[i+2])):
			return "", urlError(s, "write a percent sign as %25", "bad percent-escape %q", t[i:min(i+3, len(t))])
		case c >= utf8.RuneSelf || strings.IndexByte("\"<>\\^`{|}", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
