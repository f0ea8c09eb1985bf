package scripts

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// TestEndElsewhere has handlers end in turns of other connections.
func TestEndElsewhere(t *testing.T) {
	tests := []struct{ name, source string }{
		{"by what another one says", `
			let go
			on('connection', async ws => {
				if (go) { ws.onmessage = go; return }
				await new Promise(f => { go = f })
			})`},
		{"by the end of another one", `
			let go
			on('connection', async ws => {
				if (go) { ws.subscribe('x'); return go(ws) }
				const other = await new Promise(f => { go = f })
				await other.receive('never').catch(() => {})
				await other.receive()
			})`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, _, failures := start(t, test.source)
			first, ended := connect(t, e)
			second, _ := connect(t, e)
			if err := second.WriteMessage(codec.OpText, nil); err != nil {
				t.Fatal(err)
			}
			second.Close(codec.CloseNormal, "")
			var end *wsconn.CloseError
			if _, _, err := first.NextMessage(); !errors.As(err, &end) || end.Code != codec.CloseNormal {
				t.Errorf("the first one ended with %v, want 1000", err)
			}
			<-ended
			if f := failures(); len(f) > 0 {
				t.Errorf("failures: %q", f)
			}
		})
	}
}

// TestSeed has the seed fix Math.random.
func TestSeed(t *testing.T) {
	random := func(seed *uint64) string {
		line := ""
		e, err := Start(t.Context(), Config{
			Name: "seed", Source: "console.log(Math.random(), Math.random()); on('connection', () => {})", Seed: seed,
			Print: func(s string) { line = s },
		})
		if err != nil {
			t.Fatal(err)
		}
		e.Close()
		return line
	}
	one, two := uint64(1), uint64(2)
	if a, b := random(&one), random(&one); a != b {
		t.Errorf("the same seed gives %s, then %s", a, b)
	}
	if a, b := random(&one), random(&two); a == b {
		t.Errorf("two seeds give %s", a)
	}
	if a, b := random(nil), random(nil); a == b {
		t.Errorf("without a seed it is %s twice", a)
	}
}

// TestMachine cuts turns short in each way, and has the promises of others go on.
func TestMachine(t *testing.T) {
	const rest = `
		on('connection', async ws => {
			while (true) {
				const m = await ws.receive()
				if (m.data === 'bad') await bad()
				await null
				ws.send(m.data)
			}
		})`
	for _, bad := range []string{
		`() => { while (true); }`,
		`async () => { while (true); }`,
		`async () => { await null; while (true); }`,
		`async () => { await null; try { while (true); } finally { while (true); } }`,
		`function* () { while (true); }; const g = bad; bad = async () => { for (const x of g()); }`,
		`function* () { yield* (function* () { while (true) yield 1 })() }; const g = bad; bad = async () => { await null; for (const x of g()); }`,
		`() => { [1, 2].sort(() => { while (true); }) }`,
		`async () => { await null; const f = () => f(); f() }`,
		`() => { const f = () => Promise.resolve().then(f); f() }`,
		`async () => { await null; clients.get({ toString() { while (true); } }) }`,
	} {
		t.Run(bad, func(t *testing.T) {
			e, _, failures := startWith(t, Config{Source: "let bad = " + bad + rest, TurnLimit: 250 * time.Millisecond})
			t.Parallel()
			other, _ := connect(t, e)
			say(t, other, 1, "before")
			for range 2 {
				c, _ := connect(t, e)
				var end *wsconn.CloseError
				if err := c.WriteMessage(codec.OpText, []byte("bad")); err != nil {
					t.Fatal(err)
				}
				if err := c.Discard(); !errors.As(err, &end) || end.Code != codec.CloseInternalError {
					t.Errorf("the bad one ended with %v, want 1011", err)
				}
				if got := say(t, other, 2, "a", "b"); !slices.Equal(got, []string{"a", "b"}) {
					t.Errorf("the other one got %q", got)
				}
			}
			if f := failures(); len(f) != 2 {
				t.Errorf("failures: %q", f)
			}
			e.Close()
			if m, err := newMachine(e.vm); err != nil || m.fields[slices.Index(machineState, "callStack")].Len() > 0 {
				t.Errorf("frames are left behind, or %v", err)
			}
		})
	}
}

