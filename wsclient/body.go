package wsclient

import (
	"io"
	"net/http/httputil"
	"strconv"

	"wskit/codec"
)

// readBody reads the start of the body behind head, and reports whether there is
// more. What cannot be read is no body: it is for showing only.
func readBody(r io.Reader, head *codec.Head, status int) (body []byte, more bool) {
	if status == 204 || status == 304 {
		return nil, false
	}
	if head.ContainsToken("Transfer-Encoding", "chunked") {
		r = httputil.NewChunkedReader(r)
	} else if head.Has("Content-Length") {
		n, err := strconv.ParseInt(head.Get("Content-Length"), 10, 64)
		if err != nil {
			return nil, false
		}
		r = io.LimitReader(r, n)
	}
	body, _ = io.ReadAll(io.LimitReader(r, maxBodyBytes+1))
	if len(body) > maxBodyBytes {
		return body[:maxBodyBytes], true
	}
	return body, false
}
