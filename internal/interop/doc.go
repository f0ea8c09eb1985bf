// Package interop holds the tests of wskit against other implementations of
// WebSocket: npm ws and Python's websockets in both roles, Chromium as a client,
// and nginx as a proxy. It has no code of its own. The programs that run the
// peers are in testdata/peers; make peers installs what they need.
package interop
