package conform

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// A duplex is one end of a connection in memory whose directions end apart, as those of
// TCP do.
type duplex struct {
	net.Conn
	out net.Conn
}

func newDuplex() (a, b duplex) {
	aIn, bOut := net.Pipe()
	bIn, aOut := net.Pipe()
	return duplex{aIn, aOut}, duplex{bIn, bOut}
}

func (d duplex) Write(b []byte) (int, error)        { return d.out.Write(b) }
func (d duplex) SetWriteDeadline(t time.Time) error { return d.out.SetWriteDeadline(t) }
func (d duplex) CloseWrite() error                  { return d.out.Close() }
func (d duplex) Close() error                       { return errors.Join(d.Conn.Close(), d.out.Close()) }

// A fake is a peer that does what a test tells it to, right or wrong.
type fake struct {
	nc   duplex
	role codec.Role
	buf  []byte
}

// read returns the next frame, be it right or wrong. It reports whether there is one.
func (p *fake) read() (f frame, ok bool) {
	chunk := make([]byte, 4096)
	for {
		h, n, err := codec.ParseHeader(p.buf)
		if !errors.Is(err, codec.ErrShort) && uint64(len(p.buf)-n) >= h.Length {
			payload := p.buf[n : n+int(h.Length)]
			codec.Mask(h.Key, 0, payload)
			p.buf = p.buf[n+int(h.Length):]
			return frame{fin: h.Fin, rsv: h.RSV, op: h.Opcode, payload: payload}, true
		}
		n, err = p.nc.Read(chunk)
		p.buf = append(p.buf, chunk[:n]...)
		if err != nil {
			return f, false
		}
	}
}

// send sends frames in one write.
func (p *fake) send(frames ...frame) {
	var b []byte
	for _, f := range frames {
		b = f.append(b, p.role)
	}
	p.nc.Write(b)
}

// skip reads n frames and says nothing.
func (p *fake) skip(n int) {
	for range n {
		p.read()
	}
}

// echo sends the next n frames back, pings as pongs, and no reserved bits.
func (p *fake) echo(n int) {
	for range n {
		f, _ := p.read()
		if f.op == codec.OpPing {
			f.op = codec.OpPong
		}
		p.send(f.reserved(0))
	}
}

// drain reads until we end.
func (p *fake) drain() {
	for ok := true; ok; {
		_, ok = p.read()
	}
}

// answer reads a close frame, answers it with frames, and ends TCP.
func (p *fake) answer(frames ...frame) {
	p.read()
	p.send(frames...)
	p.nc.Close()
}

// fail sends frames, of which the last is a close frame, waits for the answer, and ends TCP.
func (p *fake) fail(frames ...frame) {
	p.send(frames...)
	p.read()
	p.nc.Close()
}

// A trial is a peer, right or wrong, and what the engine is to make of it.
type trial struct {
	name  string
	steps []step
	peer  func(*fake)
	want  Verdict
	text  string // a part of what is said, "" for anything
	skip  int
}

// try runs a trial on a connection that is established. The clock is the test's own.
func (tr *trial) try(t *testing.T, us codec.Role) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := newDuplex()
		done := make(chan struct{})
		go func() {
			defer close(done)
			tr.peer(&fake{nc: theirs, role: us.Peer()})
		}()
		s := newSession(ours, us, time.Second)
		s.skip = tr.skip
		began := time.Now()
		got := s.judge(s.run(&Case{manual: true, steps: tr.steps}))
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it took %v, with a timeout of 1s for each of at most three answers", took)
		}
		s.close()
		<-done
		theirs.Close()
		if got.verdict != tr.want || !strings.Contains(got.text, tr.text) {
			t.Errorf("got %s: %q, want %s: …%s…", got.verdict, got.text, tr.want, tr.text)
		}
	})
}

func try(t *testing.T, us codec.Role, trials []trial) {
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) { tr.try(t, us) })
	}
}

var (
	normal    = closeWith(codec.CloseNormal, "")
	protocol  = closeWith(codec.CloseProtocolError, "")
	invalidly = closeWith(codec.CloseInvalidPayload, "")
)

