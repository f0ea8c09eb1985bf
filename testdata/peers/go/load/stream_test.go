package main

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// What is sent again and again must stay valid: a decompressor that has seen several
// rounds must still find each document.
func TestDeflateStream(t *testing.T) {
	for _, tt := range []struct {
		name     string
		takeover bool
		flight   int
	}{
		{"no takeover", false, 1},
		{"takeover", true, 1},
		{"takeover, pipelined", true, 32},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := deflateStream(1024, tt.takeover, tt.flight)
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			var want [documents][]byte
			for i := range want {
				want[i] = document(random, i, 1024)
			}
			var window []byte
			c := &conn{}
			for i := range 5 * documents {
				message := inflate(t, unmask(s.data[c.off:s.ends[c.next]]), window)
				if !bytes.Equal(message, want[i%documents]) {
					t.Fatalf("message %d is %q, want %q", i, message, want[i%documents])
				}
				if tt.takeover {
					window = append(window, message...)
					window = window[max(0, len(window)-32<<10):]
				}
				c.due++
				s.advance(c, s.ends[c.next]-c.off)
				if last := c.due + tt.flight; last > len(s.ends) {
					t.Fatalf("a flight ends at message %d of %d", last, len(s.ends))
				}
			}
		})
	}
}

// unmask returns the payload of a frame that appendFrame made.
func unmask(frame []byte) []byte {
	size, length := headerSize([]byte{frame[0], frame[1] &^ 0x80, frame[2], frame[3]})
	key, payload := frame[size:size+4], bytes.Clone(frame[size+4:][:length])
	for i := range payload {
		payload[i] ^= key[i%4]
	}
	return payload
}

func inflate(t *testing.T, compressed, window []byte) []byte {
	t.Helper()
	r := io.MultiReader(bytes.NewReader(compressed), strings.NewReader(deflateTail+emptyBlock))
	message, err := io.ReadAll(flate.NewReaderDict(r, window))
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// The bytes of a connection are the same whether they are taken in pieces or not.
func TestAdvance(t *testing.T) {
	s := plainStream(binaryPayload(100), opBinary, false, 3)
	whole, pieces := &conn{}, &conn{}
	for i := range 50 {
		whole.due++
		s.advance(whole, s.ends[whole.next]-whole.off)
		pieces.due++
		for sent := 0; sent < 106; sent += 53 {
			s.advance(pieces, 53)
		}
		if whole.off != pieces.off || whole.next != pieces.next || whole.due != pieces.due {
			t.Fatalf("after %d messages %+v, in pieces %+v", i+1, whole, pieces)
		}
	}
}

func TestPayloads(t *testing.T) {
	text := textPayload(1024)
	if len(text) != 1024 || !utf8.Valid(text) || utf8.RuneCount(text) > 800 {
		t.Errorf("text has %d bytes, %d characters, valid: %t", len(text), utf8.RuneCount(text), utf8.Valid(text))
	}
	doc := document(rand.New(rand.NewPCG(3, 4)), 1, 1024)
	if len(doc) != 1024 || !json.Valid(doc) {
		t.Errorf("the document has %d bytes: %s", len(doc), doc)
	}
}
