package main

import (
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// Else each process that is built with -race sleeps a second before it ends.
	os.Setenv("GORACE", race)
	testscript.Main(m, map[string]func(){"wskit": main})
}

// race is GORACE, the options of the race detector, for the processes of the tests.
const race = "atexit_sleep_ms=10"

// TestScript runs the binary as a user does: each script is one claim about a
// command, its flags and its exit codes.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", race)
			env.Values[processes{}] = map[string]process{}
			env.Values[peers{}] = map[string]<-chan struct{}{}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "ipv6" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			l, err := net.Listen("tcp6", "[::1]:0")
			if err != nil {
				return false, nil
			}
			return true, l.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"certificate": certificate,
			"exits":       exits,
			"server":      server,
			"stops":       stops,
			"peer":        peer,
			"signalled":   signalled,
			"raw":         raw,
			"junit":       junitReport,
			"logged":      logged,
		},
	})
}
