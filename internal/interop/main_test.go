package interop

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// peersDir is where the programs that run the peers are.
const peersDir = "../../testdata/peers"

// machine is what the tests found on it. TestMain sets it once. A program that is
// missing is the empty string.
var machine struct {
	wskit  string // built from this tree
	node   string // with the modules that the peers need
	python string // with websockets
	chrome string
	nginx  string
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if testing.Short() {
		fmt.Println("interop: no tests with -short: they start other implementations")
		return 0
	}
	dir, err := os.MkdirTemp("", "wskit-interop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	machine.wskit = filepath.Join(dir, "wskit")
	build := exec.Command("go", "build", "-o", machine.wskit, "wskit")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "interop: build wskit: %v\n%s", err, out)
		return 1
	}
	if !findPeers() && os.Getenv("CI") == "true" {
		fmt.Fprintln(os.Stderr, "interop: CI=true, where no peer may be missing")
		return 1
	}
	return m.Run()
}

// findPeers fills machine, prints a line for each peer that is missing, and
// reports whether there is none.
func findPeers() bool {
	machine.node = find([]string{"node"}, "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)")
	if _, err := os.Stat(filepath.Join(peersDir, "node_modules", ".package-lock.json")); err != nil {
		machine.node = ""
	}
	// Debian's package belongs to Debian's Python, and another may come first
	// on PATH.
	machine.python = find([]string{"/usr/bin/python3", "python3"}, "-c", "import websockets.legacy.server, websockets.legacy.client")
	machine.chrome = find([]string{"chromium", "chromium-browser", "google-chrome"})
	machine.nginx = find([]string{"nginx", "/usr/sbin/nginx"})
	all := true
	for _, p := range []struct{ path, name string }{
		{machine.node, "npm ws"},
		{machine.python, "Python's websockets"},
		{machine.chrome, "Chromium"},
		{machine.nginx, "nginx"},
	} {
		if p.path == "" {
			fmt.Printf("skip: %s is missing: its tests are skipped (make peers installs it)\n", p.name)
			all = false
		}
	}
	return all
}

// find returns the path of the first program that is there and, when it is run
// with args, succeeds. Without args it is not run.
func find(programs []string, args ...string) string {
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		if len(args) == 0 || exec.Command(path, args...).Run() == nil {
			return path
		}
	}
	return ""
}

// need skips the test when one of the programs was not found.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, path := range programs {
		if path == "" {
			t.Skip("a peer is missing")
		}
	}
}
