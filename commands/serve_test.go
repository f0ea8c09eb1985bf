package commands

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"wskit/wsserver"
)

// TestMountURLs looks at the URLs that a server names. A ServeMux says whether the pattern
// of a mount matches them.
func TestMountURLs(t *testing.T) {
	tests := []struct {
		name     string
		patterns []string
		want     []string
	}{
		{"none", nil, []string{"b/"}},
		{"plain", []string{"/ws", "/api/"}, []string{"b/ws", "b/api/"}},
		{"the end", []string{"/ws/{$}"}, []string{"b/ws/"}},
		{"plain before patterns", []string{"/rooms/{room}", "/ws"}, []string{"b/ws"}},
		{"a rest", []string{"/faults/{fault...}"}, []string{"b/faults/"}},
		{"a segment", []string{"/{room}"}, []string{"b/room"}},
		{"several", []string{"/{a}/x/{b}/{$}", "/y/{c}"}, []string{"b/a/x/b/", "b/y/c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var mounts []wsserver.Mount
			mux := http.NewServeMux()
			for _, p := range tt.patterns {
				mounts = append(mounts, wsserver.Mount{Pattern: p})
				mux.Handle(p, http.NotFoundHandler())
			}
			got := mountURLs([]string{"b"}, mounts)
			if !slices.Equal(got, tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for _, u := range got {
				if _, p := mux.Handler(httptest.NewRequestWithContext(t.Context(), "GET", u[1:], nil)); p == "" && mounts != nil {
					t.Errorf("no pattern matches %q", u)
				}
			}
		})
	}
}
