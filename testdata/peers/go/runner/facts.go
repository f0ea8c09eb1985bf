package main

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// facts says on what, with what and when it was measured.
func facts(b *bench) []string {
	return []string{
		fmt.Sprintf("Taken on %s: the median of %d rounds of %v each.", time.Now().UTC().Format("2 January 2006"), b.rounds, b.time),
		fmt.Sprintf("Machine: %s, %d cores; Linux %s. The server has core %d to itself, the load core %d.",
			model(), runtime.NumCPU(), firstLine("/proc/sys/kernel/osrelease"), b.serverCPU, b.loadCPU),
		"Versions: " + strings.Join(versions(b), ", ") + ".",
	}
}

// model returns the name of the processor.
func model() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "a " + runtime.GOARCH + " processor"
}

// firstLine returns the first line of a file, "unknown" when it cannot be read.
func firstLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

// versions returns what the servers were built with.
func versions(b *bench) []string {
	list := []string{"Go " + strings.TrimPrefix(runtime.Version(), "go")}
	if v, ok := output(b.wskit, "--version"); ok {
		list = append(list, v)
	}
	seen := map[string]bool{}
	for _, s := range b.servers {
		if !s.goLibrary {
			continue
		}
		info, err := buildinfo.ReadFile(s.command("")[0])
		if err != nil {
			continue
		}
		for _, dep := range info.Deps {
			if strings.HasSuffix(dep.Path, "/ws") || strings.HasSuffix(dep.Path, "/websocket") ||
				strings.HasSuffix(dep.Path, "/gws") || strings.HasSuffix(dep.Path, "/nbio") {
				if !seen[dep.Path] {
					list = append(list, strings.TrimPrefix(dep.Path, "github.com/")+" "+dep.Version)
				}
				seen[dep.Path] = true
			}
		}
	}
	if v, ok := output("node", "--version"); ok {
		list = append(list, "Node "+strings.TrimPrefix(v, "v"))
	}
	if v, ok := nodePackage(b.peers, "ws"); ok {
		list = append(list, "npm ws "+v)
	}
	return list
}

// output returns the first line that a command prints.
func output(name string, args ...string) (line string, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	b, err := cmd.Output()
	line, _, _ = strings.Cut(string(b), "\n")
	return line, err == nil
}

// nodePackage returns the version of a package of Node that is installed.
func nodePackage(peers, name string) (version string, ok bool) {
	b, err := os.ReadFile(filepath.Join(peers, "node_modules", name, "package.json"))
	if err != nil {
		return "", false
	}
	var about struct{ Version string }
	err = json.Unmarshal(b, &about)
	return about.Version, err == nil
}
