package codec

// The violations of the syntax of a head.
var (
	ErrHeadTooLarge      = headLost("head-too-large", "RFC 6585 §5", 431, "the head is larger than the limit")
	ErrInvalidStartLine  = headLost("invalid-start-line", "RFC 9112 §2.1", 400, "the start line is not HTTP")
	ErrTooManyFields     = refusal("too-many-headers", "RFC 6585 §5", 431, "the head has more header lines than the limit")
	ErrBareLF            = refusal("bare-lf", "RFC 9112 §2.2", 400, "a line must end with CR LF")
	ErrBareCR            = refusal("bare-cr", "RFC 9112 §2.2", 400, "a CR must be followed by LF")
	ErrObsFold           = refusal("folded-header", "RFC 9112 §5.2", 400, "a header line must not be folded")
	ErrFieldWithoutColon = refusal("header-without-colon", "RFC 9112 §5", 400, "a header line needs a colon")
	ErrSpaceBeforeColon  = refusal("space-before-colon", "RFC 9112 §5.1", 400, "no white space may stand before the colon of a header")
	ErrInvalidFieldName  = refusal("invalid-header-name", "RFC 9110 §5.1", 400, "a header name must be a token")
	ErrInvalidFieldValue = refusal("invalid-header-value", "RFC 9110 §5.5", 400, "a header value must have no control characters")
)

// The violations of an opening handshake that either end can commit.
var (
	ErrHandshakeHTTPVersion = refusal("handshake-http-version", "RFC 6455 §4.1", 400, "a handshake needs HTTP/1.1 or later")
	ErrUpgradeMissing       = refusal("upgrade-missing", "RFC 6455 §4.1", 426, "the Upgrade header must say websocket")
	ErrConnectionMissing    = refusal("connection-missing", "RFC 6455 §4.1", 400, "the Connection header must say Upgrade")
	ErrSubprotocolRepeated  = refusal("subprotocol-repeated", "RFC 6455 §4.1", 400, "a subprotocol must be named once")
	ErrSubprotocolInvalid   = refusal("subprotocol-invalid", "RFC 6455 §4.1", 400, "the name of a subprotocol must be a token")
)

// The violations that only the request can commit. ErrNotUpgrade is none, strictly:
// it tells an ordinary request from an upgrade that is broken.
var (
	ErrNotUpgrade         = refusal("not-an-upgrade", "RFC 6455 §4.2.1", 426, "the request asks for no upgrade to websocket")
	ErrHandshakeMethod    = refusal("handshake-method", "RFC 6455 §4.1", 405, "the method of a handshake must be GET")
	ErrHandshakeBody      = refusal("handshake-body", "RFC 9110 §9.3.1", 400, "a handshake must have no body")
	ErrHostMissing        = refusal("host-missing", "RFC 6455 §4.1", 400, "a request needs a Host header")
	ErrHostRepeated       = refusal("host-repeated", "RFC 9112 §3.2", 400, "a request must have one Host header")
	ErrVersionMissing     = refusal("version-missing", "RFC 6455 §4.1", 426, "a handshake needs a Sec-WebSocket-Version header")
	ErrVersionRepeated    = refusal("version-repeated", "RFC 6455 §11.3.5", 400, "a request must have one Sec-WebSocket-Version header")
	ErrVersionUnsupported = refusal("version-unsupported", "RFC 6455 §4.4", 426, "the version of the protocol must be 13")
	ErrKeyMissing         = refusal("key-missing", "RFC 6455 §4.1", 400, "a handshake needs a Sec-WebSocket-Key header")
	ErrKeyRepeated        = refusal("key-repeated", "RFC 6455 §11.3.1", 400, "a request must have one Sec-WebSocket-Key header")
	ErrKeyInvalid         = refusal("key-invalid", "RFC 6455 §4.1", 400, "the key must be 16 bytes in base64")
)

// The violations that only the response can commit. No server answers them.
var (
	ErrHandshakeStatus       = refusal("handshake-status", "RFC 6455 §4.1", 0, "the server must answer with 101 Switching Protocols")
	ErrAcceptMissing         = refusal("accept-missing", "RFC 6455 §4.1", 0, "the response needs a Sec-WebSocket-Accept header")
	ErrAcceptRepeated        = refusal("accept-repeated", "RFC 6455 §11.3.3", 0, "a response must have one Sec-WebSocket-Accept header")
	ErrAcceptWrong           = refusal("accept-wrong", "RFC 6455 §4.1", 0, "Sec-WebSocket-Accept must be computed from the key of the request")
	ErrSubprotocolNotOffered = refusal("subprotocol-not-offered", "RFC 6455 §4.1", 0, "the server must choose a subprotocol that was offered")
	ErrExtensionsRepeated    = refusal("extensions-repeated", "RFC 6455 §11.3.2", 0, "a response must have one Sec-WebSocket-Extensions header")
)

func refusal(code, section string, status int, reason string) *Violation {
	return &Violation{Code: code, Section: section, Status: status, Reason: reason}
}

// headLost is the violation of a head after which nothing more can be read.
func headLost(code, section string, status int, reason string) *Violation {
	v := refusal(code, section, status, reason)
	v.Recovery = StreamLost
	return v
}

// handshakeViolations lists the violations of the opening handshake and of the
// negotiation of extensions.
func handshakeViolations() []*Violation {
	list := []*Violation{
		ErrHeadTooLarge, ErrInvalidStartLine, ErrTooManyFields, ErrBareLF, ErrBareCR, ErrObsFold,
		ErrFieldWithoutColon, ErrSpaceBeforeColon, ErrInvalidFieldName, ErrInvalidFieldValue,
		ErrHandshakeHTTPVersion, ErrUpgradeMissing, ErrConnectionMissing, ErrSubprotocolRepeated, ErrSubprotocolInvalid,
		ErrNotUpgrade, ErrHandshakeMethod, ErrHandshakeBody, ErrHostMissing, ErrHostRepeated,
		ErrVersionMissing, ErrVersionRepeated, ErrVersionUnsupported, ErrKeyMissing, ErrKeyRepeated, ErrKeyInvalid,
		ErrHandshakeStatus, ErrAcceptMissing, ErrAcceptRepeated, ErrAcceptWrong,
		ErrSubprotocolNotOffered, ErrExtensionsRepeated,
	}
	return append(list, extensionViolations()...)
}
