//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"wskit/codec"
)

func scriptAttacks() []attack {
	base := attack{time: 60 * time.Second, memory: 32 << 20, ours: true}
	row := func(id, what string, run func(t *trial) error, targets ...string) []attack {
		a := base
		a.id, a.what, a.run = id, what, run
		return each(a, targets...)
	}
	bad := row("A21", "scripts that loop, recurse, throw and eat memory, while others are served", badScripts, serve)
	bad[0].memory = 320 << 20 // a string that doubles does so once or more before a busy machine looks
	bad = append(bad, row("A21", "scripts that loop, recurse, throw and eat memory", badClients, connect)...)
	bad[1].memory = bad[0].memory
	return append(append(bad,
		row("A21b", "messages and pings without end to a script that is slow, or paused", floodScript, serve)...),
		row("A21c", "escapes in what a script throws, logs and did not expect", hostileFailures, serve)...)
}

// badTurns are bodies of a handler, each of which must end by itself or be ended.
var badTurns = []string{
	`while (true);`,
	`while (true) try { while (true); } catch {}`,
	`try { while (true); } finally { while (true); }`,
	`const p = Promise.resolve(), f = () => p.then(f); f()`,
	`const f = async () => { while (true) await null }; f()`,
	`const f = () => queueMicrotask(f); f()`,
	`/^(a+)+\1$/.test('a'.repeat(40) + 'b')`,
	`'a'.repeat(50000).replace(/(?=(a*))\1*b/g, '')`,
	`let s = 'x'; while (true) s += s`,
	`const a = []; while (true) a.push('x'.repeat(1000) + a.length)`,
	`const m = new Map(); while (true) m.set({}, new Uint8Array(1000))`,
	`'x'.repeat(2 ** 34)`,
	`'x'.padEnd(2 ** 34)`,
	`new Uint8Array(2 ** 34)`,
	`new Array(2 ** 32 - 1).fill(0)`,
	`Array.from({ length: 2 ** 32 - 1 })`,
	`new Array(2 ** 32 - 1).join('x')`,
	`const f = () => f() + 1; f()`,
	`const o = { get a() { return this.a } }; o.a`,
	`const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x`,
	`let d = []; for (let i = 0; i < 1e6; i++) d = [d]; JSON.stringify(d)`,
	`JSON.parse('['.repeat(8e6))`,
	`eval('['.repeat(4e6))`,
	`new Function('a=>'.repeat(1e6))`,
	`const a = []; while (true) { a.push(new Uint8Array(1 << 20)); await sleep(0) }`,
	`[3, 1, 2].sort(() => { while (true); })`,
	`JSON.stringify({ toJSON() { while (true); } })`,
	`throw new Error('thrown')`,
	`throw null`,
	`throw { toString() { while (true); } }`,
	`throw { toString() { throw this } }`,
	`const e = new Error(); Object.defineProperty(e, 'stack', { get() { while (true); } }); throw e`,
	`Promise.reject(new Error('rejected'))`,
	`await Promise.reject()`,
}

// badScript returns a script with the bad turns, and an echo of everything else.
func badScript() string {
	var b strings.Builder
	b.WriteString("const bad = [\n")
	for _, turn := range badTurns {
		fmt.Fprintf(&b, "async ws => { %s },\n", turn)
	}
	b.WriteString("]\non('connection', ws => { ws.onmessage = e => bad[e.data] ? bad[e.data](ws) : ws.send(e.data) })\n")
	return b.String()
}

// script writes a script into a file of its own.
func (t *trial) script(text string) (string, error) {
	file := t.lab.name(".js")
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// badScripts has a script go wrong for one connection in each way, and be well for others.
func badScripts(t *trial) error {
	file, err := t.script(badScript())
	if err != nil {
		return err
	}
	s, err := t.serve("--script-timeout", "250ms", "--script-memory", "64m", "/=script:"+file)
	if err != nil {
		return err
	}
	s.exit = 1 // scripts have failed
	well := session{frames: script(textFrame("well"), closeFrame(1000, ""))(codec.RoleClient)}
	for i, turn := range badTurns {
		began := time.Now()
		e := s.session(session{frames: textFrame(fmt.Sprint(i)).append(nil, codec.RoleClient)})
		t.saw(e.how, turn, "1011")
		if took := time.Since(began); took > 2*time.Second {
			t.fault("%s: it took %v", turn, took)
		}
		if e := s.session(well); e.how != "1000" || e.messages != 1 {
			t.fault("behind %s an ordinary session ended with %q and %d messages", turn, e.how, e.messages)
		}
	}
	return nil
}

// badClients has the script of a client go wrong in each way.
func badClients(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	return spread(len(badTurns), 2, func(i int) error {
		c, err := t.client(connect, "--script-timeout", "250ms", "--script-memory", "64m", "-e", badTurns[i], "ws://"+s.tcp+"/")
		if err != nil {
			return err
		}
		exit, err := c.wait(exitLimit)
		if err != nil {
			t.fault("%s: %v", badTurns[i], err)
			return nil
		}
		t.saw(fmt.Sprint("exit ", exit), badTurns[i], "exit 1")
		return nil
	})
}

// floodScript sends more than a script takes. What it has not taken must not gather.
func floodScript(t *trial) error {
	file, err := t.script(`on('connection', ws => {
		ws.onping = () => {}
		ws.onmessage = e => { const end = performance.now() + 20; while (performance.now() < end); if (e.data === 'pause') ws.pause() }
	})`)
	if err != nil {
		return err
	}
	s, err := t.serve("/echo=echo", "/=script:"+file)
	if err != nil {
		return err
	}
	s.path = "/echo"
	big := bytes.Repeat(frame{op: codec.OpText, payload: bytes.Repeat([]byte("a"), 64<<10)}.append(nil, codec.RoleClient), 16)
	ping := bytes.Repeat(frame{op: codec.OpPing, payload: bytes.Repeat([]byte("p"), 125)}.append(nil, codec.RoleClient), 8000)
	for _, flood := range [][]byte{big, ping, append(textFrame("pause").append(nil, codec.RoleClient), big...), append(bytes.Clone(ping), big...)} {
		nc, _, err := s.open("")
		if err != nil {
			return err
		}
		nc.SetDeadline(time.Now().Add(2 * time.Second))
		sent := 0
		for n := 0; err == nil && sent < 512<<20; sent += n {
			n, err = nc.Write(flood)
		}
		t.note("%d MiB were taken", sent>>20)
		drop(nc)
	}
	return nil
}

// hostileFailures has a script tell of what a peer has sent.
func hostileFailures(t *trial) error {
	file, err := t.script(`on('connection', async ws => {
		const m = await ws.receive()
		console.log(m.data, { [m.data]: m.data })
		if (m.data.length % 2) throw new Error(m.data)
		await ws.expect(m.data.length % 3 ? m.data : { a: m.data })
	})`)
	if err != nil {
		return err
	}
	s, err := t.serve("/=script:" + file)
	if err != nil {
		return err
	}
	s.exit, s.mute = 1, true
	for _, escape := range sequences {
		for _, pad := range []string{"", "a", "aa"} {
			s.session(session{frames: script(textFrame(escape+pad), textFrame(escape+"other"))(codec.RoleClient)})
		}
	}
	s.sample()
	out := s.stderr.String()
	if !strings.Contains(out, file+":4:") || !strings.Contains(out, file+":5:") {
		t.fault("the failures are not told: %.300q", out)
	}
	if bad, ok := harmless(out); !ok {
		t.fault("raw %s", bad)
	}
	t.saw("escaped", "", "escaped")
	return nil
}
