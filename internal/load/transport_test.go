package load

import (
	"crypto/tls"
	"path/filepath"
	"testing"

	"wskit/codec"
	"wskit/wsclient"
	"wskit/wsserver"
)

// A run goes over all that a connection can go over.
func TestRunTransports(t *testing.T) {
	server := func(cfg wsserver.Config, addr string) *wsclient.URL {
		s, err := wsserver.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return listen(t, s, addr)
	}
	tests := []struct {
		name     string
		dial     wsclient.Config
		compress string
	}{
		{name: "unix socket", dial: wsclient.Config{URL: server(wsserver.Config{}, "unix:"+filepath.Join(t.TempDir(), "s"))}},
		{
			name: "TLS",
			dial: wsclient.Config{
				URL: server(wsserver.Config{SelfSigned: true}, "127.0.0.1:0"),
				TLS: &tls.Config{InsecureSkipVerify: true},
			},
		},
		{
			name: "compression",
			dial: wsclient.Config{
				URL:     server(wsserver.Config{Deflate: &codec.DeflateConfig{}}, "127.0.0.1:0"),
				Deflate: &codec.DeflateConfig{},
			},
			compress: "permessage-deflate",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, cfg := range []Config{{Pipeline: 8, Size: 1000}, {Pipeline: 8, Size: 50_000}, {Rate: 20_000, Size: 1000}} {
				cfg.Dial, cfg.Connections, cfg.Count = []wsclient.Config{tt.dial}, 3, 50
				r, err := Run(t.Context(), cfg, nil)
				if err != nil {
					t.Fatal(err)
				}
				m := r.Messages
				if m.Answered != 50 || r.ErrorCount() != 0 || m.PayloadOut != m.PayloadIn || m.PayloadIn != 50*int64(cfg.Size) {
					t.Errorf("size %d: got %+v and errors %v, want 50 answered and no errors", cfg.Size, m, r.Errors)
				}
				if r.Plan.Compress != tt.compress {
					t.Errorf("got compression %q, want %q", r.Plan.Compress, tt.compress)
				}
				// The text compresses, but not to nothing: no message repeats another.
				if small := m.WireOut < m.PayloadOut*2/3; small != (tt.compress != "") || m.WireIn < m.PayloadIn/5 {
					t.Errorf("size %d: %d bytes on the wire for %d out, %d for %d in", cfg.Size, m.WireOut, m.PayloadOut, m.WireIn, m.PayloadIn)
				}
			}
		})
	}
}
