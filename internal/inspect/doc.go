// Package inspect turns the bytes of a WebSocket connection, as somebody sent
// them, into the events of package trace. One [Analyser] does it for every source
// of bytes: the tap of a live connection, a tee between two others, a capture.
//
// It reads both directions with the machines of package codec in their lenient
// form: a broken rule is named and reading goes on as well as it can. It holds no
// more than its limits allow, whatever comes.
//
// [ExplainHex] explains single frames bit by bit.
package inspect
