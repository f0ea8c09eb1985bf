// Package echo is what the echo servers share: the command line, and the line that
// tells where they listen.
package echo

import (
	"flag"
	"fmt"
	"io"
	"net"
)

// Deflate is how a server compresses messages with permessage-deflate.
type Deflate string

// The values of the flag -deflate.
const (
	Off        Deflate = ""            // no compression
	NoTakeover Deflate = "no-takeover" // each message by itself, in both directions
	Takeover   Deflate = "takeover"    // each message with the window of those before it
)

// Set implements flag.Value.
func (d *Deflate) Set(s string) error {
	switch Deflate(s) {
	case Off, NoTakeover, Takeover:
		*d = Deflate(s)
		return nil
	}
	return fmt.Errorf("%q is neither %s nor %s", s, NoTakeover, Takeover)
}

// String implements flag.Value.
func (d *Deflate) String() string { return string(*d) }

// Main reads the flags in args, listens on a free port of 127.0.0.1, prints the address
// on stdout and serves until serve returns. Its result is the exit code.
func Main(args []string, stdout, stderr io.Writer, serve func(net.Listener, Deflate) error) int {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var deflate Deflate
	flags.Var(&deflate, "deflate", "`mode` of permessage-deflate: no-takeover or takeover")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintln(stdout, ln.Addr())
	if err := serve(ln, deflate); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// Uncompressed is the serve of Main for a server that cannot compress.
func Uncompressed(serve func(net.Listener) error) func(net.Listener, Deflate) error {
	return func(ln net.Listener, deflate Deflate) error {
		if deflate != Off {
			return fmt.Errorf("this server has no permessage-deflate with %s", deflate)
		}
		return serve(ln)
	}
}
