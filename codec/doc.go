// Package codec implements the WebSocket protocol, RFC 6455, and its compression
// extension permessage-deflate, RFC 7692, as values and state machines: bytes go
// in, frames, messages and named violations come out. It does no I/O, reads no
// clock and starts no goroutine, so that a server, a client, an inspector of
// somebody else's bytes, a fuzzer and a conformance suite all run the same rules.
//
// A byte stream passes through two machines. A [Decoder] cuts it into spans:
// pieces of frames, unmasked in place, that borrow the caller's buffer. An
// [Assembler] takes the spans of one direction and yields chunks: pieces of
// messages, with fragmentation, control frames and UTF-8 checked as bytes arrive.
// An [Encoder] goes the other way.
//
// The opening handshake is a pair of HTTP heads, which a [HeadParser] reads in their
// original order and spelling: [ClientHandshake] and [ServerHandshake] write them,
// [CheckRequest] and [CheckResponse] apply the rules to them.
//
// Under permessage-deflate a [Compressor] and a [Decompressor], both borrowed from a
// pool for one message, stand before the Encoder and behind the Assembler. What a
// connection keeps is a [Window] for each direction with context takeover.
// [OfferDeflate], [AcceptDeflate] and [CheckDeflate] negotiate it.
//
// A broken rule is a [*Violation]. A strict machine stops at the first one; a
// lenient machine, made so by its Report function, reports each and recovers as
// the violation's [Recovery] says.
package codec
