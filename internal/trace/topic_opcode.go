package trace

import "wskit/codec"

// opcodeTopic is what is known about an opcode.
type opcodeTopic struct {
	section                string
	meaning, cause, remedy string
}

// opcodeTopics are the opcodes that have a meaning.
var opcodeTopics = map[codec.Opcode]opcodeTopic{
	codec.OpContinuation: {
		"RFC 6455 §5.4",
		"The frame continues a message that began with text or binary and FIN clear. The last one has FIN set. Control frames may come in between.",
		"the sender did not know the size of the message when it began, or keeps its frames small",
		"Nothing is wrong. wskit inspect URL groups the frames to messages.",
	},
	codec.OpText: {
		"RFC 6455 §5.6",
		"The frame begins a text message, or is the whole of it. The message is UTF-8.",
		"send(\"…\") in a browser, a line typed in wskit connect",
		"wskit connect -x 'hello' URL sends one.",
	},
	codec.OpBinary: {
		"RFC 6455 §5.6",
		"The frame begins a binary message, or is the whole of it. Its bytes are the application's.",
		"send(arrayBuffer) in a browser",
		"In wskit connect: /binary 01 02 ff.",
	},
	codec.OpClose: {
		"RFC 6455 §5.5.1",
		"The sender will send nothing more. The other side answers with a close frame, then the server closes TCP. The payload is empty, or a code of two bytes and a reason of at most 123 bytes in UTF-8.",
		"close() at either side, or a broken rule",
		"wskit explain CODE tells what a code means.",
	},
	codec.OpPing: {
		"RFC 6455 §5.5.2",
		"The other side answers with a pong that has the same payload, of at most 125 bytes. Browsers answer by themselves and never send one.",
		"keepalive, so that no proxy cuts an idle connection and a dead peer is noticed",
		"In wskit connect: /ping. wskit serve --ping-interval 20s sends them. wskit inspect URL shows the round trips.",
	},
	codec.OpPong: {
		"RFC 6455 §5.5.3",
		"The answer to a ping, with its payload. Of several pings only the last need be answered. One that answers no ping is a heartbeat in one direction, and is not answered.",
		"an answer to a ping, which libraries and browsers send by themselves",
		"wskit inspect URL shows which ping each pong answers, and after how long.",
	},
}

// reservedOpcode is what is known about all the others.
var reservedOpcode = opcodeTopic{
	"RFC 6455 §5.2",
	"It has no meaning yet: 3 to 7 are kept for data frames, 0xB to 0xF for control frames. A receiver must close with 1002.",
	"a reader that is out of step and takes payload for a header",
	"wskit explain reserved-opcode tells what to look for.",
}
