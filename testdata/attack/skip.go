//go:build !linux

package main

import (
	"fmt"
	"io"
)

// run says that there is nothing to run here.
func run(_ []string, _ string, stdout, _ io.Writer) int {
	fmt.Fprintln(stdout, "attack: skipped: it needs Linux")
	return 0
}
