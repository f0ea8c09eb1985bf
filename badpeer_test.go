package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
)

// badPeers are servers that a client must survive. Each serves one connection;
// what it does is written without our own codec.
var badPeers = map[string]func(c *net.TCPConn, arg string){
	// silent accepts and never answers.
	"silent": func(c *net.TCPConn, _ string) { io.Copy(io.Discard, c) },
	// hangup closes when it has read the request.
	"hangup": func(c *net.TCPConn, _ string) { readRequest(c) },
	// raw answers the request with its argument, in which \r\n stands for a
	// line end.
	"raw": func(c *net.TCPConn, arg string) {
		readRequest(c)
		io.WriteString(c, strings.ReplaceAll(arg, `\r\n`, "\r\n"))
	},
	// frames accepts the upgrade, sends the bytes of its argument, which is
	// hex, and then reads until the client closes.
	"frames": func(c *net.TCPConn, arg string) {
		frames, err := hex.DecodeString(strings.ReplaceAll(arg, " ", ""))
		if err != nil {
			panic(err)
		}
		accept(c, "")
		c.Write(frames)
		io.Copy(io.Discard, c)
	},
	// vanish is like frames, but closes the connection after the bytes.
	"vanish": func(c *net.TCPConn, arg string) {
		frames, err := hex.DecodeString(strings.ReplaceAll(arg, " ", ""))
		if err != nil {
			panic(err)
		}
		accept(c, "")
		c.Write(frames)
		c.CloseWrite()
		io.Copy(io.Discard, c)
	},
	// reset accepts the upgrade and resets the connection.
	"reset": func(c *net.TCPConn, _ string) {
		accept(c, "")
		c.SetLinger(0)
	},
	// extra accepts the upgrade with header lines that nobody offered.
	"extra": func(c *net.TCPConn, arg string) {
		accept(c, strings.ReplaceAll(arg, `\r\n`, "\r\n")+"\r\n")
		io.Copy(io.Discard, c)
	},
	// wrong-accept answers 101 with the accept key of another request.
	"wrong-accept": func(c *net.TCPConn, _ string) {
		readRequest(c)
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
		io.Copy(io.Discard, c)
	},
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
