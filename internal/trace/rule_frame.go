package trace

import "wskit/codec"

// frameRules are the rules that a single frame can break.
var frameRules = []rule{
	broken(
		codec.ErrReservedBits,
		"RSV2 and RSV3 belong to extensions that nobody has defined yet. A receiver cannot know what they change about the payload, so it must fail the connection.",
		"the reader is out of step and takes payload bytes for a header, or the sender shifts its flag bits wrongly",
		"Look at the frame before this one in wskit inspect URL: if its length is wrong, everything after it is. Else check how the sender builds the first byte: FIN 0x80, RSV1 0x40, RSV2 0x20, RSV3 0x10, opcode 0x0F.",
	),
	broken(
		codec.ErrRSV1WithoutDeflate,
		"RSV1 marks a compressed message, and only where the handshake agreed on permessage-deflate. Without it the receiver would take compressed bytes for the message.",
		"one end believes that compression was agreed, often because a proxy removed Sec-WebSocket-Extensions from the response",
		"Compare what was offered with what was answered: wskit inspect URL shows both. Turn compression off at the sender, or let the header pass through the proxy.",
	),
	broken(
		codec.ErrRSV1OnContinuation,
		"Only the first frame of a compressed message has RSV1 set. The frames that continue it are pieces of the same compressed stream.",
		"the sender compresses each fragment for itself, or sets RSV1 on every frame",
		"Set RSV1 with the text or binary opcode only, and leave it clear with opcode 0.",
	),
	broken(
		codec.ErrRSV1OnControl,
		"Close, ping and pong are never compressed.",
		"the sender's compression is applied to all frames, where it belongs to data frames only",
		"Send control frames around the compressor, with RSV1 clear.",
	),
	broken(
		codec.ErrReservedOpcode,
		"Opcodes 3 to 7 and 0xB to 0xF have no meaning yet. A receiver must fail the connection, since it cannot tell what the frame asks of it.",
		"the reader is out of step and takes payload bytes for a header, or one end does not speak WebSocket after the handshake",
		"Look at the frame before this one in wskit inspect URL. If the bytes look like text or HTTP, something on the way writes into the connection.",
	),
	broken(
		codec.ErrUnmaskedClientFrame,
		"All frames from a client are masked with a random key, so that a web page cannot choose the bytes on the wire and fool a proxy with them. A server must close the connection with 1002.",
		"a hand-written client that leaves out the MASK bit, or one that uses the server half of a library",
		"Set the top bit of the second byte, send four random bytes as the key, and XOR the payload with them. wskit inspect --hex shows what a frame says.",
	),
	broken(
		codec.ErrMaskedServerFrame,
		"Frames from a server are never masked. A client must close the connection with 1002.",
		"a hand-written server that copies a client's frames back as they came, mask and all",
		"Unmask what arrives, and answer with a new header without MASK bit and key.",
	),
	broken(
		codec.ErrNonMinimalLength,
		"Lengths up to 125 take 7 bits, up to 65,535 take 16, and only longer ones take 64. One way to write each length leaves no room for two readers to disagree.",
		"a sender that always writes the 16-bit or the 64-bit form",
		"Choose the form by the payload's length, the shortest that fits.",
	),
	broken(
		codec.ErrLengthTopBit,
		"A 64-bit length is at most 2^63-1. There is no telling where such a frame ends, so nothing after it can be read.",
		"a negative number written as a length, or a reader that is out of step",
		"Look at the frame before this one in wskit inspect URL, and check the sender's length for an overflow.",
	),
	broken(
		codec.ErrFragmentedControl,
		"Close, ping and pong come in one frame with FIN set. They may stand between the fragments of a message and must not be in pieces themselves.",
		"the sender uses the code that fragments messages for its control frames too",
		"Send control frames whole, with FIN set.",
	),
	broken(
		codec.ErrLongControl,
		"A control frame carries at most 125 bytes, so that every receiver can take one at any time. For a close frame that is the code and 123 bytes of reason.",
		"an error message or a stack trace as close reason, or data sent in a ping",
		"Cut the reason at 123 bytes, between two characters. Send data as messages.",
	),
}

