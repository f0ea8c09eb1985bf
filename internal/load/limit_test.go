package load

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"wskit/wsclient"
)

func TestCheckLimits(t *testing.T) {
	two := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
	tests := []struct {
		name        string
		urls        []string
		connections int
		sources     []netip.Addr
		inProcess   bool
		limits      limits
		want        []string // parts of the error and of its hint; nil for none
	}{
		{name: "enough", connections: 974, limits: limits{1000, 10, 28232}},
		{
			name: "too few descriptors", connections: 975, limits: limits{1000, 10, 28232},
			want: []string{"975 connections", "974 of 1000", "ulimit -n 1017"},
		},
		{name: "enough for both ends", connections: 487, inProcess: true, limits: limits{1000, 10, 28232}},
		{
			name: "too few descriptors for both ends", connections: 488, inProcess: true, limits: limits{1000, 10, 28232},
			want: []string{"488 connections need 976 descriptors", "974 of 1000", "ulimit -n 1018"},
		},
		{
			name: "hardly any descriptors", connections: 1, limits: limits{10, 10, 28232},
			want: []string{"0 of 10", "ulimit -n"},
		},
		{name: "unknown limits", connections: 1_000_000, limits: limits{-1, -1, -1}},
		{name: "enough ports", connections: 28232, limits: limits{1 << 20, 10, 28232}},
		{
			name: "too few ports", connections: 28233, limits: limits{1 << 20, 10, 28232},
			want: []string{"28233 connections to 127.0.0.1:80", "28232 for each source", "--source 127.0.0.1 --source 127.0.0.2 gives"},
		},
		{
			name: "far too few ports", connections: 100_000, limits: limits{1 << 20, 10, 28232},
			want: []string{"--source 127.0.0.2 …, 4 in all,"},
		},
		{name: "two sources", connections: 56464, sources: two, limits: limits{1 << 20, 10, 28232}},
		{
			name: "too few sources", connections: 56465, sources: two, limits: limits{1 << 20, 10, 28232},
			want: []string{"56465 connections"},
		},
		{
			name: "two destinations", urls: []string{"ws://127.0.0.1:1", "ws://127.0.0.1:2"},
			connections: 56464, limits: limits{1 << 20, 10, 28232},
		},
		{
			name: "two paths of one destination", urls: []string{"ws://127.0.0.1/a", "ws://127.0.0.1/b"},
			connections: 28233, limits: limits{1 << 20, 10, 28232},
			want: []string{"28233 connections"},
		},
		{
			name: "another machine", urls: []string{"ws://example.com"},
			connections: 60_000, limits: limits{1 << 20, 10, 28232},
			want: []string{"example.com:80", "give 3 addresses of this machine with --source"},
		},
		{name: "a unix socket", urls: []string{"unix:/tmp/s"}, connections: 60_000, limits: limits{1 << 20, 10, 28232}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.urls == nil {
				tt.urls = []string{"ws://127.0.0.1/"}
			}
			cfg := Config{Connections: tt.connections, Sources: tt.sources, InProcess: tt.inProcess}
			for _, u := range tt.urls {
				cfg.Dial = append(cfg.Dial, wsclient.Config{URL: parse(t, u)})
			}
			err := checkLimits(cfg, tt.limits)
			if tt.want == nil {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			var limit *LimitError
			if !errors.As(err, &limit) {
				t.Fatalf("got %v, want a *LimitError", err)
			}
			for _, part := range tt.want {
				if !strings.Contains(limit.Error()+"\n"+limit.Hint(), part) {
					t.Errorf("got %q with the hint %q, want %q in it", limit, limit.Hint(), part)
				}
			}
		})
	}
}

// What the system tells is plausible: this process has some descriptors open.
func TestPreflight(t *testing.T) {
	cfg := Config{Dial: []wsclient.Config{{URL: parse(t, "ws://127.0.0.1/")}}}
	if err := Preflight(cfg); err != nil {
		t.Errorf("a few connections: %v", err)
	}
	l := systemLimits()
	if l.descriptors < 0 {
		t.Skip("this system has no known limits")
	}
	if l.used < 3 || l.used > l.descriptors {
		t.Errorf("%d of %d descriptors are in use", l.used, l.descriptors)
	}
	cfg.Connections = l.descriptors
	if err := Preflight(cfg); !errors.As(err, new(*LimitError)) {
		t.Errorf("as many connections as descriptors: got %v, want a *LimitError", err)
	}
}
