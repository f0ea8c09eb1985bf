//go:build !race

// Under the race detector this would take ten times as long, and find what the other
// cases find.

package conform

import (
	"testing"
	"time"

	"wskit/codec"
	"wskit/wsclient"
)

// bigOnes are the big cases for peers of that role.
func bigOnes(t *testing.T, role codec.Role) []*Case {
	t.Helper()
	if testing.Short() {
		t.Skip("moves gigabytes")
	}
	all, err := Select(role, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	var cases []*Case
	for _, c := range all {
		if c.Big {
			cases = append(cases, c)
		}
	}
	return cases
}

// TestBigServer runs the big cases against our own server.
func TestBigServer(t *testing.T) {
	agent, err := Run(t.Context(), Config{
		Dial:  wsclient.Config{URL: serveEcho(t, &codec.DeflateConfig{})},
		Cases: bigOnes(t, codec.RoleServer), Timeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	checkResults(t, agent, map[string]bool{})
}

// TestBigClient runs the big cases against our own client.
func TestBigClient(t *testing.T) {
	checkResults(t, listenTo(t, bigOnes(t, codec.RoleClient), &codec.DeflateConfig{}), map[string]bool{})
}
