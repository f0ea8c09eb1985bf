package interop

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNginx runs the clients of npm ws and of Python through nginx. Its path
// /quiet cuts a connection on which the server is silent for two seconds: the pings
// of wskit serve keep it open.
func TestNginx(t *testing.T) {
	tests := []setting{
		{name: "plain", groups: allGroups},
		{
			name: "deflate", serve: []string{"--compress"}, client: []string{"--compress"},
			groups: allGroups, extensions: "permessage-deflate",
		},
		{name: "pings", serve: []string{"--ping-interval", "250ms", "/quiet=echo"}, groups: "pings"},
	}
	for _, l := range libraries() {
		for _, s := range tests {
			t.Run(l.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				need(t, machine.nginx)
				l.need(t)
				_, upstream := startServe(t, s.serve...)
				s.run(t, l, startNginx(t, upstream))
			})
		}
	}
}

// startNginx starts nginx as a proxy in front of the server at upstream until the
// test ends, and returns its own URL.
func startNginx(t *testing.T, upstream string) string {
	t.Helper()
	up, err := url.Parse(upstream)
	if err != nil {
		t.Fatal(err)
	}
	// nginx takes a listening socket that it inherits, by the number in NGINX,
	// so that it has a port of its own before it has started.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	dir, err := os.MkdirTemp("", "wskit-nginx-") // t.TempDir is closed to the user that nginx's worker becomes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile(filepath.Join(peersDir, "nginx", "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	conf := strings.NewReplacer("@LISTEN@", l.Addr().String(), "@UPSTREAM@", up.Host).Replace(string(template))
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	serve(t, []string{machine.nginx, "-e", "stderr", "-p", dir, "-c", "nginx.conf"}, func(cmd *exec.Cmd) {
		cmd.ExtraFiles = []*os.File{file}
		cmd.Env = append(os.Environ(), "NGINX=3;")
	})
	return "ws://" + l.Addr().String() + up.Path
}
