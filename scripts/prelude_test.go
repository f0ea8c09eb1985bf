package scripts

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// bareEngine returns an engine that has only the language, bounded.
func bareEngine(t testing.TB, short int) *Engine {
	t.Helper()
	e := &Engine{vm: newRuntime(DefaultTurnLimit)}
	if err := e.bound(short); err != nil {
		t.Fatal(err)
	}
	return e
}

// outcome returns what code comes to, as JSON, or how it fails.
func outcome(vm *goja.Runtime, code string) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint("panic: ", p)
		}
	}()
	v, err := vm.RunString("'use strict'; (() => {" + code + "})()")
	if err != nil {
		return strings.SplitN(err.Error(), " at ", 2)[0]
	}
	if o, ok := v.(*goja.Object); ok {
		b, err := o.MarshalJSON()
		return fmt.Sprint(string(b), err)
	}
	return v.String()
}

// TestBounds asks for what the natives would take all memory or all time for.
func TestBounds(t *testing.T) {
	tests := []struct{ code, want string }{
		{`return Math.max.apply(null, {length: 4294967295})`, "RangeError: a list of arguments of 4294967295 is more"},
		{`return Reflect.apply(Math.max, null, {length: 4294967295})`, "RangeError: a list of arguments"},
		{`return Reflect.construct(Array, {length: 4294967295})`, "RangeError: a list of arguments"},
		{`return new RegExp('('.repeat(8e6))`, "SyntaxError: a pattern of 8000000 is more"},
		{`return RegExp('('.repeat(8e6))`, "SyntaxError: a pattern"},
		{`return new RegExp(['('.repeat(8e6)])`, "SyntaxError: a pattern"},
		{`return new RegExp({source: '('.repeat(8e6), flags: '', [Symbol.match]: true})`, "SyntaxError: a pattern"},
		{`return /a/.compile('('.repeat(8e6))`, "SyntaxError: a pattern"},
		{`return new (class extends RegExp {})('('.repeat(8e6))`, "SyntaxError: a pattern"},
		{`return 'x'.match('('.repeat(8e6))`, "SyntaxError: a pattern"},
		{`return 'x'.match(['('.repeat(8e6)])`, "SyntaxError: a pattern"},
		{`return 'x'.matchAll('('.repeat(8e6))`, "SyntaxError: a pattern"},
		{`return 'x'.search('('.repeat(8e6))`, "SyntaxError: a pattern"},
		{`const s = 'x'.repeat(1e5); return s.replaceAll('', s)`, "RangeError: a string of"},
		{`const s = 'x'.repeat(1e5); return s.replaceAll('x', () => s)`, "RangeError: a string of"},
		{`const s = 'x'.repeat(1e5); return s.replace(/x/g, s)`, "RangeError: a string of"},
		{`const s = 'x'.repeat(4e3); return s.replace(/x/g, 'y'.repeat(1e5))`, "RangeError: a string of"},
		{`const s = 'x'.repeat(4e3), r = 'y'.repeat(1e5); return s.replace(/x/g, () => r)`, "RangeError: a string of"},
		{`const s = 'x'.repeat(1e5), r = 'y'.repeat(1e5); return s.replace(/x/g, () => r)`, "RangeError: a string of"},
		{"const s = 'x'.repeat(1e5); return s.replaceAll('x', '$`')", "RangeError: a string of"},
		{"const s = 'x'.repeat(1e5); return s.replace(/x/g, \"$'\")", "RangeError: a string of"},
		{"const s = 'x'.repeat(1e5); return s.replace('x', \"$'\".repeat(1e4))", "RangeError: a string of"},
		{"const s = 'x'.repeat(1e5); return s.replace(/x/, \"$'\".repeat(1e4))", "RangeError: a string of"},
		{`return BigInt('7'.repeat(1e6))`, "RangeError: a BigInt of 1000000 is more"},
		{`return BigInt(['7'.repeat(1e6)])`, "RangeError: a BigInt"},
		{`const a = []; a[2e9] = 1; return JSON.stringify(a)`, "RangeError: an array of 2000000001 is more"},
		{`const a = []; a[2e9] = 1; return JSON.stringify({ a: [a] })`, "RangeError: an array of 2000000001 is more"},
		{`const a = []; a[2e9] = 1; return [].concat(a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return Array.from(a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return [...a]`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return Math.max(...a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; const [...b] = a`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return [...a]`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return Math.max(...a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; const [...b] = a`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return new Set(a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return new Map(a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return Object.fromEntries(a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; return Object.assign({}, a)`, "RangeError: an array"},
		{`const a = []; a[2e9] = 1; Promise.all(a)`, "RangeError: an array"},
		{`return Uint8Array.from({length: 4e9})`, "RangeError: an array"},
		{`return new Uint8Array(8).set({length: 4e9})`, "RangeError: an array"},
		{`return new Uint8Array(1 << 26).join()`, "RangeError: an array"},
		{`return new Uint8Array(1 << 23).sort()`, "RangeError: an array"},
		{`return String(new Uint8Array(1 << 26))`, "RangeError: an array"},
		{`return 'é'.repeat(1 << 22).normalize('NFD')`, "RangeError: a string for normalize"},
		{`return 'é'.repeat(1 << 22).localeCompare('é'.repeat(1 << 22))`, "RangeError: a string for localeCompare"},
		{`let a = 1; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a)`, "RangeError: JSON is nested too deep"},
		{`let a = 1; for (let i = 0; i < 1e5; i++) a = { a }; return JSON.stringify(a, ['a'])`, "RangeError: JSON is nested too deep"},
		{`let a = 1; for (let i = 0; i < 1e5; i++) a = { a }; return JSON.stringify(a, (k, v) => v)`, "RangeError: JSON is nested too deep"},
	}
	vm := bareEngine(t, shortText).vm
	for _, test := range tests {
		if got := outcome(vm, test.code); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %.100s, want %s", test.code, got, test.want)
		}
	}
}

// TestBounded holds what has bounds against the language.
func TestBounded(t *testing.T) {
	tests := []struct{ code, want string }{
		{`return Math.max.apply(null, [1, 3, 2]) + Math.max.apply(null) + Reflect.apply(Math.max, null, [7])`, "-Infinity"},
		{`return Math.max.apply(null, new Array(1e5).fill(3))`, "3"},
		{`try { Reflect.apply(Math.max, null) } catch (e) { return e.name }`, "TypeError"},
		{`return Reflect.construct(Date, [0]).getTime() + Reflect.construct(Array, [3]).length`, "3"},
		{`class A extends RegExp { constructor(s) { super(s, 'g') } more() { return this.flags } }; const a = new A('x'); return a.more() + (a instanceof A) + (a instanceof RegExp) + a[Symbol.replace]('axa', '-')`, "gtruetruea-a"},
		{`const r = /x/g; return [RegExp(r) === r, new RegExp(r) === r, new RegExp(r, 'i').flags, RegExp('ab').source, RegExp.length, RegExp.name, r.constructor === RegExp, RegExp[Symbol.species] === RegExp, new RegExp().source, RegExp(undefined).source, RegExp(null).source]`, `[true,false,"i","ab",2,"RegExp",true,true,"(?:)","(?:)","null"]<nil>`},
		{`return /x/ instanceof RegExp && Object.prototype.toString.call(/x/)`, "[object RegExp]"},
		{`return ['a.b'.match('.').index, 'aXb'.search('X'), [...'a1b2'.matchAll('[0-9]')].length, 'null'.match(null)[0], 'x'.match()[0]]`, `[0,1,2,"null",""]<nil>`},
		{`return 'x'.match({ [Symbol.match]: s => s + 'y' }) + 'x'.search({ [Symbol.search]: () => 7 }) + 'x'.replaceAll({ [Symbol.replace]: (s, r) => s + r }, 'z')`, "xy7xz"},
		{`try { 'x'.replaceAll(/x/, '') } catch (e) { return e.name }`, "TypeError"},
		{`return [BigInt('12') === 12n, BigInt(12) === 12n, BigInt([12]) === 12n, BigInt({ valueOf: () => 5 }) === 5n, typeof BigInt(true), BigInt.asIntN(8, 255n) === -1n, BigInt.asUintN(8, -1n) === 255n, Object(1n) instanceof BigInt, 1n.constructor === BigInt, BigInt.name]`, `[true,true,true,true,"bigint",true,true,true,true,"BigInt"]<nil>`},
		{`try { new BigInt(1) } catch (e) { return e.name }`, "TypeError"},
		{`return BigInt('7'.repeat(1e5)) > 0n`, "true"},
		{`class M extends Map { first() { return [...this][0] } }; return [new M([[1, 2]]).first(), new Set([1, 1, 2]).size, new Set().size, new Map(new Map([[3, 4]])).get(3), new Set('ab').has('b'), new WeakMap() instanceof WeakMap, new Map().constructor === Map, [...new Set([5])]]`, `[[1,2],2,0,4,true,true,true,[5]]<nil>`},
		{`try { Map() } catch (e) { return e.name }`, "TypeError"},
		{`return [[1].concat(2, [3], [[4]], 'ab'), Array.from('ab'), Array.from({ length: 2 }, (_, i) => i), Object.assign({}, [7], null), Object.fromEntries([['a', 1]])]`, `[[1,2,3,[4],"ab"],["a","b"],[0,1],{"0":7},{"a":1}]<nil>`},
		{`return [Array.from(Uint8Array.from([1, 2], x => x * 2)), Array.from(Uint8Array.of(3)), String(new Uint8Array(2)), new Float64Array([3, 1]).sort().join('-'), Array.from(new Uint8Array(new Set([4])))]`, `[[2,4],[3],"0,0","1-3",[4]]<nil>`},
		{`const [a, ...b] = [1, 2, 3], c = [...[], ...[4, , 5]]; let n = 0; for (const x of [1, 2]) n += x; return [a, b, c, n, Math.max(...[1, 9, 2]), [...[1, 2].entries()], Array.prototype[Symbol.iterator] === Array.prototype.values]`, `[1,[2,3],[4,null,5],3,9,[[0,1],[1,2]],true]<nil>`},
		{`return ['é'.normalize('NFD').length, 'a'.localeCompare('b'), 'abc'.repeat(2), 'a'.padEnd(3, '-')]`, `[2,-1,"abcabc","a--"]<nil>`},
		{`try { String.prototype.normalize.call(null) } catch (e) { return e.name }`, "TypeError"},
		{`const o = { b: [1, { c: 2n ** 2n > 3n }], a: undefined, d: () => 1, e: new Date(0), f: NaN, g: [undefined] }; return JSON.stringify(o)`, `{"b":[1,{"c":true}],"e":"1970-01-01T00:00:00.000Z","f":null,"g":[null]}`},
		{`return JSON.stringify({ a: 1, b: { a: 2, c: 3 }, c: [{ a: 4, d: 1 }] }, ['c', 'a'])`, `{"c":[{"a":4}],"a":1}`},
		{`return JSON.stringify({ a: 1, b: [2, { a: 3 }] }, function (k, v) { return k === 'a' ? typeof this + v : v }, 1)`, "{\n \"a\": \"object1\",\n \"b\": [\n  2,\n  {\n   \"a\": \"object3\"\n  }\n ]\n}"},
		{`const x = { y: 1 }; return JSON.stringify([x, x, [x]]) + JSON.stringify('é"') + JSON.stringify(undefined) + JSON.stringify(null)`, `[{"y":1},{"y":1},[{"y":1}]]"é\""undefinednull`},
		{`const x = {}; x.x = x; try { JSON.stringify(x) } catch (e) { return e.name }`, "TypeError"},
		{`let a = 1; for (let i = 0; i < 9000; i++) a = [a]; return JSON.stringify(a).length`, "18001"},
		{"const s = 'ab'.repeat(5e4); return [s.replace(/a/g, '[$&]').length, s.replaceAll('a', '$$').length, s.replace(/b/g, () => 'xyz').length, s.replace('a', \"$'$`\").length, s.replaceAll('a', m => m + m).length]", `[200000,100000,200000,199998,150000]<nil>`},
		{"return ['aXbX'.replaceAll('X', \"[$`|$'|$&|$$|$1|$<n>]\"), 'aXbX'.replace('X', \"[$`|$'|$&|$$|$1]\"), 'ab'.replaceAll('', '-')]", "[\"a[a|bX|X|$|$1|$<n>]b[aXb||X|$|$1|$<n>]\",\"a[a|bX|X|$|$1]bX\",\"-a-b-\"]<nil>"},
	}
	// texts that are long: a simple pattern, one that may take long, and in Unicode
	for _, pattern := range []string{`/k(\w)=/g`, `/k(\w)(?:=)?=/g`} {
		tests = append(tests, []struct{ code, want string }{
			{`const s = 'k1=é;k2=z;'.repeat(1000); return [s.replace(` + pattern + `, '$1:').length, s.match(` + pattern + `).length, [...s.matchAll(` + pattern + `)].length, s.split(` + pattern + `).slice(-3), s.replace(` + pattern + `, (m, a, i) => i > 12 ? '' : a + m), s.search(` + pattern + `)].map(v => v.length > 4000 ? [v.length, v.slice(0, 20)] : v)`, `[8000,2000,2000,["é;","2","z;"],[4012,"1k1=é;2k2=z;1k1=é;z;"],0]<nil>`},
		}...)
	}
	vm := bareEngine(t, shortText).vm
	for _, test := range tests {
		if got := outcome(vm, test.code); got != test.want {
			t.Errorf("%s: %s, want %s", test.code, got, test.want)
		}
	}
}

// matching is code that takes a text and a RegExp and uses them in all ways. With an exec of
// its own, the natives take the RegExp for one that they must not treat in their short way,
// which is not that of the specification for empty matches.
const matching = `
  const { text, rx, by } = input
  const all = f => { try { return f() } catch (e) { return e.name } }
  const fresh = () => { const r = new RegExp(rx.source, rx.flags); r.exec = r.exec; r.lastIndex = 1; return r }
  const list = {
    match: r => text.match(r), matchAll: r => r.global ? [...text.matchAll(r)].map(m => [m.index, [...m], m.groups]) : 0,
    replace: r => text.replace(r, by), called: r => text.replace(r, (...a) => JSON.stringify(a)),
    replaceAll: r => r.global ? text.replaceAll(r, by) : 0,
    split: r => text.split(r), two: r => text.split(r, 2), none: r => text.split(r, 0), search: r => text.search(r),
  }
  return Object.entries(list).map(([name, f]) => { const r = fresh(); return [name, all(() => f(r)), r.lastIndex] })`

// splitting has the natives split as the specification says, by a sticky RegExp at each place.
const splitting = `
  RegExp.prototype[Symbol.split] = function (text, limit) {
    const rx = new RegExp(this.source, this.flags.replace('y', '') + 'y'), list = []
    limit = limit === undefined ? 2 ** 32 - 1 : limit
    if (limit === 0) return list
    if (text === '') return rx.exec(text) === null ? [text] : list
    let p = 0
    for (let q = 0; q < text.length;) {
      rx.lastIndex = q
      const m = rx.exec(text), e = Math.min(rx.lastIndex, text.length)
      if (m === null || e === p) {
        q += rx.unicode && text.codePointAt(q) > 0xffff ? 2 : 1
        continue
      }
      list.push(text.slice(p, q), ...m.slice(1))
      if (list.length >= limit) return list.slice(0, limit)
      p = q = e
    }
    return [...list, text.slice(p)]
  }`

// TestRegexp holds the loops of the prelude against the engine's natives.
func TestRegexp(t *testing.T) {
	cases := [][3]string{
		{"aXbXc", "/X/g", "-"},
		{"aXbXc", "/X/", "$`|$'"},
		{"abc", "/(?:)/g", "-"},
		{"abc", "/(?:)/gu", "-"},
		{"abc", "/$/g", "!"},
		{"abc", "/^/gm", "!"},
		{"2026-11-29", `/(?<y>\d+)-(?<m>\d+)/g`, "$<m>/$<y>$<z>"},
		{"aab", "/(a)(x)?/g", "[$1$2$3$10$01]"},
		{"aab", "/a*?/g", "-"},
		{"aabaa", "/a/gy", "b"},
		{"baa", "/a/y", "c"},
		{"xaya", "/a/gy", "c"},
		{"😀x😀", "/(?:)/gu", "-"},
		{"😀x😀", "/./gu", "[$&]"},
		{"😀x😀", "/./g", "[$&]"},
		{"a,b;c", "/([,;])/", "$1$1"},
		{"a,b;c", "/([,;])/g", "$$1"},
		{"A1b2", "/[a-z](\\d)/gi", "$1$&"},
		{"a\nb\n", "/^.$/gm", "<$&>"},
		{"foofoo", "/(?<=o)o/g", "0"},
		{"foofoo", "/f(?=oo)/g", "F"},
		{"aabb", `/(.)\1/g`, "$1"},
		{"", "/x/g", "y"},
		{"", "/x*/g", "y"},
		{"ééé", "/é/g", "$`"},
		{"héé", "/(é)(h)?/g", "$2$1"},
		{"a b  c", `/\s+/g`, " "},
		{"abcdefghij", "/(a)?(b)(c)(d)(e)(f)(g)(h)(i)(j)/g", "$10|$11|$1|$01"},
		{"test", "/t/g", "$"},
		{"test", "/t/g", "$<"},
		{"test", "/(t)/g", "$1$0$00$2"},
	}
	random := rand.New(rand.NewPCG(1, 2))
	atoms := []string{"a", "b", ".", "[ab]", "(a)", "(?:b|a)", "(b)?", "a*", "b+?", "^", "$", "é", "(?=a)", "(?<n>b)"}
	for range 1500 {
		pattern, named := "", false
		for range 1 + random.IntN(3) {
			atom := atoms[random.IntN(len(atoms))]
			if atom == "(?<n>b)" && named {
				continue
			}
			named = named || atom == "(?<n>b)"
			pattern += atom
		}
		text := ""
		for range random.IntN(8) {
			text += []string{"a", "b", "é", "c", "😀"}[random.IntN(5)]
		}
		flags := []string{"g", "", "gi", "gu", "gm", "gy", "y"}[random.IntN(7)]
		cases = append(cases, [3]string{text, "/" + pattern + "/" + flags, []string{"-", "$&$&", "$1", "$`", "$'", "$<n>", "$$"}[random.IntN(7)]})
	}
	t.Cleanup(regexp2.StopTimeoutClock)
	native, looped := goja.New(), bareEngine(t, 0).vm
	if _, err := native.RunString(splitting); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		code := fmt.Sprintf("const input = { text: %q, rx: %s, by: %q };%s", c[0], c[1], c[2], matching)
		got := outcome(looped, code)
		want := outcome(native, code)
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", c, got, want)
		}
	}
}
