package codec

import (
	"encoding/binary"
	"math/bits"
)

// MaskKey is the masking key of a frame (RFC 6455 §5.3).
type MaskKey [4]byte

// Mask XORs b in place with key, as RFC 6455 §5.3 masks and unmasks a payload.
// Offset is where b begins within the payload: a payload may be masked piece by
// piece. Masking twice gives the bytes back.
func Mask(key MaskKey, offset uint64, b []byte) {
	k := bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*int(offset&3))
	k64 := uint64(k)<<32 | uint64(k)

	// Eight words a turn let the processor keep several loads and stores in
	// flight; one word a turn runs at less than half the speed.
	for len(b) >= 64 {
		p := (*[64]byte)(b)
		binary.LittleEndian.PutUint64(p[0:8], binary.LittleEndian.Uint64(p[0:8])^k64)
		binary.LittleEndian.PutUint64(p[8:16], binary.LittleEndian.Uint64(p[8:16])^k64)
		binary.LittleEndian.PutUint64(p[16:24], binary.LittleEndian.Uint64(p[16:24])^k64)
		binary.LittleEndian.PutUint64(p[24:32], binary.LittleEndian.Uint64(p[24:32])^k64)
		binary.LittleEndian.PutUint64(p[32:40], binary.LittleEndian.Uint64(p[32:40])^k64)
		binary.LittleEndian.PutUint64(p[40:48], binary.LittleEndian.Uint64(p[40:48])^k64)
		binary.LittleEndian.PutUint64(p[48:56], binary.LittleEndian.Uint64(p[48:56])^k64)
		binary.LittleEndian.PutUint64(p[56:64], binary.LittleEndian.Uint64(p[56:64])^k64)
		b = b[64:]
	}
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^k64)
		b = b[8:]
	}
	if len(b) >= 4 {
		binary.LittleEndian.PutUint32(b, binary.LittleEndian.Uint32(b)^k)
		b = b[4:]
	}
	for i := range b {
		b[i] ^= byte(k)
		k >>= 8
	}
}
