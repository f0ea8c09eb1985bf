package wsconn

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"

	"wskit/codec"
)

// TestEcho sends messages of every length form and beyond every buffer, in both
// roles.
func TestEcho(t *testing.T) {
	sizes := []int{
		0, 1, 125, 126, 65535, 65536, 127, 4096, queueSize - 200, queueSize,
		readSize - 1, readSize, readSize + 1, plainReadSize + 1, largeReadSize, largeReadSize + 1, 1<<20 + 7, 5,
	}
	for _, tt := range []struct {
		name     string
		fragment int
	}{
		{name: "whole"},
		{name: "small fragments", fragment: 1000},
		{name: "large fragments", fragment: 100_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onNetworks(t, func(t *testing.T, n network) {
				srv, cli := connect(t, n, Config{FragmentSize: tt.fragment}, Config{FragmentSize: tt.fragment})
				ended := async(func() error { return serveEcho(srv) })
				sent := async(func() error {
					for _, size := range sizes {
						want := pattern(size)
						data := bytes.Clone(want)
						if err := cli.WriteMessage(codec.OpBinary, data); err != nil {
							return err
						}
						if !bytes.Equal(data, want) {
							t.Errorf("WriteMessage changed its argument of %d bytes", size)
						}
					}
					return nil
				})
				for _, size := range sizes {
					op, data, err := cli.NextMessage()
					if err != nil {
						t.Fatalf("message of %d bytes: %v", size, err)
					}
					if op != codec.OpBinary || !bytes.Equal(data, pattern(size)) {
						t.Fatalf("got %v of %d bytes, want binary of %d bytes as sent", op, len(data), size)
					}
				}
				if err := sent(); err != nil {
					t.Error(err)
				}
				if err := cli.Close(codec.CloseNormal, "bye"); err != nil {
					t.Errorf("Close() = %v", err)
				}
				wantEnded(t, ended(), CloseError{Code: codec.CloseNormal, Reason: "bye", By: Peer})
				wantEnded(t, cli.Err(), CloseError{Code: codec.CloseNormal, Reason: "bye", By: Local})
				in, out := srv.Stats(), cli.Stats()
				if in.BytesIn != out.BytesOut || in.BytesOut != out.BytesIn || in.FramesOut == 0 {
					t.Errorf("Stats: server %+v, client %+v", in, out)
				}
			})
		})
	}
}

func TestAccessors(t *testing.T) {
	agreed := &codec.Deflate{}
	srv, cli := connect(t, networks[0], Config{Subprotocol: "chat", Deflate: agreed}, Config{})
	if got := srv.Subprotocol(); got != "chat" {
		t.Errorf("Subprotocol() = %q, want chat", got)
	}
	if got := cli.Subprotocol(); got != "" {
		t.Errorf("Subprotocol() = %q, want none", got)
	}
	if got := srv.Deflate(); got != agreed {
		t.Errorf("Deflate() = %v, want what was agreed", got)
	}
	if got := cli.Deflate(); got != nil {
		t.Errorf("Deflate() = %v, want nil", got)
	}
	if got, want := srv.RemoteAddr().String(), cli.LocalAddr().String(); got != want {
		t.Errorf("RemoteAddr() = %s, want %s", got, want)
	}
	if err := srv.Err(); err != nil {
		t.Errorf("Err() = %v, want nil while open", err)
	}
}

// TestBuffered gives the connection what the handshake had read too much, cut at
// every byte.
func TestBuffered(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		p := &peer{role: codec.RoleClient}
		wire := bytes.Join([][]byte{p.text("one"), p.text(string(bytes.Repeat([]byte("x"), 300))), p.close(codec.CloseNormal, "")}, nil)
		step := 1
		if n.name == "tls" || n.name == "unix" {
			step = 37
		}
		for cut := 0; cut <= len(wire); cut += step {
			buffered := bytes.Clone(wire[:cut])
			c, p := against(t, n, Config{Buffered: buffered})
			drained := drainNet(p.nc)
			sent := async(func() error { _, err := p.nc.Write(wire[cut:]); return err })
			var got []int
			for {
				_, data, err := c.NextMessage()
				if err != nil {
					wantEnded(t, err, CloseError{Code: codec.CloseNormal, By: Peer})
					break
				}
				got = append(got, len(data))
			}
			if len(got) != 2 || got[0] != 3 || got[1] != 300 {
				t.Fatalf("cut at %d: messages of %v bytes, want 3 and 300", cut, got)
			}
			if !bytes.Equal(buffered, wire[:cut]) {
				t.Fatalf("cut at %d: Buffered was changed", cut)
			}
			sent()
			p.nc.Close()
			drained()
		}
	})
}