// TestEcho judges what comes in place of an echo.
func TestEcho(t *testing.T) {
	steps := []step{send(textFrame("hello")), expect(textMessage("hello")), finish()}
	long := strings.Repeat("*", 100)
	try(t, codec.RoleClient, []trial{
		{name: "right", steps: steps, want: Pass, peer: func(p *fake) {
			p.echo(1)
			p.answer(normal)
		}},
		{name: "in fragments, with control frames between", steps: steps, want: Pass, peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame("hel").more(), pingFrame("are you there?"), contFrame("lo"))
			if f, _ := p.read(); f.op != codec.OpPong || string(f.payload) != "are you there?" {
				t.Errorf("got %v in answer to a ping", f)
			}
			p.answer(normal)
		}},
		{name: "an unasked pong between its fragments", steps: steps, want: Informational, text: "no ping had asked for", peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame("hel").more(), pongFrame("here"), contFrame("lo"))
			p.answer(normal)
		}},
		{name: "another text", steps: steps, want: Fail, text: `"HELLO" came in place of`, peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame("HELLO"))
			p.drain()
		}},
		{name: "another long text", steps: []step{send(textFrame(long)), expect(textMessage(long))}, want: Fail, text: "differs from byte 99 on", peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame(long[:99] + "!"))
			p.drain()
		}},
		{name: "another kind", steps: steps, want: Fail, text: "binary of 5 B", peer: func(p *fake) {
			p.skip(1)
			p.send(binaryFrame([]byte("hello")))
			p.drain()
		}},
		{name: "twice", steps: steps, want: Fail, text: "in place of the answer to the close frame", peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame("hello"), textFrame("hello"))
			p.drain()
		}},
		{name: "nothing", steps: steps, want: Fail, text: "did not come within 1s", peer: (*fake).drain},
		{name: "pongs without end", steps: steps, want: Fail, text: "did not come within 1s", peer: func(p *fake) {
			p.skip(1)
			for range 5000 {
				p.send(pongFrame("beat"))
				time.Sleep(time.Millisecond)
			}
		}},
		{name: "the end of TCP", steps: steps, want: Fail, text: "it closed the connection", peer: func(p *fake) {
			p.skip(1)
			p.nc.Close()
		}},
		{name: "a close frame", steps: steps, want: Fail, text: "close 1011 internal error came in place of", peer: func(p *fake) {
			p.skip(1)
			p.fail(closeWith(codec.CloseInternalError, ""))
		}},
		{name: "masked", steps: steps, want: Fail, text: "§5.1", peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame("hello").wronglyMasked())
			p.drain()
		}},
		{name: "with a reserved bit", steps: steps, want: Fail, text: "§5.2", peer: func(p *fake) {
			p.skip(1)
			p.send(textFrame("hello").reserved(codec.RSV1))
			p.drain()
		}},
		{name: "a greeting that is passed over", steps: steps, skip: 1, want: Pass, peer: func(p *fake) {
			p.send(textFrame("welcome"))
			p.echo(1)
			p.answer(normal)
		}},
		{name: "a greeting that is not", steps: steps, want: Fail, text: `"welcome" came in place of`, peer: func(p *fake) {
			p.send(textFrame("welcome"))
			p.drain()
		}},
	})
}

