package scripts

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// start starts a script; lines are what it prints, and failures what goes wrong.
func start(t testing.TB, source string) (e *Engine, lines func() []string, failures func() []string) {
	t.Helper()
	return startWith(t, Config{Source: source})
}

// startWith is start with further settings.
func startWith(t testing.TB, cfg Config) (e *Engine, lines func() []string, failures func() []string) {
	t.Helper()
	var mu sync.Mutex
	var printed, failed []string
	cfg.Name = "test.js"
	cfg.Print = func(line string) { mu.Lock(); defer mu.Unlock(); printed = append(printed, line) }
	cfg.Report = func(f *Failure) { mu.Lock(); defer mu.Unlock(); failed = append(failed, f.Error()) }
	e, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	get := func(list *[]string) func() []string {
		return func() []string { mu.Lock(); defer mu.Unlock(); return slices.Clone(*list) }
	}
	return e, get(&printed), get(&failed)
}

// connect has the script serve one end of a connection, and returns the other. Ended is
// closed when the script has done with it.
func connect(t testing.TB, e *Engine) (client *wsconn.Conn, ended <-chan struct{}) {
	t.Helper()
	a, b := tcp(t)
	s := e.newSocket(&request{number: e.numbers.Add(1), url: "ws://test/"})
	var cfg wsconn.Config
	s.configure(&cfg)
	server := wsconn.New(a, cfg)
	client = wsconn.New(b, wsconn.Config{Role: codec.RoleClient})
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve(server, s.handled)
		server.Close(codec.CloseNormal, "")
	}()
	t.Cleanup(func() {
		client.Abort()
		server.Abort()
		<-done
	})
	return client, done
}

