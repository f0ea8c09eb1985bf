package wsserver

import (
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// Opened tells of a connection that has begun. What the peer sent is as it was
// sent: escape it before showing it.
type Opened struct {
	// N numbers the connections of a server from 1.
	N uint64
	// Name is that of Session.Name or Config.NameQuery, "" for none.
	Name string
	// Remote is the peer's address.
	Remote string
	// Path is the path of the request, percent-encoded.
	Path string
	// Subprotocol is what was agreed, "" for none.
	Subprotocol string
	// Deflate is what was agreed, nil for none.
	Deflate *codec.Deflate
}

// Closed tells of a connection that has ended.
type Closed struct {
	// N is the number under which it was opened.
	N uint64
	// End says how it ended.
	End *wsconn.CloseError
	// Stats counts what it carried.
	Stats wsconn.Stats
	// Duration is the time since it was opened.
	Duration time.Duration
}

// Refused tells of a request that was refused.
type Refused struct {
	// Remote is the peer's address.
	Remote string
	// Path is the path of the request, percent-encoded.
	Path string
	// Status is the HTTP status of the response, zero when there was none.
	Status int
	// Reason says why, in a few words. What the peer sent is quoted in it.
	Reason string
	// Hint says what would allow it, a flag of wskit serve that is ready to
	// paste or advice, or is empty.
	Hint string
}

// Requested tells of an HTTP request: an upgrade or any other. What the peer sent
// is as it was sent: escape it before showing it.
type Requested struct {
	// Remote is the peer's address.
	Remote string
	// Method, Target and Host are those of the request.
	Method, Target, Host string
	// Status is the HTTP status of the response, zero when there was none.
	Status int
	// Duration is the time until the response was written.
	Duration time.Duration
}
