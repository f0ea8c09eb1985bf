package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs a command that must end with the given code: exits 4 wskit connect …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG …]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// processes is where a script keeps the servers that it started, by variable.
type processes struct{}

// server starts wskit serve on a free port of 127.0.0.1, puts its URL without a path into the
// variable and stops it at the end of the script:
// server URL [FLAG …] [PATH=BEHAVIOUR …]
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: server VARIABLE [FLAG …] [PATH=BEHAVIOUR …]")
	}
	path, err := exec.LookPath("wskit")
	ts.Check(err)
	cmd := exec.Command(path, append([]string{"serve", "-l", "127.0.0.1:0", "--ready"}, args[1:]...)...)
	cmd.Dir = ts.Getenv("WORK")
	log, err := os.Create(ts.MkAbs(args[0] + ".log"))
	ts.Check(err)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	exited := make(chan error, 1)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	go func() {
		exited <- cmd.Wait()
		log.Close()
		close(exited)
	}()
	ts.Defer(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-exited
	})
	if err != nil {
		ts.Fatalf("the server did not get ready: %v; see %s.log", err, args[0])
	}
	var ready struct{ URLs []string }
	ts.Check(json.Unmarshal(line, &ready))
	if len(ready.URLs) == 0 {
		ts.Fatalf("the server names no URL: %s", line)
	}
	u, err := url.Parse(ready.URLs[0])
	ts.Check(err)
	ts.Setenv(args[0], u.Scheme+"://"+u.Host)
	ts.Value(processes{}).(map[string]process)[args[0]] = process{cmd, exited}
}

// A process is a server that a script started.
type process struct {
	cmd    *exec.Cmd
	exited <-chan error
}

// stops signals a server that the script started, or with "-" waits for it to end
// by itself, and checks its exit code: stops VARIABLE TERM|INT|- CODE. What it
// logged is in the file VARIABLE.log.
func stops(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: stops VARIABLE TERM|INT|- CODE")
	}
	p, ok := ts.Value(processes{}).(map[string]process)[args[0]]
	if !ok {
		ts.Fatalf("no server %s", args[0])
	}
	switch args[1] {
	case "TERM":
		p.cmd.Process.Signal(syscall.SIGTERM)
	case "INT":
		p.cmd.Process.Signal(os.Interrupt)
	}
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		ts.Fatalf("%s still runs", args[0])
	}
	if got := strconv.Itoa(p.cmd.ProcessState.ExitCode()); got != args[2] {
		ts.Fatalf("exit code %s, want %s", got, args[2])
	}
}

// peer starts a TCP server that treats each connection badly in the way that it is
// told, and puts its URL into the variable: peer URL BEHAVIOUR [ARG]
func peer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: peer VARIABLE BEHAVIOUR [ARG]")
	}
	behave := badPeers[args[1]]
	if behave == nil {
		ts.Fatalf("unknown peer %q", args[1])
	}
	arg := ""
	if len(args) > 2 {
		arg = args[2]
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	idle := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			behave(&peerConn{c.(*net.TCPConn), idle}, arg)
			c.Close()
		}
	}()
	ts.Defer(func() {
		l.Close()
		<-done
	})
	ts.Setenv(args[0], "ws://"+l.Addr().String())
	ts.Value(peers{}).(map[string]<-chan struct{})[args[0]] = idle
}

// peers is where a script keeps when its bad peers have become idle, by variable.
type peers struct{}

// awaitDelivery waits until no signal is pending for a process, where the system tells:
// of two that are pending either may be first.
func awaitDelivery(pid int) {
	for range 1000 {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, pending, found := strings.Cut(string(status), "ShdPnd:")
		pending, _, _ = strings.Cut(strings.TrimSpace(pending), "\n")
		if err != nil || !found || strings.Trim(pending, "0") == "" {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// signalled runs a command until the peer of the variable has become idle, sends it
// the signals, and checks its exit code: signalled PEER TERM|INT|INT,TERM CODE
// COMMAND [ARG …]. What it printed is in the files out and err.
func signalled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: signalled PEER SIGNALS CODE COMMAND [ARG …]")
	}
	idle, ok := ts.Value(peers{}).(map[string]<-chan struct{})[args[0]]
	if !ok {
		ts.Fatalf("no peer %s", args[0])
	}
	path, err := exec.LookPath(args[3])
	ts.Check(err)
	cmd := exec.Command(path, args[4:]...)
	cmd.Dir = ts.Getenv("WORK")
	stdin, err := cmd.StdinPipe() // open, so that stdin does not end
	ts.Check(err)
	defer stdin.Close()
	cmd.Stdout, err = os.Create(ts.MkAbs("out"))
	ts.Check(err)
	cmd.Stderr, err = os.Create(ts.MkAbs("err"))
	ts.Check(err)
	ts.Check(cmd.Start())
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	select {
	case <-idle:
	case <-exited:
		ts.Fatalf("it ended by itself: %v", cmd.ProcessState)
	}
	for name := range strings.SplitSeq(args[1], ",") {
		var sig os.Signal = os.Interrupt
		if name == "TERM" {
			sig = syscall.SIGTERM
		}
		cmd.Process.Signal(sig)
		awaitDelivery(cmd.Process.Pid)
	}
	select {
	case <-exited:
	case <-time.After(20 * time.Second):
		cmd.Process.Kill()
		<-exited
		ts.Fatalf("it still runs")
	}
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[2] {
		ts.Fatalf("exit code %s, want %s", got, args[2])
	}
}

// raw sends bytes to a server that the script started, closes its half and puts what
// comes back into a file: raw FILE URL BYTES. In the bytes \r, \n and \xHH are what they
// are in Go, and UPGRADE stands for the header lines of an upgrade without Host.
func raw(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: raw FILE URL BYTES")
	}
	u, err := url.Parse(args[1])
	ts.Check(err)
	c, err := net.Dial("tcp", u.Host)
	ts.Check(err)
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	_, err = c.Write(unescape(strings.ReplaceAll(args[2], "UPGRADE",
		`Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`)))
	ts.Check(err)
	ts.Check(c.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(c)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		ts.Fatalf("read the answer: %v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), answer, 0o600))
}

// logged waits until a server that the script started has logged a line that matches, or
// so many: logged VARIABLE REGEXP [COUNT]
func logged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: logged VARIABLE REGEXP [COUNT]")
	}
	want := 1
	if len(args) > 2 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		want = n
	}
	line, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	limit := time.Now().Add(20 * time.Second)
	for len(line.FindAllString(ts.ReadFile(args[0]+".log"), want)) < want {
		if time.Now().After(limit) {
			ts.Fatalf("%s.log has %s less than %d times", args[0], args[1], want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
