// Package scripts runs JavaScript that describes one peer of a connection, whoever
// dialled: a mock server behind a path, or the test of a client.
//
// An [Engine] is one script with one virtual machine, however many connections it has.
// One goroutine, the loop, owns the machine; connections post what happens to them and
// wait while the script is behind, which TCP tells their peers. What a script sends
// goes through a bounded queue for each connection, so that a peer that does not read
// never stops the loop. Each turn of the loop has a time limit.
package scripts
