// Command attack attacks wskit as a hostile peer would, and prints a table of what came
// of it: each attack against serve, connect, inspect or bench as a process of its own, with
// its peak of memory. It ends with 1 when one of them got through.
//
//	go run ./testdata/attack                      all of them, against a build of this module
//	go run ./testdata/attack -run 'A1|bomb' -v    those that match
//	PEER='COMMAND {port}' go run ./testdata/attack   the attacks on servers, against another one
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Getenv("PEER"), os.Stdout, os.Stderr)) }
