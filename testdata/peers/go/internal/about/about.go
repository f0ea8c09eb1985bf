// Package about finds the versions of what is tested or measured.
package about

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Library returns the WebSocket library that an echo program was built with, without its
// host, and its version. They are empty when it has none.
func Library(program string) (name, version string) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "", ""
	}
	for _, dep := range info.Deps {
		switch filepath.Base(dep.Path) {
		case "ws", "websocket", "gws", "nbio":
			return strings.TrimPrefix(dep.Path, "github.com/"), dep.Version
		}
	}
	return "", ""
}

// Output returns the first line that a command prints.
func Output(name string, args ...string) (line string, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	b, err := cmd.Output()
	line, _, _ = strings.Cut(string(b), "\n")
	return line, err == nil
}

// NodePackage returns the version of a package of Node that is installed under peers.
func NodePackage(peers, name string) (version string, ok bool) {
	b, err := os.ReadFile(filepath.Join(peers, "node_modules", name, "package.json"))
	if err != nil {
		return "", false
	}
	var about struct{ Version string }
	err = json.Unmarshal(b, &about)
	return about.Version, err == nil
}