// TestAnswerBeforeClose has a peer say something and close at once.
func TestAnswerBeforeClose(t *testing.T) {
	e, _, _ := start(t, `on('connection', ws => { ws.onmessage = e => ws.send(e.data) })`)
	for range 300 {
		c, ended := connect(t, e)
		if err := c.WriteRaw([]byte("\x81\x84\x00\x00\x00\x00last" + "\x88\x82\x00\x00\x00\x00\x03\xe8")); err != nil {
			t.Fatal(err)
		}
		if _, data, err := c.NextMessage(); err != nil || string(data) != "last" {
			t.Fatalf("got %q, %v", data, err)
		}
		var end *wsconn.CloseError
		if err := c.Discard(); !errors.As(err, &end) || end.Code != codec.CloseNormal {
			t.Fatal(err)
		}
		<-ended
	}
}

// TestFailsOnce gives a handler that has failed nothing more.
func TestFailsOnce(t *testing.T) {
	e, _, failures := start(t, `on('connection', ws => { ws.onmessage = e => { throw new Error(e.data) } })`)
	c, ended := connect(t, e)
	for _, text := range []string{"a", "b", "c"} {
		c.QueueMessage(codec.OpText, []byte(text))
	}
	var end *wsconn.CloseError
	if err := c.Discard(); !errors.As(err, &end) || end.Code != codec.CloseInternalError {
		t.Errorf("it ended with %v, want 1011", err)
	}
	<-ended
	if f := failures(); len(f) != 1 {
		t.Errorf("failures: %q", f)
	}
}

// TestStuck has a turn that nothing can end keep neither Shutdown nor Close.
func TestStuck(t *testing.T) {
	stuck, free := make(chan struct{}), make(chan struct{})
	e, err := Start(t.Context(), Config{
		Name: "stuck", Source: "setTimeout(() => console.log('x')); on('connection', () => {})", TurnLimit: 250 * time.Millisecond,
		Print: func(string) { close(stuck); <-free },
	})
	if err != nil {
		t.Fatal(err)
	}
	<-stuck
	e.Shutdown()
	e.Close()
	close(free)
	e.looping.Wait()
}

// TestCloseEndsTurn has Close end a turn that would go on for ever.
func TestCloseEndsTurn(t *testing.T) {
	began := make(chan struct{})
	e, err := Start(t.Context(), Config{
		Name: "loop", Source: "setTimeout(() => { console.log('x'); for (;;); }); on('connection', () => {})", TurnLimit: 250 * time.Millisecond,
		Print: func(string) { close(began) },
	})
	if err != nil {
		t.Fatal(err)
	}
	<-began
	e.Close()
	e.looping.Wait() // else it hangs here
}

// TestFramesToMessages has a script ask for messages while a frame is being read, which
// turns out to be the first of several.
func TestFramesToMessages(t *testing.T) {
	e, _, _ := start(t, `on('connection', ws => {
		ws.onframe = f => {
			ws.onframe = null
			ws.onmessage = e => ws.send('message ' + e.data)
			ws.send('frame ' + f.data.length)
		}
	})`)
	for range 50 {
		c, _ := connect(t, e)
		if got := say(t, c, 1, "x"); got[0] != "frame 1" {
			t.Fatalf("got %q", got)
		}
		for _, frame := range []string{"\x01\x82\x00\x00\x00\x00la", "\x00\x82\x00\x00\x00\x00te", "\x80\x81\x00\x00\x00\x00r"} {
			if err := c.WriteRaw([]byte(frame)); err != nil {
				t.Fatal(err)
			}
		}
		late := time.AfterFunc(10*time.Second, c.Abort)
		if got := say(t, c, 1); got[0] != "message later" {
			t.Fatalf("got %q", got)
		}
		late.Stop()
	}
}
