package scripts

import (
	"strings"
	"testing"
)

func TestPrinted(t *testing.T) {
	tests := []struct{ code, want string }{
		{`'a "b" é'`, `a "b" é`},
		{`({ a: 1, b: [true, null, 'x<y', -1.5], c: {} })`, `{"a":1,"b":[true,null,"x<y",-1.5],"c":{}}`},
		{`[]`, `[]`},
		{`({ at: new Date(0), n: Object(1), s: Object('x'), j: { toJSON: () => [1] } })`, `{"at":"1970-01-01T00:00:00.000Z","n":1,"s":"x","j":[1]}`},
		{`new TypeError('bad')`, `TypeError: bad`},
		{`({ e: new Error('bad\nworse') })`, "{\"e\":Error: bad\nworse}"},
		{`new Uint8Array([104, 101, 108, 108, 111])`, `Uint8Array(5) 68 65 6c 6c 6f`},
		{`({ fin: true, data: new Uint8Array(2).buffer })`, `{"fin":true,"data":ArrayBuffer(2) 00 00}`},
		{`new Uint8Array(33)`, `Uint8Array(33)` + strings.Repeat(" 00", 32) + ` …`},
		{`new Uint8Array()`, `Uint8Array(0)`},
		{`new DataView(new Uint8Array([1, 2, 3]).buffer, 1)`, `DataView(2) 02 03`},
		{`new Map([['a', 1], [{ b: 2 }, new Set([3, 'c'])]])`, `Map(2) {"a" => 1, {"b":2} => Set(2) {3, "c"}}`},
		{`new Set()`, `Set(0) {}`},
		{`12n`, `12n`},
		{`({ n: [12n] })`, `{"n":[12n]}`},
		{`undefined`, `undefined`},
		{`({ a: undefined, b: [undefined, , NaN] })`, `{"a":undefined,"b":[undefined,null,NaN]}`},
		{`function sum() {}`, `[function sum]`},
		{`[() => 1, class A {}]`, `[[function],[function A]]`},
		{`Symbol('s')`, `Symbol(s)`},
		{`({ r: /x/g })`, `{"r":/x/g}`},
		{`Object.create(null)`, `{}`},
		{`(o => o.self = o)({ a: 1 })`, `{"a":1,"self":[circular]}`},
		{`(x => ({ a: x, b: x }))([1])`, `{"a":[1],"b":[1]}`},
		{`({ get a() { throw new Error('getter') }, b: 1 })`, `{"a":"[error]","b":1}`},
		{`({ toJSON() { throw new Error('toJSON') }, b: 1 })`, `{"toJSON":[function toJSON],"b":1}`},
		{`new Proxy({}, { ownKeys() { throw 1 } })`, `{}`},
		{`new Proxy({}, { get() { throw 1 } })`, `{}`},
		{`(p => { p.revoke(); return p.proxy })(Proxy.revocable({}, {}))`, `[object]`},
		{`Object.assign(new Error('x'), { toString() { throw 1 } })`, `[object]`},
		{`(a => { a[2e9] = 1; return [a.length, a].length })([])`, `2`},
	}
	e := bareEngine(t, shortText)
	for _, test := range tests {
		v, err := e.vm.RunString("(() => { return " + test.code + "})()")
		if err != nil {
			t.Fatalf("%s: %v", test.code, err)
		}
		if got := e.printed(v); got != test.want {
			t.Errorf("%s: %s, want %s", test.code, got, test.want)
		}
	}
	for _, code := range []string{`(a => { a[2e9] = 1; return a })([])`, `(() => { let a = 1; for (let i = 0; i < 1e5; i++) a = [a]; return a })()`} {
		v, err := e.vm.RunString(code)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.printed(v); !strings.Contains(got, "…") || len(got) > maxPrinted+100 {
			t.Errorf("%s: %d bytes", code, len(got))
		}
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct{ pattern, message, want string }{
		{`{ a: v => v > 1 }`, `{"a":2}`, "true"},
		{`{ a: v => v > 1 }`, `{"a":1}`, "false"},
		{`{ a: v => v.b[0].c === 'x' }`, `{"a":{"b":[{"c":"x"}]}}`, "true"},
		{`{ a: v => false }`, `{"a":1}`, "false"},
		{`{ a: [/^x/, { b: /y/g }] }`, `{"a":["x1",{"b":"yy"}]}`, "true"},
		{`{ a: /x/ }`, `{"a":"y"}`, "false"},
		{`{ a: /1/ }`, `{"a":1}`, "false"},
		{`{ a: null, b: 1.5, c: true, d: '' }`, `{"a":null,"b":1.5,"c":true,"d":""}`, "true"},
		{`{ a: Object('x'), b: new Date(0) }`, `{"a":"x","b":"1970-01-01T00:00:00.000Z"}`, "true"},
		{`{ a: async v => true }`, `{"a":1}`, "TypeError: the function of a pattern must not be async"},
		{`{ a: v => { throw new RangeError('mine') } }`, `{"a":1}`, "RangeError: mine"},
		{`{ a: undefined }`, `{}`, `TypeError: no JSON contains undefined, which the pattern has at "a"`},
		{`{ a: [1n] }`, `{}`, `TypeError: no JSON contains 1n, which the pattern has at "a.0"`},
		{`{ a: NaN }`, `{}`, `TypeError: no JSON contains NaN, which the pattern has at "a"`},
		{`{ a: [, 1] }`, `{}`, `TypeError: no JSON contains a hole, which the pattern has at "a.0"`},
		{`new Map()`, `{}`, `TypeError: no JSON contains a value of the class Map, which the pattern has`},
		{`{ a: new Set() }`, `{}`, `TypeError: no JSON contains a value of the class Set, which the pattern has at "a"`},
		{`{ a: new Uint8Array(1) }`, `{}`, `TypeError: no JSON contains bytes, which the pattern has at "a"`},
		{`(o => o.o = o)({})`, `{}`, `TypeError: a pattern is circular, or nested too deep`},
	}
	e := bareEngine(t, shortText)
	for _, test := range tests {
		v, err := e.vm.RunString("(" + test.pattern + ")")
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeJSON([]byte(test.message))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a global RegExp begins anew
			ok := false
			err = recovered(func() (err error) {
				ok, err = e.contains(got, e.newPattern(v).json)
				return err
			})
			is := "false"
			if err != nil {
				is = strings.SplitN(err.Error(), " at test", 2)[0]
			} else if ok {
				is = "true"
			}
			if !strings.HasPrefix(is, test.want) {
				t.Errorf("%s with %s: %s, want %s", test.pattern, test.message, is, test.want)
			}
		}
	}
}
