package scripts

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"reflect"

	"github.com/dop251/goja"

	"wskit/codec"
)

// maxRandom is how much getRandomValues gives at once, in bytes, as the standard has it.
const maxRandom = 65536

// seed fixes Math.random.
func seed(vm *goja.Runtime, n uint64) {
	vm.SetRandSource(mathrand.New(mathrand.NewPCG(n, 0)).Float64)
}

// defineCrypto defines crypto, which no seed fixes.
func (e *Engine) defineCrypto() {
	o := e.vm.NewObject()
	o.Set("getRandomValues", func(c goja.FunctionCall) goja.Value {
		b, ok := bytesOf(c.Argument(0))
		if ok {
			switch c.Argument(0).ExportType() {
			case typeOfBuffer, reflect.TypeFor[[]float32](), reflect.TypeFor[[]float64]():
				ok = false
			}
		}
		if !ok {
			panic(e.vm.NewTypeError("getRandomValues takes an array of integers such as a Uint8Array"))
		}
		if len(b) > maxRandom {
			panic(e.newNamedError("QuotaExceededError", fmt.Sprintf("getRandomValues gives %d bytes at most", maxRandom)))
		}
		rand.Read(b)
		return c.Argument(0)
	})
	o.Set("randomUUID", newUUID)
	e.vm.Set("crypto", o)
}

// newUUID returns a random UUID (RFC 9562 §5.4).
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func newKey() (key codec.MaskKey) {
	rand.Read(key[:])
	return key
}
