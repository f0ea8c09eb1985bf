// Package leaktest fails the tests of a package when a goroutine or a descriptor
// outlives them.
package leaktest

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"time"
)

// Run runs the tests and returns the exit code for them. It is 1 when something is
// left that was not there before, which is then written to w. A fuzzer, which has
// goroutines of its own, is not checked. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(leaktest.Run(m, os.Stderr)) }
func Run(m interface{ Run() int }, w io.Writer) int {
	// The first socket opens descriptors that the runtime keeps.
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	goroutines, files := runtime.NumGoroutine(), openFiles()
	code := m.Run()
	if code != 0 || flag.Lookup("test.fuzz").Value.String() != "" {
		return code
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var g, f int
	for range 400 { // what has done its work may take a moment to end
		runtime.GC() // ends the temporary files of package testing
		g, f = runtime.NumGoroutine(), openFiles()
		if g <= goroutines && f <= files {
			return 0
		}
		<-tick.C
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	fmt.Fprintf(w, "leak: %d goroutines and %d descriptors, before the tests %d and %d\n%s\n", g, f, goroutines, files, stacks)
	return 1
}

// openFiles returns the number of open descriptors, zero where it is not known.
func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
