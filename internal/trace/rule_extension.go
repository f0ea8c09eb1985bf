package trace

import "wskit/codec"

// extensionRules are the rules for the negotiation of extensions.
var extensionRules = []rule{
	broken(
		codec.ErrExtensionsMalformed,
		"Sec-WebSocket-Extensions is a list of names with parameters: permessage-deflate; client_max_window_bits=15.",
		"a header written by hand, or one that was cut",
		"Correct the header, or leave it to the library.",
	),
	limit(
		codec.ErrExtensionsTooLarge,
		"Parsing an endless list of extensions has brought servers down, so that its length is limited. Real offers take less than 200 bytes.",
		"an attack, or a proxy that adds its extension each time round",
		"Offer permessage-deflate once or twice, or nothing.",
	),
	broken(
		codec.ErrExtensionNotOffered,
		"The server may accept only what the client offered. The client must fail the connection.",
		"a server that always answers permessage-deflate, or a proxy that drops the client's offer",
		"Offer it: wskit connect --compress URL. At the server, answer only what was offered.",
	),
	broken(
		codec.ErrDeflateRepeated,
		"The server accepts one of the offers for permessage-deflate.",
		"a server that answers each offer in the list",
		"Answer the first offer that suits, and no other.",
	),
	broken(
		codec.ErrDeflateParamUnknown,
		"permessage-deflate has four parameters: server_no_context_takeover, client_no_context_takeover, server_max_window_bits and client_max_window_bits.",
		"a typing error, or a parameter of another extension",
		"Correct the name.",
	),
	broken(
		codec.ErrDeflateParamRepeated,
		"Each parameter of permessage-deflate occurs once in an offer or answer.",
		"parameters put together from several places",
		"Name each once.",
	),
	broken(
		codec.ErrDeflateParamInvalid,
		"The window bits are 8 to 15 in plain digits; the takeover parameters have no value.",
		"a size in bytes in place of bits, or a value such as true",
		"Write server_max_window_bits=12, and server_no_context_takeover without a value.",
	),
	broken(
		codec.ErrServerTakeoverIgnored,
		"The client asked the server to compress each message for itself, and the server did not agree to. The client must fail the connection.",
		"a server that accepts an offer without looking at its parameters",
		"At the server, answer with server_no_context_takeover or decline the offer. At the client, do not ask for it.",
	),
	broken(
		codec.ErrServerWindowTooLarge,
		"The client asked for a smaller window than the server agreed to. The client must fail the connection, since it may not have the memory.",
		"a server that accepts an offer without looking at its parameters",
		"At the server, answer with server_max_window_bits of at most what was asked, or decline the offer.",
	),
	broken(
		codec.ErrClientWindowNotOffered,
		"A server may bound the client's window only if the client said that it can do so, by offering client_max_window_bits. The client must fail the connection.",
		"a server that always answers with client_max_window_bits",
		"At the server, look for the parameter in the offer first.",
	),
}
