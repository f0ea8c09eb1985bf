// Command target is what is mutated: an echo server, or a client that echoes, made of
// nothing but the packages of the protocol, so that it is built in a moment.
//
//	target serve [flags]               prints its URL once it listens, and runs until it is killed
//	target connect [flags] URL CASES   is a client in cases 1 to CASES of check --listen at URL
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
	"wskit/wsserver"
)

const (
	// caseLimit is how long a client works on a case: longer than check waits for it.
	caseLimit = 15 * time.Second
	// clients is the number of clients that run at the same time.
	clients = 64
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "target: %v\n", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	compress, noTakeover bool
	bits, fragment       int
	subprotocol          string
}

func run(args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return errors.New("want serve or connect")
	}
	var o options
	flags := flag.NewFlagSet("target", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.compress, "compress", false, "agree to permessage-deflate")
	flags.BoolVar(&o.noTakeover, "no-takeover", false, "ask for no context takeover, both ways")
	flags.IntVar(&o.bits, "bits", 0, "ask for windows of so many bits, both ways")
	flags.IntVar(&o.fragment, "fragment", 0, "send fragments of so many bytes")
	flags.StringVar(&o.subprotocol, "subprotocol", "", "speak this one")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch {
	case args[0] == "serve" && flags.NArg() == 0:
		return o.serve(stdout)
	case args[0] == "connect" && flags.NArg() == 2:
		return o.connect(flags.Arg(0), flags.Arg(1), stderr)
	}
	return errors.New("want serve, or connect URL CASES")
}

func (o *options) conn() wsconn.Config {
	return wsconn.Config{FragmentSize: o.fragment}
}

func (o *options) deflate() *codec.DeflateConfig {
	if !o.compress {
		return nil
	}
	return &codec.DeflateConfig{
		ServerNoContextTakeover: o.noTakeover, ClientNoContextTakeover: o.noTakeover,
		ServerMaxWindowBits: o.bits, ClientMaxWindowBits: o.bits,
	}
}

func (o *options) subprotocols() []string {
	if o.subprotocol == "" {
		return nil
	}
	return []string{o.subprotocol}
}

func (o *options) serve(stdout io.Writer) error {
	s, err := wsserver.New(wsserver.Config{Deflate: o.deflate(), Subprotocols: o.subprotocols(), Conn: o.conn()})
	if err != nil {
		return err
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	fmt.Fprintln(stdout, s.URLs()[0])
	return s.Serve()
}

func (o *options) connect(base, count string, stderr io.Writer) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := range next {
				o.runCase(fmt.Sprintf("%s/runCase?case=%d&agent=mutant", base, i), stderr)
			}
		})
	}
	for i := 1; i <= n; i++ {
		next <- i
	}
	close(next)
	wg.Wait()
	return nil
}

// runCase echoes until the connection ends. How it ends, also by a panic, is for check to
// judge.
func (o *options) runCase(url string, stderr io.Writer) {
	u, err := wsclient.ParseURL(url)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), caseLimit)
	defer cancel()
	c, err := wsclient.Dial(ctx, wsclient.Config{URL: u, Deflate: o.deflate(), Subprotocols: o.subprotocols(), Conn: o.conn()})
	if err != nil {
		return
	}
	defer context.AfterFunc(ctx, c.Abort)()
	defer c.Abort()
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "target: %s: panic: %v\n", url, p)
		}
	}()
	for {
		op, data, err := c.NextMessage()
		if err != nil {
			return
		}
		if err := c.QueueMessage(op, data); err != nil {
			c.Close(codec.CloseInternalError, "")
			return
		}
	}
}
