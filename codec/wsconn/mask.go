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
	random io.Reader
	used   int
	block  [keyBlock]byte
}

// newKeyring returns a keyring that is filled from random, or from crypto/rand if
// that is nil.
func newKeyring(random io.Reader) *keyring {
	if random == nil {
		random = rand.Reader
	}
	return &keyring{random: random, used: keyBlock}
}

// next takes a key, for the holder of queueMu. A source of randomness that fails is
// no state to go on in: crypto/rand ends the program then.
func (k *keyring) next() codec.MaskKey {
	if k.used == keyBlock {
		k.used = 0
		if _, err := io.ReadFull(k.random, k.block[:]); err != nil {
			panic("read masking keys: " + err.Error())
		}
	}
	key := codec.MaskKey(k.block[k.used:])
	k.used += len(key)
	return key
}
