//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func optionAttacks() []attack {
	base := attack{id: "A15", memory: 4 << 20, time: 20 * time.Second, ours: true}
	dial := base
	dial.what, dial.run = "CR and LF in each option, argument and header file that reaches the wire", injectClient
	listen := base
	listen.what, listen.run = "CR and LF in each option, argument and variable that reaches the wire", injectServer
	return slices.Concat(each(listen, serve), each(dial, connect, inspect, bench))
}

// injections are what ends a line and begins another in careless hands. NUL cannot stand in
// an argument; a file may hold it.
var injections = []string{"\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "\r\n\r\nGET /evil HTTP/1.1\r\n", "\r", "\n"}

// expectUsage runs a command line that must be refused before anything is done.
func (t *trial) expectUsage(setup func(*exec.Cmd), args ...string) error {
	c, err := t.launch(append([]string{t.lab.wskit, t.target}, args...), setup)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%q", args)
	exit, err := c.wait(5 * time.Second)
	if err != nil {
		t.fault("%s: %v", what, err)
		return nil
	}
	t.saw(fmt.Sprint("exit ", exit), what, "exit 2")
	if strings.ContainsAny(strings.ReplaceAll(c.stderr.String(), "\n", ""), "\r\x00") || strings.Contains(c.stderr.String(), "\nX-Evil") {
		t.fault("%s: its message is not escaped: %q", what, c.stderr.String())
	}
	return nil
}

func injectClient(t *trial) error {
	l, err := t.lure(func(c *caught) { t.fault("a command line that is wrong was dialled with") })
	if err != nil {
		return err
	}
	var lines [][]string
	add := func(args ...string) { lines = append(lines, args) }
	url := "ws://" + l.tcp + "/"
	for _, bad := range injections {
		add("-H", "A: b"+bad, url)
		add("-H", "A"+bad+": b", url)
		add("-H", bad+"A: b", url)
		add("-u", "ann"+bad+":secret", url)
		add("-u", "ann:secret"+bad, url)
		add("-o", "https://example.com"+bad, url)
		add("-s", "chat"+bad, url)
		add("--cacert", "/none"+bad, url)
		add(url + "path" + bad)
		add(url + "?query=" + bad + "x")
		add("ws://" + bad + l.tcp + "/")
		add("ws://" + l.tcp + bad)
		add("ws://ann" + bad + ":secret@" + l.tcp)
		add("ws" + bad + "://" + l.tcp)
		add("--compress=level=6"+bad, url)
	}
	for i, content := range []string{"A: b\x00c\n", "A: b\rX-Evil: 1\n", "A\x00: b\n", "A: b\x1bc\n", "A: b\x7f\n", " A: b\n", ": b\n"} {
		file := t.lab.name(fmt.Sprint(".headers", i))
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
		add("-H", "@"+file, url)
	}
	return spread(len(lines), atOnce, func(i int) error { return t.expectUsage(nil, lines[i]...) })
}

func injectServer(t *trial) error {
	var lines [][]string
	add := func(args ...string) { lines = append(lines, append([]string{"-l", "127.0.0.1:0"}, args...)) }
	for _, bad := range injections {
		add("--allow-origin", "https://example.com"+bad)
		add("--allow-host", "example.com"+bad)
		add("-s", "chat"+bad)
		add("--tls-cert", "/none"+bad, "--tls-key", "/none")
		add("/path" + bad + "=echo")
		add("/=echo" + bad)
		add("/=reject:4" + bad)
		add("-l", "127.0.0.1:0"+bad)
		add("-l", "localhost"+bad+":0")
		add("--log-format", "text"+bad)
	}
	if err := spread(len(lines), atOnce, func(i int) error { return t.expectUsage(nil, lines[i]...) }); err != nil {
		return err
	}
	return t.expectUsage(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "WSKIT_LISTEN=127.0.0.1:0\r\nX") })
}
