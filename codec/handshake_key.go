package codec

import (
	"crypto/sha1"
	"encoding/base64"
)

// acceptGUID is what RFC 6455 §1.3 appends to a key.
const acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// keySize is the length of a Sec-WebSocket-Key, 16 bytes in base64.
const keySize = 24

// AppendAcceptKey appends the Sec-WebSocket-Accept that belongs to a
// Sec-WebSocket-Key (RFC 6455 §4.2.2): 28 characters, whether the key is valid or
// not.
func AppendAcceptKey(dst []byte, key string) []byte {
	var buf [keySize + len(acceptGUID)]byte
	sum := sha1.Sum(append(append(buf[:0], key...), acceptGUID...))
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}

// AcceptKey returns what AppendAcceptKey appends.
func AcceptKey(key string) string { return string(AppendAcceptKey(nil, key)) }

// validKey reports whether key is the canonical base64 of 16 bytes (RFC 6455
// §4.1): padded, and without bits left over.
func validKey(key string) bool {
	if len(key) != keySize {
		return false
	}
	var buf [keySize]byte
	n, err := base64.StdEncoding.Strict().Decode(buf[:], []byte(key))
	return err == nil && n == 16
}
