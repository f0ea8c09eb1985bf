package trace

import "wskit/codec"

// closeTopic is what is known about a close code or a range of them.
type closeTopic struct {
	first, last            int
	title                  string
	section                string
	meaning, cause, remedy string
}

// noTitle marks the codes that take their title from codec.
const noTitle = ""

// closeTopics are all numbers that two bytes can hold, in order.
var closeTopics = []closeTopic{
	{
		0, 999, "not used", "RFC 6455 §7.4.2",
		"Close codes begin at 1000. A peer that receives a lower one must close with 1002.",
		"an HTTP status, an exit code or an error number sent as close code",
		"Use 1000 for a normal end, or 4000-4999 for a code of your own.",
	},
	{
		1000, 1000, noTitle, "RFC 6455 §7.4.1",
		"The purpose of the connection is fulfilled. Nothing is wrong.",
		"either side called close() when it was done",
		"If it comes too early, look at the last messages before it: wskit inspect URL.",
	},
	{
		1001, 1001, noTitle, "RFC 6455 §7.4.1",
		"The endpoint goes away: a server shuts down, or a browser leaves the page.",
		"a restart or a deployment of the server, a page that was closed or reloaded",
		"Reconnect after a short random pause, so that not all clients come back at once.",
	},
	{
		1002, 1002, noTitle, "RFC 6455 §7.4.1",
		"The endpoint that sent it says that the other side broke a rule of the protocol.",
		"a hand-written or outdated implementation, or a proxy that changes frames",
		"wskit inspect URL names the rule and the frame; wskit explain NAME tells more about it.",
	},
	{
		1003, 1003, noTitle, "RFC 6455 §7.4.1",
		"The endpoint received a kind of data that it does not take, such as binary where it wants text.",
		"a server that takes only text, or only binary",
		"Send the other kind: a line of wskit connect is text, -b sends binary.",
	},
	{
		1004, 1004, "reserved", "RFC 6455 §7.4.1",
		"It has no meaning yet and must not be sent.",
		"a code chosen at random",
		"Use 4000-4999 for a code of your own.",
	},
	{
		1005, 1005, noTitle, "RFC 6455 §7.4.1",
		"It never travels: an endpoint reports it to its application when the close frame had no code.",
		"the other side called close() without arguments",
		"Nothing is wrong. Give a code when closing, if the reason matters. Never send 1005.",
	},
	{
		1006, 1006, noTitle, "RFC 6455 §7.4.1",
		"It never travels: an endpoint reports it to its application when the connection ended without a close frame. TCP was closed or reset, TLS failed, or the opening handshake failed; a browser does not say which.",
		"a server that crashed; a proxy or load balancer that cuts idle connections, often after 60 s; a network that went away; and in a browser any refused handshake",
		"wskit connect -v URL shows whether the handshake works, and what the server answered if it does not. wskit inspect URL shows the last frames, how the connection ended and after how long a silence; if that is always the same, it is an idle time-out: send pings more often (wskit serve --ping-interval 20s), or raise the limit at the proxy (nginx: proxy_read_timeout). Try it without the proxy too.",
	},
	{
		1007, 1007, noTitle, "RFC 6455 §7.4.1",
		"A message did not hold what its kind promises: above all, text that is not UTF-8, or a compressed message that cannot be inflated.",
		"binary data or Latin-1 sent as text, a string cut inside a character, compression that is out of step",
		"wskit inspect URL names the message and what is wrong with it.",
	},
	{
		1008, 1008, noTitle, "RFC 6455 §7.4.1",
		"A message broke a rule of the application, and no other code fits.",
		"missing or expired credentials, a rate limit, a message that is not allowed; here, also too many fragments",
		"Read the reason in the close frame, and the server's log.",
	},
	{
		1009, 1009, noTitle, "RFC 6455 §7.4.1",
		"A message was larger than the endpoint that sent the close takes.",
		"a limit of the library, often 1 MiB or less, or of a proxy",
		"Send smaller messages, or raise the limit at the receiver. Fragments do not help: the limit is for the whole message, and once it is inflated.",
	},
	{
		1010, 1010, noTitle, "RFC 6455 §7.4.1",
		"The client wanted an extension that the server did not agree to. Only clients send it.",
		"a client that insists on an extension",
		"Compare offer and answer: wskit inspect URL shows both.",
	},
	{
		1011, 1011, noTitle, "RFC 6455 §7.4.1",
		"The server met an error of its own. With keepalive, some libraries send it when a pong stays out.",
		"an exception in the code that handles a message",
		"Look at the server's log, and at the last message before the close: wskit inspect URL.",
	},
	{
		1012, 1012, noTitle, "IANA registry",
		"The server restarts.",
		"a deployment",
		"Reconnect after a random pause of 5 to 30 s.",
	},
	{
		1013, 1013, noTitle, "IANA registry",
		"The server is overloaded. The client should come back later.",
		"a limit on connections or on work",
		"Wait longer before each new attempt.",
	},
	{
		1014, 1014, noTitle, "IANA registry",
		"A gateway got a bad answer from the server behind it, as with status 502 of HTTP.",
		"the server behind the gateway is down, or does not speak WebSocket",
		"Connect to the server without the gateway.",
	},
	{
		1015, 1015, noTitle, "RFC 6455 §7.4.1",
		"It never travels: an endpoint reports it to its application when TLS failed.",
		"a certificate that has expired, is for another name, or is signed by nobody known",
		"wskit connect -v URL names the fault. --cacert FILE trusts another authority; -k checks nothing, for a test.",
	},
	{
		1016, 2999, "not assigned", "RFC 6455 §7.4.2",
		"It is kept for future versions of the protocol and must not be sent. A peer that receives it closes with 1002.",
		"a code chosen at random",
		"Use 4000-4999 for a code of your own.",
	},
	{
		3000, 3999, "registered", "RFC 6455 §7.4.2",
		"It is for libraries, frameworks and applications that have registered it with IANA. The protocol gives it no meaning: 3000 is registered as unauthorized, 3003 as forbidden, 3008 as timeout.",
		"a framework or a service on top of WebSocket",
		"Look into the documentation of the service, and read the reason in the close frame.",
	},
	{
		4000, 4999, "private", "RFC 6455 §7.4.2",
		"It is free for applications to agree on. The protocol gives it no meaning.",
		"the application on the other side: many use 4401 or 4001 for missing credentials",
		"Look into the documentation of the service, and read the reason in the close frame.",
	},
	{
		5000, 65535, "not used", "RFC 6455 §7.4.2",
		"Close codes end at 4999. A peer that receives a higher one must close with 1002.",
		"an error number sent as close code, or its two bytes in the wrong order",
		"Write the high byte first, and use 4000-4999 for a code of your own.",
	},
}

// name returns the title of code, which is in the range of t.
func (t closeTopic) name(code int) string {
	if t.title != noTitle {
		return t.title
	}
	return codec.CloseCode(code).Name()
}
