//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"wskit/codec"
)

func victimAttacks() []attack {
	base := attack{memory: 16 << 20, time: 45 * time.Second, ours: true}
	row := func(id, what string, run func(t *trial) error, targets ...string) []attack {
		a := base
		a.id, a.what, a.run = id, what, run
		return each(a, targets...)
	}
	amplify := row("A6d", "100,000 empty messages that 64 KiB each answer, to a peer that does not read", amplify, serve)
	amplify[0].waits = true
	flood := row("A23", "replies without end, to messages that were never sent", floodBench, bench)
	flood[0].waits = true // for a closing handshake
	checkServer := row("A22", "servers that flood, bomb, hang up and send markup and escapes", hostileToCheck, check)
	checkClient := row("A22b", "clients with agents that are paths, markup and escapes, and cases that are none", hostileAgents, check)
	for _, a := range [][]attack{checkServer, checkClient} {
		a[0].memory = 128 << 20
	}
	unread := row("F8", "nobody reads the log, or stdout", unreadLog, serve)
	stuck := row("F8", "nobody reads stdout, then SIGTERM", unreadStdout, connect, inspect)
	for i := range stuck {
		stuck[i].waits = true
	}
	return slices.Concat(row("A2b", "more connections than --max-connections", tooMany, serve), amplify, checkServer, checkClient, flood, unread, stuck)
}

