//go:build !race

package wsconn

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"wskit/codec"
)

// exchange makes a connection echo and returns a function that has it echo a batch
// of n messages of size bytes over TCP, and waits for the replies.
func exchange(tb testing.TB, role codec.Role, cfg Config, size, n int) func() {
	cfg.Role = role
	c, p := against(tb, networks[0], cfg)
	one := p.frame(true, codec.OpText, string(bytes.Repeat([]byte("x"), size)))
	batch := bytes.Repeat(one, n)
	ended := async(func() error { return serveEcho(c) })
	tb.Cleanup(func() { p.nc.Close(); ended() })
	enc := codec.Encoder{Role: role, Key: func() codec.MaskKey { return key }}
	reply := enc.AppendMessage(nil, codec.OpText, false, make([]byte, size), cfg.FragmentSize)
	replies := make([]byte, n*len(reply))
	return func() {
		if _, err := p.nc.Write(batch); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.ReadFull(p.nc, replies); err != nil {
			tb.Fatal(err)
		}
	}
}

// TestNoAllocations fails when echoing a message allocates in steady state: in both
// roles, one by one and many in flight, from short ones to large ones.
func TestNoAllocations(t *testing.T) {
	for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
		for _, tt := range []struct {
			size, n int
			cfg     Config
		}{
			{size: 1024, n: 1},
			{size: 1024, n: 32},
			{size: 125, n: 100},
			{size: 20_000, n: 10},
			{size: 300_000, n: 1},
			{size: 1024, n: 32, cfg: Config{PingInterval: DefaultPingTimeout, FragmentSize: 100}},
		} {
			t.Run(fmt.Sprintf("%v/%dx%d/fragment %d", role, tt.n, tt.size, tt.cfg.FragmentSize), func(t *testing.T) {
				run := exchange(t, role, tt.cfg, tt.size, tt.n)
				noAllocations(t, tt.n, run)
			})
		}
	}
}

// TestNoAllocationsCompressed is the same with compression, with and without takeover.
func TestNoAllocationsCompressed(t *testing.T) {
	for _, agreed := range agreements[:2] {
		srv, cli := connect(t, networks[0], Config{Deflate: &agreed}, Config{Deflate: &agreed})
		ended := async(func() error { return serveEcho(srv) })
		message := bytes.Repeat([]byte("compress me "), 100)
		noAllocations(t, 1, func() {
			if err := cli.WriteMessage(codec.OpText, message); err != nil {
				t.Fatal(err)
			}
			if _, _, err := cli.NextMessage(); err != nil {
				t.Fatal(err)
			}
		})
		cli.Close(1000, "")
		ended()
	}
}

// noAllocations fails if run, which passes n messages, allocates. A collection that
// empties the pools is none of its business, so that there is none meanwhile.
func noAllocations(t *testing.T, n int, run func()) {
	t.Helper()
	for range 20 {
		run()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if allocs := testing.AllocsPerRun(100, run); allocs > 0 {
		t.Errorf("%v allocations for %d messages, want none", allocs, n)
	}
}

// TestIdleMemory fails when a connection that waits holds more than a little memory:
// its goroutine must keep the stack it began with, after a message and a ping too.
func TestIdleMemory(t *testing.T) {
	const n, limit = 500, 5000
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var peers, accepted []net.Conn
	for range n {
		b, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		a, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		peers, accepted = append(peers, b), append(accepted, a)
	}
	message := frame(codec.RoleClient, true, codec.OpText, "hello")
	message = append(message, frame(codec.RoleClient, true, codec.OpPing, "ping")...)
	reply := make([]byte, len(message)-8)
	say := func(b net.Conn) {
		if _, err := b.Write(message); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(b, reply); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	before := memory()
	for _, a := range accepted {
		go idle(a, done)
	}
	for range 3 {
		for _, b := range peers {
			say(b)
		}
	}
	each := int64(memory()-before) / n
	t.Logf("%d bytes for each of %d connections", each, n)
	if each > limit {
		t.Errorf("an idle connection holds %d bytes, want at most %d", each, limit)
	}
	for _, b := range peers {
		b.Close()
		<-done
	}
}

// idle serves nc on a goroutine of its own. A Config is no part of its frame.
func idle(nc net.Conn, done chan<- struct{}) {
	c := newIdle(nc)
	serveEcho(c)
	done <- struct{}{}
}

//go:noinline
func newIdle(nc net.Conn) *Conn { return New(nc, Config{PingInterval: time.Minute}) }

// memory returns the bytes that stacks and the heap use.
func memory() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the pools let go at the second
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkEcho compares an echo over TCP with one of the same bytes by plain reads
// and writes, in the same run: "x-floor" is how many times as long it takes. It fails
// if a message allocates.
func BenchmarkEcho(b *testing.B) {
	for _, tt := range []struct{ size, n int }{
		{size: 125, n: 1},
		{size: 16, n: 32},
		{size: 125, n: 32},
		{size: 1024, n: 1},
		{size: 1024, n: 32},
		{size: 16384, n: 1},
		{size: 16384, n: 32},
		{size: 1 << 20, n: 1},
	} {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			b.Run(fmt.Sprintf("%v/%dx%d", role, tt.n, tt.size), func(b *testing.B) {
				run := exchange(b, role, Config{}, tt.size, tt.n)
				floor := rawExchange(b, tt.size, tt.n)
				for range 20 {
					run()
					floor()
				}
				b.SetBytes(int64(tt.size * tt.n))
				var ours, raw time.Duration
				defer debug.SetGCPercent(debug.SetGCPercent(-1))
				before := mallocs()
				b.ResetTimer()
				for range b.N {
					start := time.Now()
					run()
					ours += time.Since(start)
					start = time.Now()
					floor()
					raw += time.Since(start)
				}
				b.StopTimer()
				if n := mallocs() - before; b.N > 100 && n > uint64(b.N)/2 {
					b.Errorf("%d allocations in %d rounds of %d messages, want none", n, b.N, tt.n)
				}
				b.ReportMetric(float64(ours)/float64(b.N*tt.n), "ns/message")
				b.ReportMetric(float64(raw)/float64(b.N*tt.n), "ns/floor")
				b.ReportMetric(float64(ours)/float64(raw), "x-floor")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// rawExchange is exchange with the bytes of the same messages and an echo that does
// not look at them.
func rawExchange(tb testing.TB, size, n int) func() {
	a, b := tcpPair(tb)
	batch := bytes.Repeat(frame(codec.RoleClient, true, codec.OpText, string(make([]byte, size))), n)
	ended := async(func() error {
		buf := make([]byte, readSize)
		for {
			n, err := a.Read(buf)
			if err != nil {
				return err
			}
			if _, err := a.Write(buf[:n]); err != nil {
				return err
			}
		}
	})
	tb.Cleanup(func() { b.Close(); ended(); a.Close() })
	replies := make([]byte, len(batch))
	return func() {
		if _, err := b.Write(batch); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.ReadFull(b, replies); err != nil {
			tb.Fatal(err)
		}
	}
}

// TestConnSize fails when a connection leaves its size class: in the next one it takes
// 34 bytes more, in the one after that 74.
func TestConnSize(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the sizes are those of 64-bit machines")
	}
	if size, limit := reflect.TypeFor[Conn]().Size(), uintptr(512); size > limit {
		t.Errorf("a Conn takes %d bytes, want at most %d", size, limit)
	}
}
