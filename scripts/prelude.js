(tooDeep => {
  'use strict'
  // What these natives are asked for is bounded, for nothing can interrupt them.
  const most = 1 << 26
  const elements = 1 << 24
  const { apply, construct } = Reflect
  const { resolve, prototype: { then } } = Promise
  const bound = (n, limit, what) => {
    if (n > limit) throw new RangeError(`${what} of ${n} is more than a script may have`)
  }
  const replace = (object, name, make) => {
    const f = object[name]
    Object.defineProperty(object, name, { value: make(f), writable: true, configurable: true, enumerable: false })
  }
  replace(String.prototype, 'repeat', f => function repeat(n) {
    bound(String(this).length * n, most, 'a string')
    return apply(f, this, [n])
  })
  for (const name of ['padStart', 'padEnd']) {
    replace(String.prototype, name, f => function pad(n, fill) {
      bound(n, most, 'a string')
      return apply(f, this, [n, fill])
    })
  }
  for (const name of Object.getOwnPropertyNames(Array.prototype)) {
    if (typeof Array.prototype[name] !== 'function') continue
    if (['constructor', 'push', 'pop', 'at', 'keys', 'values', 'entries'].includes(name)) continue
    replace(Array.prototype, name, f => function method() {
      if (this != null) bound(this.length, elements, 'an array')
      return apply(f, this, arguments)
    })
  }
  Object.defineProperty(Array.prototype, Symbol.iterator, { value: Array.prototype.values, writable: true, configurable: true, enumerable: false })
  replace(Array, 'from', f => function from(source) {
    if (source != null) bound(source.length, elements, 'an array')
    return apply(f, this, arguments)
  })
  const views = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'ArrayBuffer']
  for (const name of views) {
    const native = globalThis[name]
    if (!native) continue
    const limit = most / (native.BYTES_PER_ELEMENT || 1)
    const bounded = function (...list) {
      if (!new.target) throw new TypeError(`${name} is made with new`)
      const first = list[0]
      bound(typeof first === 'object' && first !== null ? first.length : first, limit, 'a buffer')
      return construct(native, list, new.target === bounded ? native : new.target)
    }
    Object.setPrototypeOf(bounded, native)
    Object.defineProperty(bounded, 'name', { value: name })
    Object.defineProperty(bounded, 'prototype', { value: native.prototype })
    Object.defineProperty(native.prototype, 'constructor', { value: bounded, writable: true, configurable: true, enumerable: false })
    globalThis[name] = bounded
  }
  replace(JSON, 'parse', f => function parse(text, reviver) {
    text = String(text)
    if (tooDeep(text)) throw new SyntaxError('JSON is nested too deep')
    return apply(f, this, [text, reviver])
  })
  // The parser cannot be interrupted, and what is nested deep takes more stack than a
  // process may have: there is no code from text.
  const refusing = name => function () { throw new EvalError(`${name}: a script makes no code from text`) }
  globalThis.eval = refusing('eval')
  for (const f of [() => {}, async () => {}, function* () {}]) {
    const prototype = Object.getPrototypeOf(f)
    const constructor = refusing(prototype.constructor.name)
    Object.defineProperty(constructor, 'prototype', { value: prototype, writable: false })
    Object.defineProperty(prototype, 'constructor', { value: constructor, writable: false, configurable: true, enumerable: false })
  }
  globalThis.Function = (() => {}).constructor
  globalThis.queueMicrotask = function queueMicrotask(f) {
    if (typeof f !== 'function') throw new TypeError('queueMicrotask takes a function')
    apply(then, apply(resolve, Promise, []), [() => { f() }])
  }
})