// TestClosing judges closing handshakes.
func TestClosing(t *testing.T) {
	steps := []step{finish()}
	before := []step{send(textFrame("last"), normal), closed(codec.CloseNormal, textMessage("last"))}
	later := []step{closing(codec.CloseBadGateway, "")}
	fin := []step{send(textFrame("last")), endWriting(), endsAfterFIN(textMessage("last"))}
	try(t, codec.RoleClient, []trial{
		{name: "the same code", steps: steps, want: Pass, peer: func(p *fake) { p.answer(normal) }},
		{name: "no code", steps: steps, want: Pass, peer: func(p *fake) { p.answer(closeFrame(nil)) }},
		{name: "another code", steps: steps, want: Informational, text: "typically echoes", peer: func(p *fake) {
			p.answer(closeWith(codec.CloseGoingAway, ""))
		}},
		{name: "1002 for what is right", steps: steps, want: NonStrict, text: "which is right, with 1002", peer: func(p *fake) { p.answer(protocol) }},
		{name: "1002 for a code of servers", steps: []step{closing(codec.CloseInternalError, "")}, want: Informational, text: "1011", peer: func(p *fake) { p.answer(protocol) }},
		{name: "1002 for a code of clients", steps: []step{closing(codec.CloseMandatoryExtension, "")}, want: NonStrict, text: "1010", peer: func(p *fake) { p.answer(protocol) }},
		{name: "1002 for a code of later", steps: later, want: Informational, text: "1014", peer: func(p *fake) { p.answer(protocol) }},
		{name: "a code that must not be sent", steps: steps, want: Fail, text: "§7.4", peer: func(p *fake) {
			p.answer(closeWith(codec.CloseAbnormal, ""))
		}},
		{name: "no answer", steps: steps, want: Fail, text: "the answer to the close frame did not come within", peer: (*fake).drain},
		{name: "pongs without end", steps: []step{send(pingFrame("1")), finish()}, want: Fail, text: "the answer to the close frame did not come within", peer: func(p *fake) {
			p.skip(2)
			for range 5000 {
				p.send(pongFrame("1"))
				time.Sleep(time.Millisecond)
			}
		}},
		{name: "no answer but the end of TCP", steps: steps, want: Fail, text: "it closed the connection", peer: func(p *fake) { p.answer() }},
		{name: "TCP left open", steps: steps, want: Fail, text: "left TCP open", peer: func(p *fake) {
			p.skip(1)
			p.send(normal)
			p.drain()
		}},
		{name: "a message after the close frame", steps: steps, want: Fail, text: "§5.5.1", peer: func(p *fake) {
			p.answer(normal, textFrame("and"))
		}},
		{name: "a second close frame", steps: steps, want: NonStrict, text: "second close frame", peer: func(p *fake) {
			p.answer(normal, normal)
		}},

		{name: "the echo of what came before", steps: before, want: Pass, peer: func(p *fake) {
			p.echo(1)
			p.answer(normal)
		}},
		{name: "no echo of what came before", steps: before, want: Informational, text: "before it answered", peer: func(p *fake) {
			p.skip(1)
			p.answer(normal)
		}},
		{name: "the echo behind the close frame", steps: before, want: Fail, text: "§5.5.1", peer: func(p *fake) {
			p.skip(1)
			p.answer(normal, textFrame("last"))
		}},
		{
			name: "the echo of what came behind", steps: []step{send(normal, textFrame("late")), closed(codec.CloseNormal)},
			want: Fail, text: `"late" came in place of`, peer: func(p *fake) {
				p.skip(1)
				p.echo(1)
				p.drain()
			},
		},

		{name: "an end after our end", steps: fin, want: Pass, peer: func(p *fake) {
			p.echo(1)
			p.drain()
			p.nc.Close()
		}},
		{name: "no end after our end", steps: fin, want: Informational, text: "left its side of TCP open", peer: func(p *fake) {
			p.drain()
			time.Sleep(time.Minute)
		}},
		{name: "another message after our end", steps: fin, want: Fail, text: `"first" came in place of`, peer: func(p *fake) {
			p.drain()
			p.send(textFrame("first"))
		}},
		{name: "a rule broken after our end", steps: fin, want: Fail, text: "§5.4", peer: func(p *fake) {
			p.drain()
			p.send(contFrame("of nothing"))
		}},
	})
	try(t, codec.RoleServer, []trial{
		{name: "a client", steps: steps, want: Pass, peer: func(p *fake) { p.answer(normal) }},
		{name: "a client that waits for the server to end TCP", steps: steps, want: Pass, peer: func(p *fake) {
			p.skip(1)
			p.send(normal)
			p.drain()
		}},
		{name: "a client that does not mask", steps: steps, want: Fail, text: "§5.1", peer: func(p *fake) {
			p.answer(normal.wronglyMasked())
		}},
	})
}