// TestConcurrentWriters has many goroutines write, also through queue, frames and
// writers, and checks that every message arrives whole, in the order of each.
func TestConcurrentWriters(t *testing.T) {
	const writers, rounds = 8, 40
	for _, deflate := range []*codec.Deflate{nil, {}} {
		onNetworks(t, func(t *testing.T, n network) {
			srv, cli := connect(t, n, Config{Deflate: deflate}, Config{Deflate: deflate, FragmentSize: 700, CompressMin: 1})
			read := async(func() error { return cli.Discard() })
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					for i := range rounds {
						data := message(w, i)
						var err error
						switch (w + i) % 4 {
						case 0, 1:
							err = cli.WriteMessage(codec.OpBinary, data)
						case 2:
							var mw *MessageWriter
							if mw, err = cli.MessageWriter(codec.OpBinary); err == nil {
								mw.Write(data[:len(data)/2])
								mw.Write(data[len(data)/2:])
								err = mw.Close()
							}
						case 3:
							cli.Ping(data[:2])
							err = cli.QueueMessage(codec.OpBinary, data)
							cli.Flush()
						}
						if err != nil {
							t.Errorf("writer %d, message %d: %v", w, i, err)
						}
					}
				})
			}
			var seen [writers]int
			for range writers * rounds {
				_, data, err := srv.NextMessage()
				if err != nil {
					t.Fatal(err)
				}
				w := int(data[0])
				if want := message(w, seen[w]); !bytes.Equal(data, want) {
					t.Fatalf("writer %d: message of %d bytes, want number %d of %d bytes", w, len(data), seen[w], len(want))
				}
				seen[w]++
			}
			wg.Wait()
			closed := async(func() error { return srv.Close(codec.CloseGoingAway, "") })
			wantEnded(t, read(), CloseError{Code: codec.CloseGoingAway, By: Peer})
			if err := closed(); err != nil {
				t.Error(err)
			}
		})
	}
}

// message returns what writer w sends as its message i.
func message(w, i int) []byte {
	b := append([]byte{byte(w), byte(i)}, pattern((w*131+i*977)%5000)...)
	if i == 30 {
		b = append(b, pattern(200_000)...)
	}
	return b
}

// TestTap checks that the tap sees exactly what is on the wire, masked, in order,
// with Buffered.
func TestTap(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		var mu sync.Mutex
		taps := map[codec.Role]*bytes.Buffer{codec.RoleServer: {}, codec.RoleClient: {}}
		tap := func(from codec.Role, at time.Time, b []byte) {
			mu.Lock()
			defer mu.Unlock()
			taps[from].Write(b)
			if at.IsZero() {
				t.Error("Tap without a time")
			}
		}
		a, b := n.pair(t)
		rec := &recorder{Conn: b}
		big := pattern(300_000)
		first := frame(codec.RoleClient, true, codec.OpText, "first")
		srv := New(a, Config{Tap: tap, Buffered: first})
		cli := New(rec, Config{Role: codec.RoleClient})
		ended := async(func() error { return serveEcho(srv) })
		go func() {
			cli.WriteMessage(codec.OpBinary, big)
			cli.WriteMessage(codec.OpText, []byte("x"))
		}()
		for range 3 {
			if _, _, err := cli.NextMessage(); err != nil {
				t.Fatal(err)
			}
		}
		if err := cli.Close(codec.CloseNormal, ""); err != nil {
			t.Error(err)
		}
		ended()
		if got, want := taps[codec.RoleClient].Bytes(), append(first, rec.out.Bytes()...); !bytes.Equal(got, want) {
			t.Errorf("tapped %d bytes from the client, want the %d that it wrote", len(got), len(want))
		}
		if got, want := taps[codec.RoleServer].Bytes(), rec.in.Bytes(); !bytes.Equal(got, want) {
			t.Errorf("tapped %d bytes from the server, want the %d that the client read", len(got), len(want))
		}
	})
}

// A recorder keeps what passes through a connection.
type recorder struct {
	net.Conn
	in, out bytes.Buffer
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.in.Write(p[:n])
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.Conn.Write(p)
	r.out.Write(p[:n])
	return n, err
}