func tcp(t testing.TB) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// say sends texts, and returns as many answers as it is told to wait for.
func say(t testing.TB, c *wsconn.Conn, answers int, texts ...string) (got []string) {
	t.Helper()
	for _, text := range texts {
		if err := c.WriteMessage(codec.OpText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for range answers {
		_, data, err := c.NextMessage()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(data))
	}
	return got
}

func TestOrder(t *testing.T) {
	tests := []struct {
		name, source string
		say, want    []string
	}{
		{
			"the handlers of messages run in order, and interleave at an await",
			`on('connection', ws => { ws.onmessage = async e => { ws.send('a' + e.data); await null; ws.send('b' + e.data) } })`,
			[]string{"1", "2"},
			[]string{"a1", "b1", "a2", "b2"},
		},
		{
			"a slow handler does not hold up the next one",
			`on('connection', ws => { ws.onmessage = async e => { if (e.data === '1') await new Promise(f => { go = f }); else go(); ws.send(e.data) } }); let go`,
			[]string{"1", "2"},
			[]string{"2", "1"},
		},
		{
			"the first message is never lost, however late it is asked for",
			`on('connection', async ws => { await sleep(20); const m = await ws.expect('1'); ws.send('got ' + m.data); await ws.closed() })`,
			[]string{"1"},
			[]string{"got 1"},
		},
		{
			"a listener that comes late gets what came before",
			`on('connection', async ws => { await sleep(20); ws.onmessage = e => ws.send(e.data) })`,
			[]string{"1", "2", "3"},
			[]string{"1", "2", "3"},
		},
		{
			"receive skips, expect does not",
			`on('connection', async ws => { await ws.receive('3'); await ws.expect('4'); ws.send('done') })`,
			[]string{"1", "2", "3", "4"},
			[]string{"done"},
		},
		{
			"timers of the same time run in their order",
			`on('connection', async ws => { for (let i = 0; i < 3; i++) setTimeout(() => ws.send('' + i), 5) })`,
			nil,
			[]string{"0", "1", "2"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, _, failures := start(t, test.source)
			c, _ := connect(t, e)
			if got := say(t, c, len(test.want), test.say...); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if f := failures(); len(f) > 0 {
				t.Errorf("the script failed: %q", f)
			}
		})
	}
}

// TestOthersLive checks that what goes wrong for a connection ends that one only.
func TestOthersLive(t *testing.T) {
	e, _, failures := start(t, `on('connection', ws => { ws.onmessage = async e => {
	if (e.data === 'throw') { await null; throw new TypeError('bad') }
	ws.send(e.data)
} })`)
	first, _ := connect(t, e)
	second, _ := connect(t, e)
	say(t, first, 0, "throw")
	_, _, err := first.NextMessage()
	var end *wsconn.CloseError
	if !errors.As(err, &end) || end.Code != codec.CloseInternalError || end.By != wsconn.Peer {
		t.Errorf("got %v, want a close with 1011", err)
	}
	if got := say(t, second, 1, "hello"); got[0] != "hello" {
		t.Errorf("got %q", got)
	}
	if want := []string{"test.js:2:46: TypeError: bad"}; !slices.Equal(failures(), want) || !e.Failed() {
		t.Errorf("got %q, failed %t, want %q", failures(), e.Failed(), want)
	}
}

// TestEnd checks what ends a handler and what fails it.
func TestEnd(t *testing.T) {
	tests := []struct {
		name, body string
		want       string // of the failure, "" for none
	}{
		{"a receive that the end rejects", `while (true) await ws.receive()`, ""},
		{"an expect that the end rejects", `await ws.expect('x')`, `test.js:1:46: no message came that is "x": the peer closed with 1000 normal closure`},
		{"a receive with a pattern", `await ws.receive('x')`, `test.js:1:47: no message came that is "x": the peer closed with 1000 normal closure`},
		{"the close that is waited for", `await ws.closed(1000)`, ""},
		{"another close", `await ws.closed([1001, 1002])`, "test.js:1:46: expected a close with 1001 or 1002, but the peer closed with 1000 normal closure"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, _, failures := start(t, "on('connection', async ws => {"+test.body+"})")
			c, ended := connect(t, e)
			c.Close(codec.CloseNormal, "")
			<-ended
			if got := strings.Join(failures(), "\n"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestTerminate checks that what was sent before a reset arrives, and that what takes
// long to send does not put it off.
func TestTerminate(t *testing.T) {
	e, _, failures := start(t, `on('connection', ws => { ws.onmessage = e => {
	if (e.data === 'long') ws.send('slow', { fragment: 1, delay: 5000 })
	else ws.send(e.data)
	if (e.data !== 'stay') ws.terminate()
} })`)
	c, ended := connect(t, e)
	if got := say(t, c, 2, "stay", "go"); got[0] != "stay" || got[1] != "go" {
		t.Errorf("got %q", got)
	}
	<-ended
	var end *wsconn.CloseError
	if _, _, err := c.NextMessage(); !errors.As(err, &end) || end.Code != codec.CloseAbnormal {
		t.Errorf("got %v, want the connection to be lost", err)
	}
	c, ended = connect(t, e)
	say(t, c, 0, "long")
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the reset waits for what is sent before")
	}
	if f := failures(); len(f) > 0 {
		t.Errorf("the script failed: %q", f)
	}
}

// TestAnswers checks that a script which answers each message is no faster than the peer
// takes the answers, however many messages come before it reads any.
func TestAnswers(t *testing.T) {
	tests := []struct{ name, source string }{
		{"a listener", `on('connection', ws => { ws.onmessage = e => ws.send(e.data) })`},
		{"a loop", `on('connection', async ws => { while (true) ws.send((await ws.receive()).data) })`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, _, failures := start(t, test.source)
			c, _ := connect(t, e)
			const count, size = 200, 256 << 10
			written := make(chan struct{})
			go func() {
				defer close(written)
				for range count {
					if c.WriteMessage(codec.OpBinary, make([]byte, size)) != nil {
						return
					}
				}
			}()
			select {
			case <-written:
			case <-time.After(300 * time.Millisecond): // it waits for us to read
			}
			for i := range count {
				if _, data, err := c.NextMessage(); err != nil || len(data) != size {
					t.Errorf("answer %d: %d bytes, %v", i, len(data), err)
					c.Abort()
					break
				}
			}
			<-written
			if f := failures(); len(f) > 0 {
				t.Errorf("the script failed: %q", f)
			}
		})
	}
}

// TestBackPressure checks that a connection is not read while its script is behind.
func TestBackPressure(t *testing.T) {
	e, _, _ := start(t, `on('connection', ws => { ws.pause(); ws.send('paused'); ws.onmessage = e => ws.send('' + e.bytes.length); on('shutdown', () => ws.resume()) })`)
	c, _ := connect(t, e)
	say(t, c, 1)
	const count, size = 64, 256 << 10
	sent := make(chan int, count)
	go func() {
		defer close(sent)
		for i := range count {
			if c.WriteMessage(codec.OpBinary, make([]byte, size)) != nil {
				return
			}
			sent <- i
		}
	}()
	<-sent
	if n := len(sent); n > count/2 {
		t.Errorf("%d messages of %d bytes went out to a peer that does not read", n, size)
	}
	e.Shutdown()
	for range count {
		if _, data, err := c.NextMessage(); err != nil || string(data) != fmt.Sprint(size) {
			t.Fatalf("got %q, %v", data, err)
		}
	}
	for range sent {
	}
}

func TestContains(t *testing.T) {
	tests := []struct {
		got, want string
		ok        bool
	}{
		{`{"a":1,"b":2}`, `{"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`{"a":{"b":[1,2]}}`, `{"a":{"b":[1,2]}}`, true},
		{`{"a":[1,2,3]}`, `{"a":[1,2]}`, false},
		{`[{"a":1,"b":2}]`, `[{"a":1}]`, true},
		{`{"a":null}`, `{"a":null}`, true},
		{`{}`, `{"a":null}`, false},
		{`"1"`, `1`, false},
		{`1.0`, `1`, true},
	}
	e := bareEngine(t, shortText)
	for _, test := range tests {
		got, err := decodeJSON([]byte(test.got))
		if err != nil {
			t.Fatal(err)
		}
		want, err := e.natives.parseJSON(goja.Undefined(), e.vm.ToValue(test.want))
		if err != nil {
			t.Fatal(err)
		}
		r := patternReader{e: e}
		if ok, err := e.contains(got, r.read(want)); ok != test.ok || err != nil {
			t.Errorf("%s contains %s: %t, %v, want %t", test.got, test.want, ok, err, test.ok)
		}
	}
}
