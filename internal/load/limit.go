package load

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// spareDescriptors are left for what is no connection: resolving names, files, the
// poller of the runtime.
const spareDescriptors = 16

// A LimitError says that a limit of the system does not allow a run.
type LimitError struct {
	// Err names the limit, what there is of it and what the run needs.
	Err error

	hint string
}

// Error says what the limit is.
func (e *LimitError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *LimitError) Unwrap() error { return e.Err }

// Hint says what to try.
func (e *LimitError) Hint() string { return e.hint }

// limits are those of the system. What is not known is negative.
type limits struct {
	// descriptors may be open, used are.
	descriptors, used int
	// ports may be used as local ports, by the connections from one address to
	// another.
	ports int
}

// Preflight returns a *LimitError when the system does not allow as many connections
// as cfg asks for: they need descriptors, and local ports for each pair of a source
// and a destination address. What is not known of a system is not checked.
func Preflight(cfg Config) error {
	return checkLimits(cfg.withDefaults(), systemLimits())
}

func checkLimits(cfg Config, l limits) error {
	need, left := cfg.Connections, max(l.descriptors-l.used-spareDescriptors, 0)
	if cfg.InProcess {
		need *= 2
	}
	if l.descriptors >= 0 && need > left {
		return &LimitError{
			Err: fmt.Errorf("%d connections need %d descriptors, and %d of %d are left",
				cfg.Connections, need, left, l.descriptors),
			hint: fmt.Sprintf("ulimit -n %d raises the limit, or wskit on several machines and wskit bench merge",
				need+max(l.used, 0)+2*spareDescriptors),
		}
	}
	if l.ports < 0 {
		return nil
	}
	sources := max(len(cfg.Sources), 1)
	for addr, n := range destinations(&cfg) {
		if n > l.ports*sources {
			return &LimitError{
				Err: fmt.Errorf("%d connections to %s need as many local ports, and there are %d for each source address",
					n, addr, l.ports),
				hint: portHint(addr, n, l.ports),
			}
		}
	}
	return nil
}

// destinations returns the addresses that cfg dials, and how often.
func destinations(cfg *Config) map[string]int {
	m := make(map[string]int)
	for i := range cfg.Dial {
		u := cfg.Dial[i].URL
		if u == nil || u.Socket != "" || cfg.Dial[i].Dial != nil {
			continue // a unix socket has no ports
		}
		n := cfg.Connections / len(cfg.Dial)
		if i < cfg.Connections%len(cfg.Dial) {
			n++
		}
		m[net.JoinHostPort(u.Host, strconv.Itoa(u.Port))] += n
	}
	return m
}

// portHint says how to make n connections to addr when a source has but so many
// ports.
func portHint(addr string, n, ports int) string {
	host, _, _ := net.SplitHostPort(addr)
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.Is4() || !ip.IsLoopback()) {
		return fmt.Sprintf("give %d addresses of this machine with --source, or several URLs", (n+ports-1)/ports)
	}
	hint := "--source 127.0.0.1 --source 127.0.0.2"
	if more := (n+ports-1)/ports - 2; more > 0 {
		hint += fmt.Sprintf(" …, %d in all,", more+2)
	}
	return hint + " gives each address its own ports"
}
