// Package echo is what the echo programs share: the command line, the line that tells
// where a server listens, and Autobahn's convention for a client.
package echo

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
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

// A Library is what an echo program does with its library, in either role.
type Library struct {
	// Serve echoes on the connections that come.
	Serve func(net.Listener, Deflate) error
	// Client connects to a URL and hands each message that comes to hear, or echoes it
	// when hear is nil, until the connection has ended. How it ended is no error: only
	// that there was none. It is nil for a program that is a server only.
	Client func(url string, deflate Deflate, hear func(message []byte)) error
	// Flags defines flags of this program alone. It is nil for none.
	Flags func(*flag.FlagSet)
}

// Main reads the flags in args. It listens on a free port of 127.0.0.1, or on a socket that
// it inherits, prints the address on stdout and serves until Serve returns; or, with -connect,
// it is a client of a test suite. Its result is the exit code.
func Main(args []string, stdout, stderr io.Writer, library Library) int {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var deflate Deflate
	flags.Var(&deflate, "deflate", "`mode` of permessage-deflate: no-takeover or takeover")
	connect := flags.Bool("connect", false, "be a client of the test suite at URL: -connect URL NAME")
	number := flags.Int("case", 0, "as a client run only case `N`")
	socket := flags.Int("socket", 0, "serve the listening socket that is inherited as `descriptor`")
	if library.Flags != nil {
		library.Flags(flags)
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *connect {
		if err := library.connect(args, flags.Args(), deflate, *number); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	}
	ln, err := listen(*socket)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintln(stdout, ln.Addr())
	if err := library.Serve(ln, deflate); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// listen returns the listener of an inherited socket, or a new one when it is 0.
func listen(socket int) (net.Listener, error) {
	if socket == 0 {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	file := os.NewFile(uintptr(socket), "socket")
	defer file.Close()
	return net.FileListener(file)
}

// Uncompressed is the Serve of a server that cannot compress.
func Uncompressed(serve func(net.Listener) error) func(net.Listener, Deflate) error {
	return func(ln net.Listener, deflate Deflate) error {
		if deflate != Off {
			return fmt.Errorf("this server has no permessage-deflate with %s", deflate)
		}
		return serve(ln)
	}
}
