package trace

// The problems that no endpoint fails a connection for, and that codec therefore
// has no violation for.
const (
	ZeroMaskKey         = "zero-mask-key"
	RepeatedMaskKey     = "repeated-mask-key"
	PingInCompressed    = "ping-in-compressed-message"
	UnsolicitedPong     = "unsolicited-pong"
	EmptyFragment       = "empty-fragment"
	CloseWithoutCode    = "close-without-code"
	DataBeforeHandshake = "data-before-handshake"
	TruncatedFrame      = "truncated-frame"
	TruncatedHandshake  = "truncated-handshake"
	UnansweredClose     = "unanswered-close"
	NoClose             = "no-close-frame"
)

// ownRules are the rules for those.
var ownRules = []rule{
	note(
		ZeroMaskKey, "RFC 6455 §5.3", "the mask key is all zero: the payload goes out as it is",
		"Masking with zero changes nothing. It is legal and reads well in captures, but gives up the protection that the mask is for. Reported once for a connection.",
		"a small client or a test tool that saves the work of masking",
		"Use four random bytes for each frame.",
	),
	note(
		RepeatedMaskKey, "RFC 6455 §5.3", "two frames in a row have the same mask key",
		"Each frame needs a new key that nobody can predict. By chance the same one comes twice in a row once in four billion frames. Reported once for a connection.",
		"a key made once for the connection, or a random generator with a fixed seed",
		"Take four new bytes from the system's random generator for each frame.",
	),
	note(
		PingInCompressed, "RFC 7692 §6.1", "a control frame stands between the fragments of a compressed message",
		"It is legal, and a path that few implementations have been tested on: some hand the ping to the decompressor. Reported once for each direction.",
		"a keepalive that fires while a large compressed message is sent in fragments",
		"If the receiver fails here with 1002 or 1007, the fault is the receiver's. Until it is mended, send compressed messages in one frame.",
	),
	note(
		UnsolicitedPong, "RFC 6455 §5.5.3", "a pong with a payload that no open ping has",
		"A pong repeats the payload of the most recent ping. One without a ping is a legal heartbeat in one direction, usually an empty one; with a payload it is more often a mistake.",
		"a pong that does not repeat the ping's payload, or is sent twice, or comes so late that a newer ping was answered first",
		"Copy the payload of the ping into the pong, byte for byte.",
	),
	note(
		EmptyFragment, "RFC 6455 §5.4", "a fragment without payload",
		"It is legal and adds nothing. Many of them are a way to keep a receiver busy, and some receivers refuse them. Reported once for each direction.",
		"a streaming writer that sends an empty last frame when it is closed",
		"Set FIN on the last frame that has data, where the sender knows that it is the last.",
	),
	note(
		CloseWithoutCode, "RFC 6455 §7.1.5", "the close frame has no code: the application sees 1005",
		"An empty close frame is legal and tells the other side nothing about the reason.",
		"close() called without arguments, which is what most code does",
		"Give a code: 1000 when all is well, 1001 when going away, 4000-4999 for reasons of your own.",
	),
	{
		code: DataBeforeHandshake, section: "RFC 6455 §4.1", severity: Error,
		text:    "the client must wait for the response before it sends frames",
		meaning: "Until the server has answered, the client cannot know that it speaks WebSocket at all, nor which extensions hold.",
		cause:   "a client that writes its first message right behind the request, without waiting for the 101",
		remedy:  "Send the first message when the response has been checked, which is when a browser's open event fires.",
	},
	{
		code: TruncatedFrame, section: "RFC 6455 §7.1.7", severity: Error,
		text:    "the stream ended inside a frame",
		meaning: "The header announced more payload than came. The rest of the frame is lost, and with it the message.",
		cause:   "the connection broke, or was closed under a writer; or the length in the header is wrong",
		remedy:  "If it is always the same frame, check the sender's length. Else look for what cut the connection: see wskit explain 1006.",
	},
	{
		code: TruncatedHandshake, section: "RFC 6455 §4.1", severity: Error,
		text:    "the stream ended inside the handshake",
		meaning: "The request or the response began and its blank line never came.",
		cause:   "the connection was closed by a proxy, a time-out or a crash; or the lines do not end with CR LF",
		remedy:  "Try wskit connect -v URL, which shows what came. A server that takes TLS answers like this on ws:, so try wss: too.",
	},
	{
		code: UnansweredClose, section: "RFC 6455 §5.5.1", severity: Warning,
		text:    "the close frame was not answered",
		meaning: "Each side answers a close frame with one of its own. Without the answer the sender cannot know whether its last messages arrived.",
		cause:   "the peer closes TCP as soon as it reads the close frame, or was gone already",
		remedy:  "Answer with a close frame before closing TCP. Do not read the code 1006 of a peer like this as a lost connection.",
	},
	{
		code: NoClose, section: "RFC 6455 §7.1.5", severity: Warning,
		text:    "the connection ended without a close frame: both sides see 1006",
		meaning: "TCP was closed or reset and nobody said goodbye. Whatever was on the way may be lost.",
		cause:   "a crash, an idle time-out of a proxy or load balancer, a network that went away",
		remedy:  "wskit explain 1006 tells what to look for.",
	},
}

// note is something legal.
func note(code, section, text, meaning, cause, remedy string) rule {
	return rule{
		code: code, section: section, text: text, severity: Note,
		meaning: meaning, cause: cause, remedy: remedy,
	}
}
