package trace

import "wskit/codec"

// headRules are the rules for the syntax of a request's or response's head.
var headRules = []rule{
	limit(
		codec.ErrHeadTooLarge,
		"The head of the request or response is larger than the receiver takes. A server answers 431.",
		"very large cookies or tokens, or something that is not HTTP and never ends its first line",
		"Look at what is sent with wskit connect -v URL. Delete cookies that the site has gathered.",
	),
	broken(
		codec.ErrInvalidStartLine,
		"A handshake begins as HTTP does: GET /path HTTP/1.1, answered with HTTP/1.1 and a status. What came does not.",
		"a server that speaks something else on this port: TLS, SSH, a database, raw TCP",
		"Check host and port. If bytes 15 03 came, the server wants TLS: use wss:.",
	),
	limit(
		codec.ErrTooManyFields,
		"The head has more lines than the receiver takes. A server answers 431.",
		"a proxy that adds a header each time round, or an attack",
		"Look at what is sent with wskit connect -v URL.",
	),
	broken(
		codec.ErrBareLF,
		"Header lines end with CR LF. Receivers that disagree about where a line ends can be tricked into seeing different requests.",
		"a head written by hand with \\n at the line ends",
		"Write \\r\\n.",
	),
	broken(
		codec.ErrBareCR,
		"A CR stands only before LF. Receivers that disagree about it can be tricked into seeing different requests.",
		"a value with a line end of its own, taken into a header unchecked",
		"Remove line ends from values before they go into a header.",
	),
	broken(
		codec.ErrObsFold,
		"A header line that begins with white space once continued the line before it. That is no longer allowed.",
		"a long value, such as a certificate, broken over several lines",
		"Write the value on one line.",
	),
	broken(
		codec.ErrFieldWithoutColon,
		"Each header line is a name, a colon and a value.",
		"a stray line between the headers, or a body that begins without the blank line",
		"Look at what is sent with wskit connect -v URL.",
	),
	broken(
		codec.ErrSpaceBeforeColon,
		"White space before the colon has hidden headers from proxies, so that it must be refused.",
		"a head written by hand",
		"Remove the space between name and colon.",
	),
	broken(
		codec.ErrInvalidFieldName,
		"A header's name has letters, digits and a few signs, and no space.",
		"a head written by hand, or a value taken for a name",
		"Correct the name.",
	),
	broken(
		codec.ErrInvalidFieldValue,
		"A header's value has no control characters but the tab.",
		"a value taken into a header unchecked",
		"Encode the value, or remove the control characters.",
	),
}

