package wsserver

import (
	"crypto/tls"
	"net"
	"net/netip"
	"strings"
)

// A Binding is what one listen address bound.
type Binding struct {
	// Listeners has one listener, or two for loopback, which is an address of each
	// family. Whoever has the Binding closes them.
	Listeners []net.Listener

	address address
}

// Bind binds an address for a server that is none of this package's. It takes what
// [Server.Listen] takes, and has its errors.
func Bind(addr string) (Binding, error) {
	a, err := parseAddress(addr)
	if err != nil {
		return Binding{}, err
	}
	ls, err := listen(addr, a)
	return Binding{Listeners: ls, address: a}, err
}

// URLs returns where clients reach the listeners, as [Server.URLs] does; secure says
// that they speak TLS.
func (b Binding) URLs(secure bool) []string { return baseURLs(b.address, b.Listeners, secure) }

// Exposed returns the addresses that other machines may reach, as [Server.Exposed]
// does.
func (b Binding) Exposed() []string {
	var addrs []string
	for _, l := range b.Listeners {
		if tcp, ok := l.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
			addrs = append(addrs, tcp.String())
		}
	}
	return addrs
}

// SelfSigned generates a certificate for the names by which clients reach the
// listeners.
func (b Binding) SelfSigned() (tls.Certificate, error) {
	return SelfSigned(append(b.interfaces(), strings.ToLower(b.address.host))...)
}

// interfaces returns the addresses of this machine, if b stands for all of them.
func (b Binding) interfaces() []string {
	if ip, err := netip.ParseAddr(b.address.host); err == nil && ip.IsUnspecified() {
		return interfaceHosts(ip.Is4())
	}
	return nil
}