// TestFailing judges how connections are failed.
func TestFailing(t *testing.T) {
	bad := textFrame("bad").reserved(codec.RSV3)
	steps := []step{send(bad), fails(codec.CloseProtocolError)}
	after := []step{send(textFrame("right"), bad), failsAfter([]message{textMessage("right")}, codec.CloseProtocolError)}
	drops := []step{send(textFrame("bad").wronglyMasked()), dropsAfter(nil, codec.CloseProtocolError)}
	should := []step{send(textFrame("bad").withForm(16)), shouldFail(textMessage("bad"), codec.CloseProtocolError)}
	undefined := []step{send(closeWith(5000, "")), failsUndefined(5000)}
	forbidden := []step{send(closeWith(1005, "")), failsUndefined(1005)}
	echo := func(n int) func(*fake) {
		return func(p *fake) {
			p.echo(n)
			p.drain()
		}
	}
	fail := func(n int, f frame) func(*fake) {
		return func(p *fake) {
			p.skip(n)
			p.fail(f)
		}
	}
	hangUp := func(p *fake) {
		p.skip(1)
		p.nc.Close()
	}
	try(t, codec.RoleClient, []trial{
		{name: "right", steps: steps, want: Pass, peer: fail(1, protocol)},
		{name: "another code", steps: steps, want: NonStrict, text: "1007 invalid payload data, where 1002 is meant", peer: fail(1, invalidly)},
		{name: "no code", steps: steps, want: NonStrict, text: "no code", peer: fail(1, closeFrame(nil))},
		{name: "no close frame", steps: steps, want: NonStrict, text: "without a close frame", peer: hangUp},
		{name: "taken", steps: steps, want: Fail, text: "it took it", peer: echo(1)},
		{name: "nothing", steps: steps, want: Fail, text: "said nothing for 1s", peer: (*fake).drain},
		{name: "a rule broken", steps: steps, want: Fail, text: "§5.5", peer: fail(1, protocol.more())},
		{name: "TCP left open", steps: steps, want: Fail, text: "left TCP open", peer: func(p *fake) {
			p.skip(1)
			p.send(protocol)
			p.drain()
		}},
		{name: "a pong for a ping that is wrong", steps: []step{send(pingFrame("bad").reserved(codec.RSV3)), fails(codec.CloseProtocolError)}, want: Fail, text: "pong of 3 B", peer: echo(1)},

		{name: "after the echo of what was right", steps: after, want: Pass, peer: func(p *fake) {
			p.echo(1)
			p.skip(1)
			p.fail(protocol)
		}},
		{name: "without the echo of what was right", steps: after, want: Informational, text: "complete and right", peer: fail(2, protocol)},
		{name: "after the echo of both", steps: after, want: Fail, text: "it took it", peer: echo(2)},

		{name: "a wrong mask dropped", steps: drops, want: Pass, peer: hangUp},
		{name: "a wrong mask with another code", steps: drops, want: Informational, text: "1007", peer: fail(1, invalidly)},
		{name: "a wrong mask taken", steps: drops, want: Fail, text: "it took it", peer: echo(1)},
		{name: "a wrong mask and nothing", steps: drops, want: Fail, text: "said nothing", peer: (*fake).drain},

		{name: "a sender's rule upheld", steps: should, want: Pass, peer: fail(1, protocol)},
		{name: "a sender's rule not upheld", steps: should, want: NonStrict, text: "§10.7", peer: func(p *fake) {
			p.echo(1)
			p.answer(normal)
		}},
		{name: "a sender's rule not upheld, and no closing", steps: should, want: Fail, text: "the answer to the close frame", peer: echo(1)},
		{name: "a sender's rule and nothing", steps: should, want: Fail, text: "said nothing", peer: (*fake).drain},

		{name: "an undefined code refused", steps: undefined, want: Pass, peer: fail(1, protocol)},
		{name: "an undefined code taken", steps: undefined, want: NonStrict, text: "1000", peer: fail(1, normal)},
		{name: "an undefined code echoed", steps: undefined, want: NonStrict, text: "not defined either", peer: echo(1)},
		{name: "a forbidden code echoed", steps: forbidden, want: Fail, text: "§7.4", peer: echo(1)},
	})
}