// requestRules are the rules for a request, and those that request and response
// share.
var requestRules = []rule{
	broken(
		codec.ErrHandshakeHTTPVersion,
		"Upgrade exists from HTTP/1.1 on.",
		"a proxy that speaks HTTP/1.0 to the server, as nginx does unless told otherwise",
		"In nginx: proxy_http_version 1.1; then the Upgrade and Connection headers.",
	),
	broken(
		codec.ErrUpgradeMissing,
		"Upgrade: websocket says what the connection turns into. Without it there is no handshake.",
		"a proxy that drops the header, since it is meant for one hop only",
		"In nginx: proxy_set_header Upgrade $http_upgrade; and proxy_set_header Connection \"upgrade\";. Connect to the server without the proxy to be sure.",
	),
	broken(
		codec.ErrConnectionMissing,
		"Connection: Upgrade says that Upgrade is meant for this hop.",
		"a proxy that replaces the header, by close or keep-alive",
		"In nginx: proxy_set_header Connection \"upgrade\";. Connect to the server without the proxy to be sure.",
	),
	broken(
		codec.ErrSubprotocolRepeated,
		"A subprotocol is offered once, and one is chosen.",
		"a list that was put together from several places",
		"Offer each name once; answer with one name, in one header.",
	),
	broken(
		codec.ErrSubprotocolInvalid,
		"The name of a subprotocol has letters, digits and a few signs, no space, no slash and no comma.",
		"a URL, JSON or a base64 token with / or = sent as a subprotocol",
		"Encode what is sent as base64url without padding.",
	),
	broken(
		codec.ErrNotUpgrade,
		"The request is ordinary HTTP. A server with nothing but WebSockets on the path answers 426.",
		"a browser's address bar, a health check or curl on a WebSocket URL",
		"Open it as WebSocket: wskit connect URL.",
	),
	broken(
		codec.ErrHandshakeMethod,
		"A handshake is a GET.",
		"a client that posts, or a redirect that changed the method",
		"Send GET.",
	),
	broken(
		codec.ErrHandshakeBody,
		"A body behind the handshake could hide a second request from a proxy, so that it is refused.",
		"an HTTP library that adds Content-Length or Transfer-Encoding by itself",
		"Send no body and none of the two headers.",
	),
	broken(
		codec.ErrHostMissing,
		"Each request names the host that it wants.",
		"a head written by hand",
		"Send Host with the name, and the port unless it is the default.",
	),
	broken(
		codec.ErrHostRepeated,
		"With two Host headers, two proxies may see two different sites.",
		"a header added beside the one that the library sends",
		"Replace the header, do not add one: wskit connect -H 'Host: NAME' URL.",
	),
	broken(
		codec.ErrVersionMissing,
		"Sec-WebSocket-Version says which protocol is spoken: 13 is RFC 6455.",
		"a proxy that drops the header, or a handshake written by hand",
		"Send Sec-WebSocket-Version: 13.",
	),
	broken(
		codec.ErrVersionRepeated,
		"A request has one version.",
		"a header added beside the one that the library sends",
		"Send the header once, with 13.",
	),
	broken(
		codec.ErrVersionUnsupported,
		"13 is the only version in use. A server answers 426 and says so.",
		"a client from before 2011, or a typing error",
		"Send Sec-WebSocket-Version: 13.",
	),
	broken(
		codec.ErrKeyMissing,
		"The server proves with the key that it has read a WebSocket handshake.",
		"a proxy that drops the header, or curl without it",
		"Send Sec-WebSocket-Key with 16 random bytes in base64, or use wskit connect.",
	),
	broken(
		codec.ErrKeyRepeated,
		"A request has one key.",
		"a header added beside the one that the library sends",
		"Leave the header to the library.",
	),
	broken(
		codec.ErrKeyInvalid,
		"The key is 16 random bytes in base64: 24 characters, the last two of them ==.",
		"a fixed word or a UUID in place of the key",
		"Take 16 bytes from the system's random generator and encode them.",
	),
}

// responseRules are the rules for a response.
var responseRules = []rule{
	broken(
		codec.ErrHandshakeStatus,
		"Only 101 opens a WebSocket. With any other status the connection stays HTTP, and the body usually says why.",
		"a path that does not exist (404), missing or wrong credentials (401, 403), an Origin that is not allowed (403), a redirect (301, 302, 307, 308), a proxy that drops Upgrade (200, 400, 426), or a backend that is down (502, 503, 504)",
		"wskit connect -v URL shows request, response and body. Try -o ORIGIN, -H 'Authorization: …', the URL of a redirect, or the server without its proxy.",
	),
	broken(
		codec.ErrAcceptMissing,
		"Sec-WebSocket-Accept proves that the server has read the key. Without it the client must fail the connection.",
		"a server that answers 101 to any upgrade, or a proxy that drops the header",
		"Answer with base64(SHA-1(key + \"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\")).",
	),
	broken(
		codec.ErrAcceptRepeated,
		"A response has one Sec-WebSocket-Accept.",
		"a server and a library that both answer the key",
		"Leave the header to the library.",
	),
	broken(
		codec.ErrAcceptWrong,
		"Sec-WebSocket-Accept is not the answer to the key of this request. The client must fail the connection.",
		"a response from a cache, an answer written by hand, or a key with its white space or decoded before it was hashed",
		"Answer with base64(SHA-1(key + \"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\")), the key as text as it came.",
	),
	broken(
		codec.ErrSubprotocolNotOffered,
		"The server may choose one of the subprotocols that were offered, or none. The client must fail the connection.",
		"a server that always answers with its own subprotocol, whether it was asked for or not",
		"Offer the one that it wants: wskit connect -s NAME URL. At the server, answer only what was offered.",
	),
	broken(
		codec.ErrExtensionsRepeated,
		"A response has one Sec-WebSocket-Extensions.",
		"a server and a library, or two proxies, that both answer the offer",
		"Answer in one header.",
	),
}
