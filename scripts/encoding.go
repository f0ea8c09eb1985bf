package scripts

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
	"golang.org/x/text/encoding/unicode"
)

// The names of UTF-8 that a TextDecoder takes.
var utf8Labels = []string{"utf-8", "utf8", "unicode-1-1-utf-8"}

// bom is the byte order mark in UTF-8.
const bom = "\uFEFF"

// defineEncoding defines TextEncoder, TextDecoder, atob and btoa as the standards of the
// web have them, for UTF-8 and without streams.
func (e *Engine) defineEncoding() {
	encoder := e.class("TextEncoder", func(c goja.ConstructorCall) *goja.Object {
		c.This.Set("encoding", utf8Labels[0])
		return nil
	})
	encoder.Set("encode", func(c goja.FunctionCall) goja.Value {
		text := ""
		if v := c.Argument(0); !goja.IsUndefined(v) {
			text = v.String()
		}
		return e.bytes([]byte(text))
	})
	encoder.Set("encodeInto", e.jsEncodeInto)
	decoder := e.class("TextDecoder", e.newDecoder)
	decoder.Set("decode", e.jsDecode)
	e.vm.Set("atob", e.jsAtob)
	e.vm.Set("btoa", e.jsBtoa)
}

// class defines a global constructor and returns its prototype.
func (e *Engine) class(name string, construct func(goja.ConstructorCall) *goja.Object) *goja.Object {
	c := e.vm.ToValue(construct).ToObject(e.vm)
	c.DefineDataProperty("name", e.vm.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	e.vm.Set(name, c)
	return c.Get("prototype").ToObject(e.vm)
}

func (e *Engine) jsEncodeInto(c goja.FunctionCall) goja.Value {
	into, ok := bytesOf(c.Argument(1))
	if !ok {
		panic(e.vm.NewTypeError("encodeInto takes a string and a Uint8Array"))
	}
	read, written := 0, 0
	for _, r := range c.Argument(0).String() {
		n := utf8.RuneLen(r)
		if written+n > len(into) {
			break
		}
		utf8.EncodeRune(into[written:], r)
		written += n
		if read++; r > 0xFFFF {
			read++ // it is counted in units of UTF-16
		}
	}
	o := e.vm.NewObject()
	o.Set("read", read)
	o.Set("written", written)
	return o
}

func (e *Engine) newDecoder(c goja.ConstructorCall) *goja.Object {
	if v := c.Argument(0); !goja.IsUndefined(v) && !slices.Contains(utf8Labels, strings.ToLower(strings.TrimSpace(v.String()))) {
		panic(e.newNamedError("RangeError", "a TextDecoder is for UTF-8 only, not for "+v.String()))
	}
	fatal, keep := false, false
	if o, ok := c.Argument(1).(*goja.Object); ok {
		fatal, keep = isTrue(o, "fatal"), isTrue(o, "ignoreBOM")
	}
	c.This.Set("encoding", utf8Labels[0])
	c.This.Set("fatal", fatal)
	c.This.Set("ignoreBOM", keep)
	return nil
}

func (e *Engine) jsDecode(c goja.FunctionCall) goja.Value {
	this := c.This.ToObject(e.vm)
	var data []byte
	if v := c.Argument(0); !goja.IsUndefined(v) {
		b, ok := bytesOf(v)
		if !ok {
			panic(e.vm.NewTypeError("decode takes an ArrayBuffer or a view of one"))
		}
		data = b
	}
	if o, ok := c.Argument(1).(*goja.Object); ok && isTrue(o, "stream") {
		panic(e.vm.NewTypeError("this TextDecoder has no streams"))
	}
	if isTrue(this, "fatal") && !utf8.Valid(data) {
		panic(e.vm.NewTypeError("the data is not UTF-8"))
	}
	text := decodeText(data)
	if !isTrue(this, "ignoreBOM") {
		text = strings.TrimPrefix(text, bom)
	}
	return e.vm.ToValue(text)
}

// decodeText returns b as text; each maximal part of it that is ill-formed becomes a
// U+FFFD, as the Encoding Standard has it.
func decodeText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	valid, err := unicode.UTF8.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(valid)
}

// space is what atob skips.
const space = " \t\n\f\r"

func (e *Engine) jsAtob(c goja.FunctionCall) goja.Value {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(space, r) {
			return -1
		}
		return r
	}, c.Argument(0).String())
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		panic(e.newNamedError("InvalidCharacterError", "atob: this is not base64"))
	}
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return e.vm.ToValue(string(runes))
}

func (e *Engine) jsBtoa(c goja.FunctionCall) goja.Value {
	var data bytes.Buffer
	for _, r := range c.Argument(0).String() {
		if r > 0xFF {
			panic(e.newNamedError("InvalidCharacterError", "btoa: a character is larger than a byte"))
		}
		data.WriteByte(byte(r))
	}
	return e.vm.ToValue(base64.StdEncoding.EncodeToString(data.Bytes()))
}
