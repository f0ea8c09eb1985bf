package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
)

// A peerConn is a connection of a bad peer.
type peerConn struct {
	*net.TCPConn
	idle chan<- struct{} // of capacity 1: the peer only reads from now on
}

// rest reads until the client closes.
func (c *peerConn) rest() {
	select {
	case c.idle <- struct{}{}:
	default:
	}
	io.Copy(io.Discard, c)
}

// badPeers are servers that a client must survive. Each serves one connection;
// what it does is written without our own codec.
var badPeers = map[string]func(c *peerConn, arg string){
	// silent accepts and never answers.
	"silent": func(c *peerConn, _ string) { c.rest() },
	// mute reads the request and never answers.
	"mute": func(c *peerConn, _ string) {
		readRequest(c)
		c.rest()
	},
	// hangup closes when it has read the request.
	"hangup": func(c *peerConn, _ string) { readRequest(c) },
	// raw answers the request with its argument, in which \r\n stands for a
	// line end and \xHH for a byte.
	"raw": func(c *peerConn, arg string) {
		readRequest(c)
		c.Write(unescape(arg))
	},
	// stall is like raw, but keeps the connection open.
	"stall": func(c *peerConn, arg string) {
		readRequest(c)
		c.Write(unescape(arg))
		c.rest()
	},
	// cut is like raw, but resets the connection.
	"cut": func(c *peerConn, arg string) {
		readRequest(c)
		c.Write(unescape(arg))
		c.SetLinger(0)
	},
	// long answers with a header line that does not end.
	"long": func(c *peerConn, _ string) {
		readRequest(c)
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nA: ")
		c.Write(bytes.Repeat([]byte("a"), 1<<20))
	},
	// frames accepts the upgrade, sends the bytes of its argument, which is
	// hex, and then reads until the client closes.
	"frames": func(c *peerConn, arg string) {
		accept(c, "")
		c.Write(unhex(arg))
		c.rest()
	},
	// hears accepts the upgrade, and only reads once the client has sent something.
	"hears": func(c *peerConn, _ string) {
		accept(c, "")
		c.Read(make([]byte, 1))
		c.rest()
	},
	// vanish is like frames, but closes the connection after the bytes.
	"vanish": func(c *peerConn, arg string) {
		accept(c, "")
		c.Write(unhex(arg))
		c.CloseWrite()
		c.rest()
	},
	// flood sends text messages without end.
	"flood": func(c *peerConn, _ string) {
		accept(c, "")
		messages := bytes.Repeat(append([]byte{0x81, 100}, bytes.Repeat([]byte("x"), 100)...), 100)
		for {
			if _, err := c.Write(messages); err != nil {
				return
			}
		}
	},
	// reset accepts the upgrade and resets the connection.
	"reset": func(c *peerConn, _ string) {
		accept(c, "")
		c.SetLinger(0)
	},
	// extra accepts the upgrade with header lines that nobody offered.
	"extra": func(c *peerConn, arg string) {
		accept(c, string(unescape(arg))+"\r\n")
		c.rest()
	},
	// wrong-accept answers 101 with the accept key of another request.
	"wrong-accept": func(c *peerConn, _ string) {
		readRequest(c)
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
		c.rest()
	},
}

// unescape reads \r, \n and \xHH.
func unescape(s string) []byte {
	var out []byte
	for len(s) > 0 {
		switch {
		case strings.HasPrefix(s, `\r`):
			out, s = append(out, '\r'), s[2:]
		case strings.HasPrefix(s, `\n`):
			out, s = append(out, '\n'), s[2:]
		case strings.HasPrefix(s, `\x`) && len(s) >= 4:
			out, s = append(out, unhex(s[2:4])...), s[4:]
		default:
			out, s = append(out, s[0]), s[1:]
		}
	}
	return out
}

// unhex reads hex with spaces. What is none is a mistake in a test.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func readRequest(c net.Conn) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return &http.Request{Header: http.Header{}}
	}
	return r
}

// accept reads the request and answers it with a 101.
func accept(c net.Conn, extra string) {
	key := readRequest(c).Header.Get("Sec-WebSocket-Key")
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n"+extra+"\r\n")
}
