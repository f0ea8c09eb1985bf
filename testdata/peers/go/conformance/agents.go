package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"peers/internal/about"
)

// An agent is an implementation in one of its roles.
type agent struct {
	name    string
	role    string // "server" or "client"
	version string // "" for unknown
	// command starts a server. A client is command, which the suite's URL and the name
	// follow.
	command []string
	deflate bool     // it has compression, which is then agreed on in every case
	kept    bool     // a server that inherits its socket, and is started anew when it has ended
	behind  string   // a proxy that the server is behind, "" for none
	needs   []string // programs, and files, that must be there
}

// ours is the agent that is to pass everything.
const ours = "wskit"

// agents lists all of them: ours with and without compression, the others with it where they
// have it.
func agents(o options) []agent {
	version, _ := about.Output(o.wskit, "--version")
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "wskit "), " ")
	version = strings.TrimPrefix(version, "devel")
	plain := []string{o.wskit, "serve", "-q", "--listen", "127.0.0.1:0", "--ready", "echo"}
	compressed := append(slices.Clip(plain), "--compress")
	client := []string{filepath.Join(o.peers, "wskit", "echo-client"), o.wskit}
	list := []agent{
		{name: ours, role: "server", version: version, command: plain},
		{name: ours + " compressed", role: "server", version: version, command: compressed, deflate: true},
		{
			name: ours + " compressed, behind nginx", role: "server", version: version, command: compressed, deflate: true,
			behind: "nginx", needs: []string{"nginx"},
		},
		{name: ours, role: "client", version: version, command: client},
		{name: ours + " compressed", role: "client", version: version, command: append(slices.Clip(client), "--compress"), deflate: true},
	}
	for _, library := range []struct {
		name, deflate string
		flags         []string
	}{
		{name: "gorilla", deflate: "no-takeover"},
		{name: "coder", deflate: "takeover"},
		{name: "gobwas"},
		{name: "gws", deflate: "takeover", flags: []string{"-utf8"}},
		{name: "nbio", deflate: "no-takeover"},
	} {
		words := []string{filepath.Join(o.bin, library.name)}
		_, version := about.Library(words[0])
		a := agent{name: library.name, version: strings.TrimPrefix(version, "v"), needs: words}
		words = append(slices.Clip(words), library.flags...)
		if library.deflate != "" {
			a.deflate = true
			words = append(words, "-deflate", library.deflate)
		}
		server, client := a, a
		server.role, server.kept, server.command = "server", true, append(slices.Clip(words), "-socket", "3")
		client.role, client.command = "client", append(slices.Clip(words), "-connect")
		list = append(list, server, client)
	}
	return append(list, others(o)...)
}

// others lists the agents that are not written in Go.
func others(o options) []agent {
	at := func(elements ...string) string { return filepath.Join(append([]string{o.peers}, elements...)...) }
	ws, _ := about.NodePackage(o.peers, "ws")
	python := pythonWithWebsockets()
	websockets, _ := about.Output(python, "-c", "import websockets; print(websockets.__version__)")
	chromium, _ := about.Output("chromium", "--version")
	chromium, _, _ = strings.Cut(strings.TrimPrefix(chromium, "Chromium "), " ")
	module := []string{"node", at("node_modules", "ws")}
	return []agent{
		{
			name: "Node ws", role: "server", version: ws, needs: module,
			command: []string{"node", at("node", "echo.js"), "--deflate", "takeover"},
		},
		{
			name: "Node ws", role: "client", version: ws, needs: module,
			command: []string{"node", at("node", "echo-client.js"), "--compress"},
		},
		{
			name: "Python websockets", role: "server", version: websockets, needs: []string{python},
			command: []string{python, "-B", at("python", "echo.py"), "--compress"},
		},
		{
			name: "Python websockets", role: "client", version: websockets, needs: []string{python},
			command: []string{python, "-B", at("python", "echo-client.py"), "--compress"},
		},
		{
			name: "Chromium", role: "client", version: chromium, needs: []string{"node", "chromium", at("node_modules", "playwright-core")},
			command: []string{"node", at("chromium", "echo-client.js")},
		},
	}
}

// pythonWithWebsockets returns a Python that has the library. Debian's package belongs to
// Debian's Python, and another may come first on PATH.
func pythonWithWebsockets() string {
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(python, "-c", "import websockets").Run() == nil {
			return python
		}
	}
	return "a Python with websockets"
}

// label tells the agent from all others: "gws server".
func (a *agent) label() string { return a.name + " " + a.role }

// file is the name of its report.
func (a *agent) file() string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(a.label()), ",", ""), " ", "-") + ".json"
}

// missing returns why the agent cannot be tested here, if it cannot.
func (a *agent) missing() error {
	for _, name := range a.needs {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if _, err := os.Stat(name); err != nil {
			return err
		}
	}
	return nil
}
