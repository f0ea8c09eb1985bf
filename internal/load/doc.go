// Package load is the engine behind wskit bench: it opens connections to WebSocket
// servers, sends messages, checks the replies, and measures how long they take.
//
// [Run] does it for a [Config] and returns a [Report]. Reports of several machines
// are joined, exactly, by [Merge]. Nothing here prints.
//
// # Latency
//
// Latencies go to HDR histograms, which keep every value to three significant
// digits. In the closed loop each connection keeps a number of messages in flight,
// and a latency counts from the moment a message was handed to the connection. In
// the open loop, with a rate, message k is due k/rate after the beginning, and its
// latency counts from then, whenever it could really be sent: a server that stalls
// is charged for every message that it kept waiting, not only for the few that it
// had already accepted.
package load
