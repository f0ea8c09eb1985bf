// Command gobwas-batched echoes messages with gobwas/ws as one would by hand who reads
// its code closely: a large bufio.Reader, all frames in it answered, one flush.
package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"slices"

	"github.com/gobwas/ws"

	"peers/internal/echo"
)

// bufferSize is that of each connection's reader and of its writer, in bytes.
const bufferSize = 64 << 10

func main() {
	library := echo.Library{Serve: echo.Uncompressed(serve)}
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, library))
}

func serve(ln net.Listener) error {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go answer(conn)
	}
}

// answer echoes frame by frame, so it has no need to join fragments.
func answer(conn net.Conn) {
	defer conn.Close()
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	r := bufio.NewReaderSize(conn, bufferSize)
	w := bufio.NewWriterSize(conn, bufferSize)
	header := make([]byte, ws.MaxHeaderSize)
	var payload []byte
	for {
		h, err := ws.ReadHeaderBuffer(r, header)
		if err != nil {
			return
		}
		payload = slices.Grow(payload[:0], int(h.Length))[:h.Length]
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		ws.Cipher(payload, h.Mask, 0)
		h.Masked = false
		if err := ws.WriteHeaderBuffer(w, h, header); err != nil {
			return
		}
		if _, err := w.Write(payload); err != nil {
			return
		}
		if r.Buffered() > 0 && h.OpCode != ws.OpClose {
			continue
		}
		if err := w.Flush(); err != nil || h.OpCode == ws.OpClose {
			return
		}
	}
}
