package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"peers/internal/echo"
)

// A server is an implementation under test.
type server struct {
	name      string
	goLibrary bool           // one of those that "every Go library" means
	raw       bool           // echoes bytes
	deflate   []echo.Deflate // what it can compress with
	command   func(echo.Deflate) []string
	needs     string // a file that must be there, besides the program; "" is none
}

// can says whether the server has what the scenario needs.
func (s *server) can(sc scenario) bool {
	return sc.deflate == echo.Off || slices.Contains(s.deflate, sc.deflate)
}

// servers lists all servers. The programs of the Go libraries are in bin; peers is
// testdata/peers, and wskit our binary.
func servers(bin, peers, wskit string) []server {
	both := []echo.Deflate{echo.NoTakeover, echo.Takeover}
	program := func(words ...string) func(echo.Deflate) []string {
		return func(d echo.Deflate) []string {
			if d == echo.Off {
				return words
			}
			return append(slices.Clip(words), "--deflate", string(d))
		}
	}
	library := func(name string, deflate ...echo.Deflate) server {
		file := filepath.Join(bin, strings.ReplaceAll(name, " ", "-"))
		return server{name: name, goLibrary: true, deflate: deflate, command: program(file)}
	}
	return []server{
		{name: floor, raw: true, command: program(filepath.Join(bin, "raw"))},
		{name: ours, deflate: both, command: func(d echo.Deflate) []string {
			words := []string{wskit, "serve", "-q", "--listen", "127.0.0.1:0", "--ready"}
			switch d {
			case echo.NoTakeover:
				words = append(words, "--compress=no-takeover")
			case echo.Takeover:
				words = append(words, "--compress")
			}
			return append(words, "echo")
		}},
		library("gobwas batched"),
		library("gobwas"),
		library("gws", both...),
		library("gorilla", echo.NoTakeover),
		library("coder", both...),
		{name: "nbio", goLibrary: true, deflate: both[:1], command: program(filepath.Join(bin, "nbio"), "-mixed")},
		{
			name: "Node ws", deflate: both, command: program("node", filepath.Join(peers, "node", "echo.js")),
			needs: filepath.Join(peers, "node_modules", "ws"),
		},
	}
}

// missing returns why the server cannot be started here, if it cannot.
func (s *server) missing() error {
	if _, err := exec.LookPath(s.command(echo.Off)[0]); err != nil {
		return err
	}
	if s.needs == "" {
		return nil
	}
	_, err := os.Stat(s.needs)
	return err
}
