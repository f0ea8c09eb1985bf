package wsconn

import (
	"crypto/rand"
	"io"

	"wskit/codec"
)

// keyBlock is the number of bytes of randomness that are read at once.
const keyBlock = 256

// A keyring gives out masking keys, each of them once (RFC 6455 §5.3).
type keyring struct {
	block *[keyBlock]byte
	used  int
}

// next takes a key. A source of randomness that fails is no state to go on in:
// crypto/rand ends the program then.
func (k *keyring) next(r io.Reader) codec.MaskKey {
	if k.block == nil {
		k.block, k.used = new([keyBlock]byte), keyBlock
	}
	if k.used == keyBlock {
		k.used = 0
		if r == nil {
			r = rand.Reader
		}
		if _, err := io.ReadFull(r, k.block[:]); err != nil {
			panic("read masking keys: " + err.Error())
		}
	}
	key := codec.MaskKey(k.block[k.used:])
	k.used += len(key)
	return key
}

// nextKey is the key of the next frame, for the holder of queueMu.
func (c *Conn) nextKey() codec.MaskKey { return c.keys.next(c.rand) }
