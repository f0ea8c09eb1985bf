package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"peers/internal/about"
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
	if v, ok := about.Output(b.wskit, "--version"); ok {
		list = append(list, v)
	}
	seen := map[string]bool{}
	for _, s := range b.servers {
		if !s.goLibrary {
			continue
		}
		library, version := about.Library(s.command("")[0])
		if library != "" && !seen[library] {
			list = append(list, library+" "+version)
		}
		seen[library] = true
	}
	if v, ok := about.Output("node", "--version"); ok {
		list = append(list, "Node "+strings.TrimPrefix(v, "v"))
	}
	if v, ok := about.NodePackage(b.peers, "ws"); ok {
		list = append(list, "npm ws "+v)
	}
	return list
}
