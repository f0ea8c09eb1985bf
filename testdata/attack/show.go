//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"wskit/codec"
)

func hostileLog(t *trial) error {
	path := "/" + strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7F {
			return -1
		}
		return r
	}, hostileText()) + "%1b[2J%9b%e2%80%ae"
	opaque := strings.ReplaceAll(path, "%", "")
	for _, format := range []string{"text", "json"} {
		s, err := t.serve("-v", "--log-format", format, "-s", "chat")
		if err != nil {
			return err
		}
		for _, request := range []string{
			string(upgrade(path, "")), string(upgrade("/?"+path[1:], "")),
			string(upgrade("/", "Origin: http://"+opaque+"\r\n")), string(upgrade("/", "Origin: \xff\x9b\r\n")),
			strings.Replace(string(upgrade("/", "")), "localhost", opaque, 1),
			string(upgrade("/", "Sec-WebSocket-Protocol: "+opaque+"\r\n")), string(upgrade("/", "Sec-WebSocket-Extensions: "+opaque+"\r\n")),
			strings.Replace(string(upgrade("/", "")), "GET", "\x1b[2J", 1), strings.Replace(string(upgrade("/", "")), "13", opaque, 1),
			string(upgrade("/", "X: "+opaque+"\r\n")), allBytes() + "\r\n\r\n",
		} {
			s.exchange(append([]byte(request), closing(codec.RoleClient)...), 0)
		}
		for _, reason := range reasons() {
			s.session(session{frames: script(
				textFrame(hostileText()), textFrame(reason), frame{op: codec.OpBinary, payload: []byte(allBytes())}, closeFrame(4000, reason))(codec.RoleClient)})
		}
		t.end() // and with it all is written
		t.sawShown(harmless, s.stderr.String(), format)
	}
	return nil
}

func hardToShow(t *trial) error {
	const n = 1 << 19
	texts := []struct{ what, text string }{
		{"nested arrays", strings.Repeat("[", n) + strings.Repeat("]", n)},
		{"nested objects", strings.Repeat(`{"":`, n/4) + "0" + strings.Repeat("}", n/4)},
		{"arrays that do not end", strings.Repeat("[", n)},
		{"nested below what is shown", strings.Repeat("[", 9999) + strings.Repeat("]", 9999)},
		{"many small elements", "[" + strings.Repeat("0,", n) + "0]"},
		{"one long string", `["` + strings.Repeat("a", 2*n) + `"]`},
		{"one long line of controls", strings.Repeat("\x1b", 2*n)},
		{"line ends", strings.Repeat("\n", 2*n)},
		{"combining characters", "a" + strings.Repeat("\u0301", n)},
		{"wide characters", strings.Repeat("\u4e16", n)},
	}
	args := []string{"--no-color"}
	if t.target == inspect {
		args = append(args, "--payload", "pretty")
	}
	for _, x := range texts {
		l, err := t.lure(func(c *caught) {
			c.accept("", script(textFrame(x.text), closeFrame(1000, ""))(codec.RoleServer))
			c.SetDeadline(time.Now().Add(exitLimit))
			hearFrames(c.r)
		})
		if err != nil {
			return err
		}
		began := time.Now()
		shown, exit, err := t.onScreen(false, append(args, l.url)...)
		if err != nil {
			t.fault("%s: %v", x.what, err)
			continue
		}
		t.sawShown(harmless, shown, x.what)
		if took := time.Since(began); exit != 0 || took > 10*time.Second {
			t.fault("%s: exit %d after %v", x.what, exit, took)
		}
		t.end()
	}
	return nil
}

func hostilePage(t *trial) error {
	const markup = `</script><script>alert("owned")</script><img src=x onerror=alert(1)>`
	page := t.lab.name(".html")
	l, err := t.lure(func(c *caught) {
		switch c.n % 3 {
		case 0:
			c.accept("", closeFrame(4000, markup).append(nil, codec.RoleServer))
		case 1:
			c.request()
			io.WriteString(c, "HTTP/1.1 403 "+markup+"\r\nServer: "+markup+"\r\n\r\n"+markup)
		case 2:
			c.accept("Sec-WebSocket-Protocol: "+markup+"\r\n", nil)
		}
		io.Copy(io.Discard, c.r)
	})
	if err != nil {
		return err
	}
	c, err := t.client(bench, "-q", "-c", "9", "--duration", "1", "--html", page, l.url+"?"+strings.ReplaceAll(markup, " ", "+"))
	if err != nil {
		return err
	}
	if _, err := c.wait(exitLimit); err != nil {
		return err
	}
	b, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("%w: %s", err, c.stderr.String())
	}
	for _, raw := range []string{`alert("owned")`, "<img"} {
		if strings.Contains(string(b), raw) {
			t.saw("raw "+raw, "the page", "escaped")
			return nil
		}
	}
	t.saw("escaped", "the page", "escaped")
	return nil
}