// TestEarly judges what is to come before the rest is sent.
func TestEarly(t *testing.T) {
	fragments := []step{send(textFrame("\xFF").more()), failsFast([]frame{contFrame("rest")}, codec.CloseInvalidPayload)}
	half := []step{sendPart(5, textFrame("half\xFF and half")), failsFast(nil, codec.CloseInvalidPayload)}
	header := []step{send(frame{fin: true, op: codec.OpPing}.announcing(1 << 62)), failsFast(nil, codec.CloseProtocolError)}
	inside := []step{send(textFrame("a").more(), pingFrame("now")), soon(pongMessage("now"), contFrame("b")), expect(textMessage("ab")), finish()}
	rest := []step{sendPart(1, textFrame("one"), textFrame("two")), sendRest(textFrame("three")), expect(textMessage("one"), textMessage("two"), textMessage("three")), finish()}
	failAfter := func(n int, f frame) func(*fake) {
		return func(p *fake) {
			p.skip(n)
			p.fail(f)
		}
	}
	atOnce := func(f frame) func(*fake) {
		return func(p *fake) {
			p.nc.Read(make([]byte, 4096)) // what has come, which is no frame yet
			p.fail(f)
		}
	}
	try(t, codec.RoleClient, []trial{
		{name: "a fragment at once", steps: fragments, want: Pass, peer: failAfter(1, invalidly)},
		{name: "a fragment after the last", steps: fragments, want: NonStrict, text: "waited for the rest", peer: failAfter(2, invalidly)},
		{name: "a fragment never", steps: fragments, want: Fail, text: "said nothing", peer: (*fake).drain},
		{name: "a fragment taken", steps: fragments, want: Fail, text: "it took it", peer: func(p *fake) {
			p.skip(2)
			p.send(binaryFrame([]byte("\xFFrest")))
			p.drain()
		}},
		{name: "a half at once", steps: half, want: Pass, peer: atOnce(invalidly)},
		{name: "a half when it is whole", steps: half, want: NonStrict, text: "waited for the rest", peer: failAfter(1, invalidly)},
		{name: "a half never", steps: half, want: Fail, text: "said nothing", peer: (*fake).drain},
		{name: "no pong for a ping within our frame", steps: half, want: NonStrict, peer: func(p *fake) {
			p.send(pingFrame("are you there?"))
			if f, _ := p.read(); f.op != codec.OpText || string(f.payload) != "half\xFF and half" {
				t.Errorf("got %v, want the frame as it is", f)
			}
			p.fail(invalidly)
		}},
		{name: "a header at once", steps: header, want: Pass, peer: atOnce(protocol)},
		{name: "a header never", steps: header, want: NonStrict, text: "waited for the rest", peer: (*fake).drain},

		{name: "a pong at once", steps: inside, want: Pass, peer: func(p *fake) {
			p.skip(1)
			p.echo(1)
			p.skip(1)
			p.send(textFrame("ab"))
			p.answer(normal)
		}},
		{name: "a pong after the message", steps: inside, want: NonStrict, text: "§5.5.2", peer: func(p *fake) {
			p.skip(3)
			p.send(pongFrame("now"), textFrame("ab"))
			p.answer(normal)
		}},
		{name: "no pong", steps: inside, want: Fail, text: "did not come within", peer: (*fake).drain},
		{name: "a message in place of the pong", steps: inside, want: Fail, text: `text of 1 B "a" came in place of pong`, peer: func(p *fake) {
			p.send(textFrame("a"))
			p.drain()
		}},
		{name: "frames in two writes", steps: rest, want: Pass, peer: func(p *fake) {
			p.echo(2)
			p.send(pingFrame("are you whole?"))
			p.echo(1)
			if f, _ := p.read(); f.op != codec.OpPong {
				t.Errorf("got %v in answer to a ping", f)
			}
			p.answer(normal)
		}},
	})
}

// TestPongs judges the answers to several pings.
func TestPongs(t *testing.T) {
	steps := []step{
		send(pingFrame("1"), textFrame("text"), pingFrame("2"), pingFrame("3")),
		expect(pongMessage("1"), textMessage("text"), pongMessage("2"), pongMessage("3")), finish(),
	}
	sends := func(frames ...frame) func(*fake) {
		return func(p *fake) {
			p.skip(4)
			p.send(frames...)
			p.answer(normal)
		}
	}
	text := textFrame("text")
	try(t, codec.RoleClient, []trial{
		{name: "all", steps: steps, want: Pass, peer: sends(pongFrame("1"), text, pongFrame("2"), pongFrame("3"))},
		{name: "all behind the text", steps: steps, want: Pass, peer: sends(text, pongFrame("1"), pongFrame("2"), pongFrame("3"))},
		{name: "the latest", steps: steps, want: Pass, peer: sends(text, pongFrame("3"))},
		{name: "the latest before the text", steps: steps, want: Pass, peer: sends(pongFrame("3"), text)},
		{name: "not the latest", steps: steps, want: Fail, text: `pong of 1 B "3"`, peer: sends(pongFrame("1"), text, pongFrame("2"))},
		{name: "in another order", steps: steps, want: Informational, text: "a second time", peer: sends(text, pongFrame("2"), pongFrame("1"), pongFrame("3"))},
		{name: "with another payload", steps: steps, want: Fail, text: `pong of 1 B "3"`, peer: sends(text, pongFrame("three"))},
		{name: "no text", steps: steps, want: Fail, text: `text of 4 B "text"`, peer: sends(pongFrame("3"))},
		{
			name: "an unasked pong before the asked", steps: []step{alive(), finish()},
			want: Informational, text: "no ping had asked for", peer: func(p *fake) {
				p.send(pongFrame("beat"))
				p.echo(1)
				p.answer(normal)
			},
		},
		{
			name: "an echo before the pong", steps: []step{send(pongFrame("late")), alive()},
			want: Fail, text: `"late" came in place of`, peer: func(p *fake) {
				p.skip(1)
				p.send(textFrame("late"))
				p.drain()
			},
		},
	})
}