// messageRules are the rules that only show over several frames, and those for what
// messages and close frames say.
var messageRules = []rule{
	broken(
		codec.ErrUnexpectedContinuation,
		"Opcode 0 continues a message whose first frame had FIN clear. Here there is none.",
		"the frame before had FIN set by mistake, or the first fragment went out with opcode 0",
		"Send the first fragment as text or binary without FIN, the others with opcode 0, and the last one with FIN.",
	),
	broken(
		codec.ErrInterruptedMessage,
		"A text or binary frame begins a message, and the one before is not complete. Messages are never interleaved; only control frames may come in between.",
		"two threads write to one connection without a lock, or an abandoned message was never finished with FIN",
		"Let one writer at a time send a whole message, from its first frame to the one with FIN.",
	),
	broken(
		codec.ErrFrameAfterClose,
		"After its close frame an endpoint may still answer a ping, but sends no more data. What comes is ignored.",
		"a writer that was not told of the close, such as a queue, a timer or a second thread",
		"Stop all writers before the close frame goes out.",
	),
	broken(
		codec.ErrShortClosePayload,
		"A close frame is empty, or begins with a code of two bytes. One byte is neither.",
		"a code written as one byte, or text where the code belongs",
		"Write the code as two bytes, the high one first, then the reason. wskit inspect --hex '88 02 03 e8' shows a valid one.",
	),
	broken(
		codec.ErrInvalidCloseCode,
		"Only 1000-1003, 1007-1014 and 3000-4999 may be sent. 1005, 1006 and 1015 describe a close that had no code, and are for an endpoint's own use.",
		"an error number, an HTTP status or the received 1005 or 1006 passed on as close code",
		"Use 4000-4999 for codes of your own, 1000 for a normal end, and nothing at all in place of 1005. wskit explain CODE tells what each is for.",
	),
	broken(
		codec.ErrInvalidUTF8,
		"The payload of a text message is UTF-8. A receiver must fail the connection with 1007 at the first byte that is not.",
		"binary data or Latin-1 sent as text, or a string that was cut inside a character",
		"Send it as binary, or encode it as UTF-8 first. Cut into messages between characters; fragments of one message may be cut anywhere.",
	),
	broken(
		codec.ErrInvalidUTF8Reason,
		"The reason in a close frame is UTF-8.",
		"a reason that was cut at 123 bytes inside a character, or an error text in another encoding",
		"Cut between characters, and encode as UTF-8.",
	),
	limit(
		codec.ErrFrameTooBig,
		"The frame's header announces more than the limit of the receiver, which closes with 1009 before any of it arrives. No rule of the protocol is broken.",
		"a large file or list sent in one frame",
		"Send less, or raise the limit at the receiver: wskit serve --max-message-size 64m, wskit connect --max-message-size 64m.",
	),
	limit(
		codec.ErrMessageTooBig,
		"The message is larger than the limit of the receiver, which closes with 1009. No rule of the protocol is broken.",
		"a large file or list sent as one message",
		"Send less, or raise the limit at the receiver: wskit serve --max-message-size 64m, wskit connect --max-message-size 64m.",
	),
	limit(
		codec.ErrTooManyFragments,
		"The message has more frames than the receiver accepts, which closes with 1008. Endless tiny fragments are a way to hold a server's memory.",
		"a sender that flushes after every few bytes",
		"Gather more before each frame.",
	),
	broken(
		codec.ErrCorruptDeflate,
		"The message is marked as compressed and cannot be inflated. With context takeover, no compressed message after it can be relied on either.",
		"payload that was not compressed, or not as a raw deflate stream (a zlib or gzip header, a tail that was not removed); or a window or context that the two ends do not share",
		"Compress as raw deflate, flush with an empty block and drop its last four bytes 00 00 FF FF. If the first message is fine and a later one is not, look at context takeover and window bits in wskit inspect URL.",
	),
	limit(
		codec.ErrInflatedTooBig,
		"Once inflated the message is larger than the limit of the receiver, which closes with 1009. A few kilobytes can inflate to gigabytes.",
		"a large and repetitive message, or a compression bomb",
		"If the message is meant to be that large, raise the limit at the receiver: --max-message-size 64m.",
	),
	limit(
		codec.ErrTooManyFinalBlocks,
		"The compressed message is made of very many streams, each with a final block. Taking it in would cost far more work than its size is worth.",
		"an attack",
		"Do not set BFINAL: flush with an empty block at the end of a message.",
	),
}
