'use strict';
(({ tooDeep, limited }) => {
  // What these natives are asked for is bounded, for nothing can interrupt them.
  const most = 1 << 26 // of a string or a buffer
  const elements = 1 << 24 // of an array
  const many = 1 << 20 // of what is slow: arguments, sorting, Unicode
  const longest = 1 << 16 // of a pattern
  const digits = 100000 // of a BigInt
  const { apply, construct } = Reflect
  const { isArray, prototype: { map, includes } } = Array
  const { resolve, prototype: { then } } = Promise
  const isObject = v => typeof v === 'object' && v !== null || typeof v === 'function'
  const bound = (n, limit, what) => {
    if (n > limit) throw new RangeError(`${what} of ${n} is more than a script may have`)
  }
  const boundArray = v => {
    if (isArray(v)) bound(v.length, elements, 'an array')
  }
  const define = (object, name, value) => {
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false })
  }
  const replace = (object, name, make) => {
    const f = object[name], made = make(f)
    for (const of of ['name', 'length']) Object.defineProperty(made, of, { value: f[of], configurable: true })
    define(object, name, made)
  }
  // wrap puts a constructor before the native one, which calls make of the arguments.
  const wrap = (name, make) => {
    const native = globalThis[name]
    const wrapped = function (...list) {
      return make(native, list, new.target === wrapped ? native : new.target)
    }
    Object.setPrototypeOf(wrapped, native)
    for (const of of ['name', 'length']) Object.defineProperty(wrapped, of, { value: native[of], configurable: true })
    Object.defineProperty(wrapped, 'prototype', { value: native.prototype, writable: false })
    define(native.prototype, 'constructor', wrapped)
    define(globalThis, name, wrapped)
    return wrapped
  }

  // strings
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
  for (const name of ['normalize', 'localeCompare']) {
    replace(String.prototype, name, f => function method(...list) {
      if (typeof this === 'string') bound(this.length, many, `a string for ${name}`)
      return apply(f, this, list)
    })
  }

  // arrays
  for (const name of Object.getOwnPropertyNames(Array.prototype)) {
    if (typeof Array.prototype[name] !== 'function') continue
    if (['constructor', 'push', 'pop', 'at', 'keys', 'entries', 'concat'].includes(name)) continue
    const limit = ['sort', 'toSorted'].includes(name) ? many : elements
    replace(Array.prototype, name, f => function method() {
      if (this != null) bound(this.length, limit, 'an array')
      return apply(f, this, arguments)
    })
  }
  define(Array.prototype, Symbol.iterator, Array.prototype.values)
  replace(Array.prototype, 'concat', f => function concat(...list) {
    let n = isArray(this) ? this.length : 1
    for (let i = 0; i < list.length; i++) n += isObject(list[i]) && list[i].length > 1 ? list[i].length : 1
    bound(n, elements, 'an array')
    return apply(f, this, list)
  })
  replace(Array, 'from', f => function from(source) {
    if (source != null) bound(source.length, elements, 'an array')
    return apply(f, this, arguments)
  })
  for (const [object, names] of [[Promise, ['all', 'allSettled', 'any', 'race']], [Object, ['fromEntries', 'assign']]]) {
    for (const name of names) {
      replace(object, name, f => function method(...list) {
        for (let i = 0; i < list.length; i++) boundArray(list[i])
        return apply(f, this, list)
      })
    }
  }
  for (const name of ['Set', 'Map', 'WeakSet', 'WeakMap']) {
    wrap(name, (native, list, target) => {
      if (!target) throw new TypeError(`${name} is made with new`)
      boundArray(list[0])
      return construct(native, list, target)
    })
  }

  // buffers
  for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'ArrayBuffer']) {
    if (!globalThis[name]) continue
    const limit = most / (globalThis[name].BYTES_PER_ELEMENT || 1)
    wrap(name, (native, list, target) => {
      if (!target) throw new TypeError(`${name} is made with new`)
      const first = list[0]
      bound(typeof first === 'object' && first !== null ? first.length : first, limit, 'a buffer')
      return construct(native, list, target)
    })
  }
  const views = Object.getPrototypeOf(Int8Array.prototype).constructor
  replace(views, 'from', f => function from(source) {
    if (source != null) bound(source.length, many, 'an array')
    return apply(f, this, arguments)
  })
  replace(views.prototype, 'set', f => function set(source) {
    if (source != null) bound(source.length, most, 'an array')
    return apply(f, this, arguments)
  })
  for (const name of ['join', 'toLocaleString', 'sort', 'toSorted']) {
    const limit = name === 'sort' || name === 'toSorted' ? 4 * many : elements
    replace(views.prototype, name, f => function method() {
      if (this != null) bound(this.length, limit, 'an array')
      return apply(f, this, arguments)
    })
  }
  define(views.prototype, 'toString', Array.prototype.toString)

  // arguments
  const boundArguments = list => {
    if (isObject(list)) bound(list.length, many, 'a list of arguments')
  }
  replace(Function.prototype, 'apply', f => function apply_(self, list) {
    boundArguments(list)
    return apply(f, this, [self, list])
  })
  replace(Reflect, 'apply', f => function apply_(...list) {
    boundArguments(list[2])
    return apply(f, this, list)
  })
  replace(Reflect, 'construct', f => function construct_(...list) {
    boundArguments(list[1])
    return apply(f, this, list)
  })

  // numbers
  const primitive = v => {
    const f = v[Symbol.toPrimitive]
    if (f != null) return apply(f, v, ['number'])
    const value = v.valueOf()
    return isObject(value) ? String(v) : value
  }
  wrap('BigInt', (native, [v], target) => {
    if (target) throw new TypeError('BigInt is no constructor')
    if (isObject(v)) v = primitive(v)
    if (typeof v === 'string') bound(v.length, digits, 'a BigInt')
    return native(v)
  })

  // text that is read
  replace(JSON, 'parse', f => function parse(text, reviver) {
    text = String(text)
    if (tooDeep(text)) throw new SyntaxError('JSON is nested too deep')
    return apply(f, this, [text, reviver])
  })
  const refuse = n => {
    bound(n, elements, 'an array')
    throw new RangeError('JSON is nested too deep')
  }
  replace(JSON, 'stringify', f => function stringify(value, replacer, space) {
    if (!isObject(value)) return apply(f, this, [value, replacer, space])
    if (!isArray(replacer)) return apply(f, this, [value, limited(replacer, refuse), space])
    boundArray(replacer)
    let begun = false
    const names = apply(map, replacer, [String])
    apply(f, this, [value, limited(function (key, v) {
      if (!begun) return begun = true, v
      return isArray(this) || apply(includes, names, [key]) ? v : undefined
    }, refuse)])
    return apply(f, this, [value, replacer, space])
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
    apply(then, apply(resolve, Promise, []), [f])
  }
  return { apply, construct, isObject, bound, define, replace, wrap, most, longest }
})
