// Command load drives an echo server from one thread, with no WebSocket library: frames
// are made before, sockets are read and written by epoll in pieces of up to 64 KiB, and of
// the replies only the headers are looked at. It prints a result.Result as JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"peers/internal/result"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// config is what the flags say.
type config struct {
	addr    string
	raw     bool // bytes without upgrade or frames
	conns   int
	flight  int // messages in flight on each connection
	size    int // payload bytes of a message
	text    bool
	deflate string // "", "no-takeover" or "takeover"
	warmup  time.Duration
	time    time.Duration
	count   int64 // ends after so many messages; zero is no limit
	idle    bool
	settle  time.Duration // time to tidy up, before the memory is read
	pid     int           // of the server; zero is unknown
}

func run(args []string, stdout, stderr io.Writer) int {
	cfg, err := parse(args, stderr)
	if err != nil {
		return 2
	}
	// Everything happens on this thread: epoll needs no other.
	runtime.LockOSThread()
	res, err := load(cfg)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(res)
	}
	if err != nil {
		fmt.Fprintln(stderr, "load:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&cfg.addr, "addr", "", "`IP:PORT` of the server (IPv4)")
	flags.BoolVar(&cfg.raw, "raw", false, "the server echoes bytes: no upgrade, no frames")
	flags.IntVar(&cfg.conns, "c", 64, "connections")
	flags.IntVar(&cfg.flight, "p", 1, "messages in flight on each connection")
	flags.IntVar(&cfg.size, "size", 125, "payload bytes of a message")
	flags.BoolVar(&cfg.text, "text", false, "text in several scripts instead of binary messages")
	flags.StringVar(&cfg.deflate, "deflate", "", "compressed JSON: no-takeover or takeover")
	flags.DurationVar(&cfg.warmup, "warmup", 300*time.Millisecond, "time before it measures")
	flags.DurationVar(&cfg.time, "time", time.Second, "time it measures")
	flags.Int64Var(&cfg.count, "n", 0, "measure no more than `N` messages")
	flags.BoolVar(&cfg.idle, "idle", false, "open the connections, send one message on each, and report the memory")
	flags.DurationVar(&cfg.settle, "settle", time.Second, "time to tidy up before -idle reads the memory")
	flags.IntVar(&cfg.pid, "pid", 0, "process of the server, to measure its CPU and memory")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	err := cfg.check()
	if err != nil {
		fmt.Fprintln(stderr, "load:", err)
	}
	return cfg, err
}

func (cfg *config) check() error {
	switch {
	case cfg.addr == "":
		return fmt.Errorf("-addr is missing")
	case cfg.conns < 1 || cfg.flight < 1 || cfg.size < 1:
		return fmt.Errorf("-c, -p and -size must be at least 1")
	case cfg.deflate != "" && cfg.deflate != "takeover" && cfg.deflate != "no-takeover":
		return fmt.Errorf("-deflate is no-takeover or takeover")
	case cfg.deflate != "" && cfg.raw:
		return fmt.Errorf("-deflate contradicts -raw")
	case cfg.idle && cfg.pid == 0:
		return fmt.Errorf("-idle needs -pid")
	}
	return nil
}

// stream returns what the connections send.
func (cfg *config) stream() (*stream, error) {
	switch {
	case cfg.deflate != "":
		return deflateStream(cfg.size, cfg.deflate == "takeover", cfg.flight)
	case cfg.text:
		return plainStream(textPayload(cfg.size), opText, cfg.raw, cfg.flight), nil
	}
	return plainStream(binaryPayload(cfg.size), opBinary, cfg.raw, cfg.flight), nil
}

func load(cfg config) (*result.Result, error) {
	s, err := cfg.stream()
	if err != nil {
		return nil, err
	}
	l, err := newLoop(cfg, s)
	if err != nil {
		return nil, err
	}
	defer l.close()
	if cfg.idle {
		return l.idle()
	}
	return l.measure()
}
