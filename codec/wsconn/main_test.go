package wsconn

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestMain fails the tests if a goroutine or a descriptor outlives them.
func TestMain(m *testing.M) {
	// The first socket opens descriptors that the runtime keeps.
	if ln, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		ln.Close()
	}
	goroutines, files := runtime.NumGoroutine(), openFiles()
	code := m.Run()
	if code == 0 {
		if err := checkLeaks(goroutines, files); err != nil {
			fmt.Fprintln(os.Stderr, "leak:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// checkLeaks waits a moment for goroutines that have done their work but not yet
// ended.
func checkLeaks(goroutines, files int) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var g, f int
	for range 200 {
		runtime.GC() // ends descriptors of the testing package's temporary files
		g, f = runtime.NumGoroutine(), openFiles()
		if g <= goroutines && f <= files {
			return nil
		}
		<-tick.C
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return fmt.Errorf("%d goroutines and %d descriptors, want %d and %d\n%s", g, f, goroutines, files, stacks)
}

// openFiles returns the number of open descriptors, 0 where it is not known.
func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}