func tooMany(t *trial) error {
	s, err := t.serve("--max-connections", "10")
	if err != nil {
		return err
	}
	var conns []net.Conn
	for range 10 {
		nc, _, err := s.open("")
		if err != nil {
			return err
		}
		conns = append(conns, nc)
	}
	ordinary := session{frames: closing(codec.RoleClient)}
	for range 1000 {
		t.saw(s.session(ordinary).how, "one more", "503")
	}
	for _, nc := range conns {
		nc.Close()
	}
	for range 100 { // the server may take a moment to see it
		if s.session(ordinary).how == "1000" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// amplify asks for far more than it sends and reads none of it.
func amplify(t *trial) error {
	s, err := t.serve("/=text:" + strings.Repeat("a", 64<<10))
	if err != nil {
		return err
	}
	nc, _, err := s.open("")
	if err != nil {
		return err
	}
	defer drop(nc)
	began := time.Now()
	nc.SetDeadline(began.Add(30 * time.Second))
	batch := bytes.Repeat(frame{op: codec.OpText}.append(nil, codec.RoleClient), 100_000)
	for err == nil {
		_, err = nc.Write(batch)
	}
	t.after("cut", "the reader", began, 10*time.Second, "cut")
	return nil
}

// floodBench sends a bench messages that it did not ask for, until it has enough.
func floodBench(t *trial) error {
	for check, want := range map[string]string{"echo": "exit 1", "count": "exit 1", "none": "exit 0"} {
		l, err := t.lure(func(c *caught) {
			if c.accept("", nil) != nil {
				return
			}
			var reading sync.WaitGroup
			defer reading.Wait()
			defer c.Close()
			reading.Go(func() { io.Copy(io.Discard, c.r) })
			c.SetDeadline(time.Now().Add(exitLimit))
			batch := bytes.Repeat(textFrame("nobody asked").append(nil, codec.RoleServer), 5000)
			for {
				if _, err := c.Write(batch); err != nil {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		c, err := t.client(bench, "-q", "-c", "4", "--duration", "1", "--check", check, l.url)
		if err != nil {
			return err
		}
		exit, err := c.wait(exitLimit)
		if err != nil {
			return err
		}
		t.saw(fmt.Sprint("exit ", exit), check, want)
		t.end()
	}
	return nil
}

// markup is what a page or an XML file must not have in it as it is, with an escape sequence.
const markup = `]]></script><script>alert("owned")</script><img src=x>` + "\u202e\u009b31m"

func hostileToCheck(t *trial) error {
	for _, x := range []struct {
		what   string
		handle func(c *caught)
	}{
		{"hangs up", func(c *caught) { c.request() }},
		{"refuses with markup", func(c *caught) {
			c.request()
			io.WriteString(c, "HTTP/1.1 403 "+markup+"\r\nServer: "+markup+"\r\n\r\n"+markup)
		}},
		{"markup in the handshake", func(c *caught) { c.accept("Server: "+markup+"\r\nSec-WebSocket-Protocol: "+markup+"\r\n", nil) }},
		{"markup in a message and a reason", func(c *caught) {
			c.accept("", script(textFrame(markup), frame{op: codec.OpPing, payload: []byte(markup)}, closeFrame(4000, markup))(codec.RoleServer))
			hearFrames(c.r)
		}},
		{"floods", func(c *caught) {
			c.accept("", bytes.Repeat(textFrame(strings.Repeat("a", 1000)).append(nil, codec.RoleServer), 10_000))
			hearFrames(c.r)
		}},
		{"bombs", func(c *caught) {
			c.accept(deflate, script(compressedFrames(codec.OpText, zeros(64<<20), wholly)...)(codec.RoleServer))
			hearFrames(c.r)
		}},
		{"announces 2^62 bytes", func(c *caught) {
			c.accept("", frame{op: codec.OpText, announce: 1 << 62}.append(nil, codec.RoleServer))
			hearFrames(c.r)
		}},
	} {
		l, err := t.lure(x.handle)
		if err != nil {
			return err
		}
		out := t.lab.name("")
		page, junit := out+".html", out+".xml"
		shown, exit, err := t.onScreen(false, "--no-color", "-v", "--timeout", "0.2", "--case", "6455-5.5.1*", "--case", "7692-7.2.1*",
			"--html", page, "--junit", junit, "--agent", "hostile", l.url)
		if err != nil {
			t.fault("%s: %v", x.what, err)
			continue
		}
		if exit == 0 || exit == 2 {
			t.fault("%s: exit %d: %.300q", x.what, exit, shown)
		}
		// The line of progress is its own.
		t.sawShown(harmless, strings.ReplaceAll(shown, "\r\x1b[K", "\n"), x.what)
		t.sawFiles(x.what, page, junit)
		t.end()
	}
	return nil
}

// sawFiles checks that no markup of a peer is in the files, of those that there are.
func (t *trial) sawFiles(what string, files ...string) {
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // there was nothing to report
		}
		got := "escaped"
		for _, raw := range []string{`alert("owned")`, "<img", "\u202e", "\u009b"} {
			if strings.Contains(string(b), raw) {
				got = fmt.Sprintf("%q in %s", raw, filepath.Ext(file))
			}
		}
		t.saw(got, what, "escaped")
	}
}

// hostileAgents are clients that a check listens for.
func hostileAgents(t *trial) error {
	dir := t.lab.name(".traces")
	inside := filepath.Join(dir, "a", "b", "traces")
	if err := os.MkdirAll(inside, 0o700); err != nil {
		return err
	}
	page, junit := filepath.Join(dir, "page.html"), filepath.Join(dir, "report.xml")
	c, err := t.client(check, "--no-color", "--listen", "127.0.0.1:0", "--ready", "--idle-timeout", "2", "--agents", "1000", "--timeout", "0.2",
		"--case", "6455-5.5.1*", "-v", "--traces", inside, "--html", page, "--junit", junit)
	if err != nil {
		return err
	}
	select {
	case <-c.stdout.line:
	case <-time.After(startLimit):
		return fmt.Errorf("check did not listen: %s", c.stderr.String())
	}
	s := &server{child: c, tcp: listening.FindString(c.stdout.String())}
	for _, agent := range []string{
		"../../evil", "/tmp/evil", "..", ".", "", "a/../../../evil", "..\\evil", "CON", "evil\x00", "\r\nX-Evil: 1", markup, strings.Repeat("a", 4000), sequences[1], "-rf", "~", "a\nb",
	} {
		for _, n := range []string{"1", "2", "0", "-1", "99999999999999999999", "1e3", "x", "", "1&case=2"} {
			target := "/runCase?case=" + n + "&agent=" + url.QueryEscape(agent)
			s.exchange(append(upgrade(target, ""), script(closeFrame(4000, "no"))(codec.RoleClient)...), 2*time.Second)
		}
		s.exchange(append(upgrade("/updateReports?agent="+url.QueryEscape(agent), ""), closing(codec.RoleClient)...), 2*time.Second)
	}
	exit, err := c.wait(exitLimit)
	if err != nil {
		return err
	}
	t.saw(fmt.Sprint("exit ", exit), "agents that do wrong", "exit 1")
	t.sawShown(harmless, c.stderr.String()+strings.Repeat(" ", 20), "stderr")
	t.sawFiles("agents", page, junit)
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != page && path != junit && !strings.HasPrefix(path, inside+"/") {
			t.fault("a trace was written to %q", path)
		}
		return err
	})
}

// unreadLog has a server's log go nowhere, as when it was started in a terminal that is
// stopped.
func unreadLog(t *trial) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	defer w.Close()
	socket := t.lab.name(".sock")
	c, err := t.launch([]string{t.lab.wskit, serve, "-v", "-l", "unix:" + socket}, func(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = w, w })
	if err != nil {
		return err
	}
	s := &server{child: c, unix: socket}
	for range 500 {
		if nc, err := net.Dial("unix", socket); err == nil {
			nc.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.later(s.finish)
	return spread(5000, atOnce, func(int) error {
		e := s.session(session{frames: script(textFrame("a message for the log"), closeFrame(1000, ""))(codec.RoleClient)})
		t.saw(e.how, "a session", "1000")
		return nil
	})
}

func unreadStdout(t *trial) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	defer w.Close()
	connected := make(chan struct{})
	l, err := t.lure(func(c *caught) {
		c.accept("", nil)
		close(connected)
		c.SetDeadline(time.Now().Add(exitLimit))
		batch := bytes.Repeat(textFrame(strings.Repeat("a", 1000)).append(nil, codec.RoleServer), 1000)
		for {
			if _, err := c.Write(batch); err != nil {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	c, err := t.launch([]string{t.lab.wskit, t.target, l.url}, func(cmd *exec.Cmd) { cmd.Stdout = w })
	if err != nil {
		return err
	}
	<-connected
	time.Sleep(2 * time.Second) // until all is full
	began := time.Now()
	exit, err := c.terminate(20 * time.Second)
	if err != nil {
		return err
	}
	t.saw(fmt.Sprint("exit ", exit), "SIGTERM", "exit 143")
	if took := time.Since(began); took > 9*time.Second {
		t.fault("it took %v to end", took)
	}
	return nil
}
