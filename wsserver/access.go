package wsserver

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// An access decides who may connect by what a browser cannot forge: the Host that
// it was told to visit, against DNS rebinding, and the Origin of the page, against
// cross-site hijacking (RFC 6455 §10.2).
type access struct {
	names   []string // those of this machine and of the listeners, in lower case
	hosts   []string // as allowed: NAME, NAME:PORT, *.DOMAIN or *
	origins []origin
	null    bool // the origin null is allowed
	all     bool // every origin is allowed
}

// newAccess reads what Config allows.
func newAccess(hosts, origins []string) (*access, error) {
	a := &access{}
	for _, h := range hosts {
		entry, err := parseAllowedHost(h)
		if err != nil {
			return nil, err
		}
		a.hosts = append(a.hosts, entry)
	}
	for _, s := range origins {
		switch s {
		case "null":
			a.null = true
			continue
		case "*":
			a.all = true
			continue
		}
		o, ok := parseOrigin(strings.TrimSuffix(s, "/"))
		if !ok {
			hint := "write it as https://example.com or http://localhost:3000; * allows every origin"
			if isName(s) {
				hint = "did you mean https://" + s + " ?"
			}
			return nil, configError("allowed origin", s, "an origin is scheme://host[:port], null or *", hint)
		}
		a.origins = append(a.origins, o)
	}
	return a, nil
}

func parseAllowedHost(s string) (string, error) {
	if s == "*" {
		return s, nil
	}
	name, port, ok := splitHost(strings.TrimPrefix(s, "*."))
	if !ok {
		hint := ""
		if _, rest, cut := strings.Cut(s, "://"); cut {
			hint = "did you mean " + strings.TrimRight(rest, "/") + " ?"
		}
		return "", configError("allowed host", s, "a host is NAME, NAME:PORT, *.DOMAIN or *", hint)
	}
	if strings.HasPrefix(s, "*.") {
		name = "*." + name
	}
	if port != "" {
		name += ":" + port
	}
	return name, nil
}

// splitHost reads the value of a Host field: a name or an address in lower case,
// without brackets and without the dot of the root, and the port, "" for none.
func splitHost(s string) (name, port string, ok bool) {
	if rest, found := strings.CutPrefix(s, "["); found {
		name, port, ok = strings.Cut(rest, "]")
		ip, err := netip.ParseAddr(name)
		if !ok || err != nil || !ip.Is6() || port != "" && port[0] != ':' {
			return "", "", false
		}
		name, port = ip.WithZone("").Unmap().String(), strings.TrimPrefix(port, ":")
	} else {
		name, port, _ = strings.Cut(s, ":")
		if !isName(name) {
			return "", "", false
		}
		name = strings.TrimSuffix(strings.ToLower(name), ".")
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return "", "", false
		}
		port = strconv.FormatUint(n, 10)
	}
	return name, port, name != "" && name[0] != '.' && name[len(name)-1] != '.'
}

// host reports whether a request with this Host may pass. A name that only DNS
// knows could be an attacker's that points here; the others cannot.
func (a *access) host(name, port string) bool {
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return true
	}
	for _, suffix := range [...]string{".localhost", ".local", ".internal"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	for _, own := range a.names {
		if matchName(own, name) {
			return true
		}
	}
	for _, h := range a.hosts {
		if h == "*" || matchName(h, name) || port != "" && matchName(h, name+":"+port) {
			return true
		}
	}
	return false
}

// matchName compares a name with a pattern, which is a name or *.DOMAIN.
func matchName(pattern, name string) bool {
	if domain, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(name, domain)
	}
	return pattern == name
}

// An origin is a serialised origin (RFC 6454 §6.2).
type origin struct {
	scheme string
	name   string // or *.DOMAIN where it is allowed
	port   string // "" for that of the scheme
}

// parseOrigin reads an origin. The name may begin with "*.", which no browser
// sends.
func parseOrigin(s string) (o origin, ok bool) {
	scheme, host, ok := strings.Cut(s, "://")
	if !ok || !isScheme(scheme) {
		return origin{}, false
	}
	bare := strings.TrimPrefix(host, "*.")
	o.scheme = strings.ToLower(scheme)
	o.name, o.port, ok = splitHost(bare)
	if !ok || strings.HasSuffix(host, ":") {
		return origin{}, false
	}
	if bare != host {
		o.name = "*." + o.name
	}
	if o.scheme == "http" && o.port == "80" || o.scheme == "https" && o.port == "443" {
		o.port = ""
	}
	return o, true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// String returns the serialisation.
func (o origin) String() string {
	host := o.name
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.port != "" {
		host += ":" + o.port
	}
	return o.scheme + "://" + host
}

// origin reports whether a page of the origin values[0] may connect to the host
// name:port; there is one Origin field, or none when it is no browser that asks.
// Loopback says that the connection came in on a loopback address. If not allowed,
// allow is the value of AllowOrigin that would change it, "" where none would.
func (a *access) origin(values []string, name, port string, loopback bool) (ok bool, allow string) {
	switch {
	case len(values) == 0 || a.all || a.null && values[0] == "null" && len(values) == 1:
		return true, ""
	case len(values) > 1:
		return false, ""
	case values[0] == "null":
		return false, "null"
	}
	o, ok := parseOrigin(values[0])
	if !ok || strings.HasPrefix(o.name, "*") {
		return false, ""
	}
	if o.name == name && wellKnown(o.port) == wellKnown(port) {
		return true, ""
	}
	if loopback && isLoopback(o.name) {
		return true, ""
	}
	for _, p := range a.origins {
		if p.scheme == o.scheme && p.port == o.port && matchName(p.name, o.name) {
			return true, ""
		}
	}
	return false, o.String()
}

// wellKnown drops the ports of http and https: behind a proxy that ends TLS, the
// page has another scheme than the request.
func wellKnown(port string) string {
	if port == "80" || port == "443" {
		return ""
	}
	return port
}

// isLoopback reports whether name is this machine for whoever asks.
func isLoopback(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// loopbackAddr reports whether a connection to the local address a can only come
// from this machine.
func loopbackAddr(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// flagHint returns the flag that lets a refused value pass, ready to paste. Values
// reach it parsed: they hold nothing that quotes do not hold.
func flagHint(flag, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("--%s '%s'", flag, value)
}
