package codec_test

import (
	"bytes"
	"strings"
	"testing"

	"wskit/codec"
)

// keys returns a Key function that counts up from 1.
func keys() func() codec.MaskKey {
	var n byte
	return func() codec.MaskKey {
		n++
		return codec.MaskKey{n, n, n, n}
	}
}

func TestEncoder(t *testing.T) {
	long := strings.Repeat("x", 126)
	tests := []struct {
		name   string
		role   codec.Role
		encode func(e *codec.Encoder, dst []byte) []byte
		want   string
	}{
		{
			name: "server's frame",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendFrame(b, codec.Header{Fin: true, Opcode: 1}, []byte("Hello"))
			},
			want: "\x81\x05Hello",
		},
		{
			name: "client's frame", role: codec.RoleClient,
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendFrame(b, codec.Header{Fin: true, Opcode: 1}, []byte("Hello"))
			},
			want: "\x81\x85\x01\x01\x01\x01Idmmn",
		},
		{
			name: "mask, key, length and form are the encoder's",
			encode: func(e *codec.Encoder, b []byte) []byte {
				h := codec.Header{RSV: 7, Opcode: 0xF, Masked: true, Key: codec.MaskKey{9}, Form: 64, Length: 99}
				return e.AppendFrame(b, h, []byte("ab"))
			},
			want: "\x7F\x02ab",
		},
		{
			name: "a long frame",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendFrame(b, codec.Header{Opcode: 2}, []byte(long))
			},
			want: "\x02\x7E\x00\x7E" + long,
		},
		{
			name: "message in one frame",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendMessage(b, codec.OpText, false, []byte("abc"), 0)
			},
			want: "\x81\x03abc",
		},
		{
			name:   "empty message",
			encode: func(e *codec.Encoder, b []byte) []byte { return e.AppendMessage(b, codec.OpBinary, false, nil, 4) },
			want:   "\x82\x00",
		},
		{
			name: "message of just one fragment",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendMessage(b, codec.OpText, false, []byte("abc"), 3)
			},
			want: "\x81\x03abc",
		},
		{
			name: "message in fragments",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendMessage(b, codec.OpText, false, []byte("abcde"), 2)
			},
			want: "\x01\x02ab\x00\x02cd\x80\x01e",
		},
		{
			name: "each fragment has its own key", role: codec.RoleClient,
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendMessage(b, codec.OpText, false, []byte("ab"), 1)
			},
			want: "\x01\x81\x01\x01\x01\x01`\x80\x81\x02\x02\x02\x02`",
		},
		{
			name: "RSV1 on the first fragment only",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendMessage(b, codec.OpText, true, []byte("abc"), 1)
			},
			want: "\x41\x01a\x00\x01b\x80\x01c",
		},
		{
			name: "compressed in one frame",
			encode: func(e *codec.Encoder, b []byte) []byte {
				return e.AppendMessage(b, codec.OpText, true, []byte("abc"), 0)
			},
			want: "\xC1\x03abc",
		},
		{
			name:   "ping",
			encode: func(e *codec.Encoder, b []byte) []byte { return e.AppendControl(b, codec.OpPing, []byte("p")) },
			want:   "\x89\x01p",
		},
		{
			name:   "control frame that just fits",
			encode: func(e *codec.Encoder, b []byte) []byte { return e.AppendControl(b, codec.OpPong, []byte(long[1:])) },
			want:   "\x8A\x7D" + long[1:],
		},
		{
			name:   "control frame that is cut",
			encode: func(e *codec.Encoder, b []byte) []byte { return e.AppendControl(b, codec.OpPong, []byte(long)) },
			want:   "\x8A\x7D" + long[1:],
		},
		{
			name: "header for a payload to come", role: codec.RoleClient,
			encode: func(e *codec.Encoder, b []byte) []byte {
				b, h := e.AppendHeader(b, codec.Header{Fin: true, Opcode: codec.OpBinary, Length: 70000})
				payload := []byte("abc")
				codec.Mask(h.Key, 0, payload)
				return append(b, payload...)
			},
			want: "\x82\xFF\x00\x00\x00\x00\x00\x01\x11\x70\x01\x01\x01\x01`cb",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := &codec.Encoder{Role: tt.role, Key: keys()}
			got := tt.encode(e, []byte("before"))
			if want := "before" + tt.want; string(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestEncoderHeader compares what AppendHeader says that it wrote with what it
// wrote.
func TestEncoderHeader(t *testing.T) {
	for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
		for _, length := range []uint64{0, 125, 126, 65535, 65536} {
			e := &codec.Encoder{Role: role, Key: keys()}
			wire, h := e.AppendHeader(nil, codec.Header{Opcode: codec.OpText, Length: length, Masked: true, Key: codec.MaskKey{9}})
			if got, n, err := codec.ParseHeader(wire); err != nil || n != len(wire) || got != h {
				t.Errorf("as %v, %d bytes: wrote %+v, %v; said %+v", role, length, got, err, h)
			}
		}
	}
}

// TestEncoderLeavesPayload shows that a client's caller keeps its bytes, and the
// bytes behind dst stay as they were.
func TestEncoderLeavesPayload(t *testing.T) {
	payload := []byte("payload of the caller")
	kept := bytes.Clone(payload)
	e := &codec.Encoder{Role: codec.RoleClient, Key: keys()}
	wire := e.AppendMessage([]byte("before"), codec.OpText, false, payload, 5)
	if !bytes.Equal(payload, kept) {
		t.Errorf("the payload changed to %q", payload)
	}
	if !bytes.HasPrefix(wire, []byte("before")) {
		t.Errorf("what was there changed to %q", wire[:6])
	}
}
