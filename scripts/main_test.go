package scripts

import (
	"os"
	"testing"

	"wskit/internal/leaktest"
)

// TestMain fails when a goroutine or a descriptor outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m, os.Stderr)) }
