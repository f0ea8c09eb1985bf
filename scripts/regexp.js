'use strict';
(({ apply, construct, isObject, bound, define, replace, wrap, most, longest }, { steady, short }) => {
  // The natives search a text to its end for all matches without a pause. What may take
  // long is done here match by match, after the ECMAScript specification: a text longer than
  // short, unless the pattern is so simple that each match ends where the search for it does.
  const { prototype } = RegExp
  const { exec } = prototype
  const { charCodeAt, replaceAll } = String.prototype
  const { call } = Function.prototype
  const bind = f => apply(call.bind, call, [f])
  const indexOf = bind(String.prototype.indexOf), at = bind(String.prototype.slice)
  const { join } = Array.prototype
  const sourceOf = Object.getOwnPropertyDescriptor(prototype, 'source').get
  // simple is a sequence of characters or classes, of groups of them, each at most repeated
  // as often as can be. What is read behind such a match holds no end of another one, or
  // that would be its own: a text is read about twice for all of them.
  const atom = String.raw`(?:[^\\^$*+?()[\]{}|]|\\[wdsWDSnrt\\/.*+?()[\]{}|^$]|\[\^?(?:[^\\\]^[]|\\[wdsnrt\\/.\]-])+\])`
  const open = String.raw`\((?:\?:|\?<\w+>)?`
  const simple = new RegExp(`^(?:${atom}[*+]?|${open}(?:${atom}[*+]?)+\\))+$`)
  const nullable = new RegExp(`^(?:${atom}\\*|${open}|\\))+$`)
  const slow = (rx, text) => {
    if (text.length <= short) return false
    const source = String(rx.source)
    const is = re => apply(exec, re, [source]) !== null
    return source.length > 200 || rx.exec !== exec || rx.sticky || !is(simple) || is(nullable)
  }
  const flagsOf = rx => {
    if (!isObject(rx)) throw new TypeError('a RegExp method is called on what is no object')
    return String(rx.flags)
  }
  const has = (flags, flag) => indexOf(flags, flag) >= 0

  const execute = (rx, text) => {
    const f = rx.exec
    if (typeof f !== 'function') return apply(exec, rx, [text])
    const result = apply(f, rx, [text])
    if (result !== null && !isObject(result)) throw new TypeError('exec returns an object or null')
    return result
  }
  const toLength = n => {
    if (n > 0 && n < most && n % 1 === 0) return n
    n = Math.trunc(Number(n)) || 0
    return n <= 0 ? 0 : n > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : n
  }
  const surrogate = (text, i, from) => {
    const c = apply(charCodeAt, text, [i])
    return c >= from && c < from + 0x400
  }
  const advance = (text, i, unicode) =>
    unicode && surrogate(text, i, 0xd800) && surrogate(text, i + 1, 0xdc00) ? i + 2 : i + 1
  // each calls take with every match of a global rx.
  const each = (rx, text, flags, take) => {
    const unicode = has(flags, 'u')
    rx.lastIndex = 0
    for (let result; (result = execute(rx, text)) !== null;) {
      const matched = String(result[0])
      if (matched === '') rx.lastIndex = advance(text, toLength(rx.lastIndex), unicode)
      take(result, matched)
    }
  }

  replace(prototype, Symbol.match, f => function match(text) {
    text = String(text)
    if (!isObject(this) || !slow(this, text)) return apply(f, this, [text])
    const flags = flagsOf(this)
    if (!has(flags, 'g')) return execute(this, text)
    const list = []
    each(this, steady(text), flags, (_, matched) => { list[list.length] = matched })
    return list.length ? list : null
  })

  replace(prototype, Symbol.matchAll, f => function matchAll(text) { return apply(f, this, [steady(String(text))]) })
  // so that there is a step of the script between two matches
  replace(Object.getPrototypeOf(apply(prototype[Symbol.matchAll], /a/g, [''])), 'next', f => function next() { return apply(f, this, []) })

  // substitute adds what a replacement is for a match and its captures: GetSubstitution.
  const substitute = (add, text, position, captures, groups, template) => {
    const matched = captures[0], last = captures.length - 1
    for (let from = 0; ;) {
      const i = indexOf(template, '$', from)
      if (i < 0 || i + 1 >= template.length) return add(from ? at(template, from) : template)
      if (i > from) add(at(template, from, i))
      const c = template[i + 1]
      from = i + 2
      if (c === '$') add('$')
      else if (c === '&') add(matched)
      else if (c === '`') add(at(text, 0, position))
      else if (c === "'") add(at(text, Math.min(position + matched.length, text.length)))
      else if (c >= '0' && c <= '9') {
        let n = +c
        const digit = template[from], two = n * 10 + +digit
        if (digit >= '0' && digit <= '9' && two >= 1 && two <= last) {
          n = two
          from++
        }
        if (n < 1 || n > last) add(at(template, i, from))
        else add(captures[n] ?? '')
      } else if (c === '<' && groups !== undefined) {
        const end = indexOf(template, '>', from)
        if (end < 0) add('$<')
        else {
          const capture = Object(groups)[at(template, from, end)]
          if (capture !== undefined) add(String(capture))
          from = end + 1
        }
      } else add('$' + c)
    }
  }
  // builder joins what is between matches with what make adds in their place.
  const builder = text => {
    const parts = []
    let next = 0, size = 0
    const add = part => {
      if (part === '') return
      bound(size += part.length, most, 'a string')
      parts[parts.length] = part
    }
    const nothing = () => {}
    return {
      put(position, matched, make) {
        if (position < next) return make(nothing)
        add(at(text, next, position))
        make(add)
        next = position + matched.length
      },
      end() {
        if (next < text.length) add(at(text, next))
        return apply(join, parts, [''])
      },
    }
  }
  // counting returns a replacer that adds up what f returns.
  const counting = f => {
    let size = 0
    return (...list) => {
      const n = list.length // few are called faster
      let part = n === 3 ? f(list[0], list[1], list[2]) : n === 4 ? f(list[0], list[1], list[2], list[3]) : apply(f, undefined, list)
      if (typeof part !== 'string') part = String(part)
      if ((size += part.length) > most) bound(size, most, 'a string')
      return part
    }
  }
  // fits reports whether so many replacements cannot be too much.
  // Captures are within their match if there is no looking around.
  const fits = (text, template, count, within) => {
    let once = text.length, each = template.length
    for (let i = 0; (i = indexOf(template, '$', i)) >= 0; i += 2) {
      const c = template[i + 1]
      if (c === '&' || within && c !== '`' && c !== "'") once += text.length // matches do not overlap
      else if (c !== '$') each += text.length
      if (once + each > most) return false
    }
    return once + each * count <= most
  }
  const captured = (result, list) => {
    const n = toLength(result.length)
    bound(n, longest, 'a match')
    for (let i = 1; i < n; i++) list[list.length] = result[i] === undefined ? undefined : String(result[i])
    return list
  }

  replace(prototype, Symbol.replace, f => function replace(text, by) {
    text = String(text)
    const called = typeof by === 'function'
    if (!called) by = String(by)
    // the engine's own panics for a sticky one whose lastIndex is behind the text
    if (isObject(this) && !slow(this, text) && !this.sticky && (called || fits(text, by, text.length + 1, text.length > short))) {
      return apply(f, this, [text, called ? counting(by) : by])
    }
    const flags = flagsOf(this), results = [], matches = [], built = builder(text)
    const keep = (result, matched) => {
      results[results.length] = result
      matches[matches.length] = matched
    }
    if (has(flags, 'g')) each(this, text = steady(text), flags, keep)
    else {
      const result = execute(this, text)
      if (result !== null) keep(result, String(result[0]))
    }
    for (let i = 0; i < results.length; i++) {
      const result = results[i], matched = matches[i]
      const position = Math.min(toLength(result.index), text.length)
      const list = captured(result, [matched])
      const groups = result.groups
      built.put(position, matched, add => {
        if (!called) return substitute(add, text, position, list, groups, by)
        list[list.length] = position
        list[list.length] = text
        if (groups !== undefined) list[list.length] = groups
        add(String(apply(by, undefined, list)))
      })
    }
    return built.end()
  })

  replace(prototype, Symbol.split, f => function split(text, limit) {
    text = String(text)
    if (!isObject(this) || !slow(this, text)) return apply(f, this, [text, limit])
    const C = speciesOf(this), flags = flagsOf(this), unicode = has(flags, 'u')
    // The specification tries each place with a sticky expression; a global one finds the
    // same places, by one search for each.
    const rx = new C(this, (has(flags, 'g') ? '' : 'g') + apply(replaceAll, flags, ['y', '']))
    const list = []
    limit = limit === undefined ? 2 ** 32 - 1 : limit >>> 0
    text = steady(text)
    let from = 0, search = 0
    while (list.length < limit && search < text.length) {
      rx.lastIndex = search
      const result = execute(rx, text)
      if (result === null || result.index >= text.length) break
      const end = Math.min(toLength(rx.lastIndex), text.length)
      if (end === from) {
        search = advance(text, search, unicode)
        continue
      }
      list[list.length] = at(text, from, result.index)
      captured(result, list)
      search = from = end
    }
    if (list.length < limit) list[list.length] = at(text, from)
    else list.length = limit
    return list
  })
  const speciesOf = rx => {
    const c = rx.constructor
    if (c === undefined) return RegExp
    if (!isObject(c)) throw new TypeError('the constructor of a RegExp is no object')
    return c[Symbol.species] ?? RegExp
  }

  // strings
  replace(String.prototype, 'replaceAll', f => function replaceAll(what, by) {
    if (this == null || what != null && (isObject(what) && what[Symbol.replace] != null)) return apply(f, this, [what, by])
    const text = String(this), called = typeof by === 'function'
    what = String(what)
    if (called) return apply(f, text, [what, counting(by)])
    by = String(by)
    const step = what.length || 1
    if (fits(text, by, Math.ceil((text.length + 1) / step))) return apply(f, text, [what, by])
    const built = builder(text)
    for (let i = indexOf(text, what); i >= 0 && i <= text.length; i = next(text, what, i + step)) {
      built.put(i, what, add => substitute(add, text, i, [what], undefined, by))
    }
    return built.end()
  })
  const next = (text, what, from) => from > text.length ? -1 : indexOf(text, what, from)
  replace(String.prototype, 'replace', f => function replace(what, by) {
    if (this == null || what != null && (isObject(what) && what[Symbol.replace] != null) || typeof by === 'function') return apply(f, this, [what, by])
    const text = String(this)
    what = String(what)
    by = String(by)
    if (fits(text, by, 1)) return apply(f, text, [what, by])
    const i = indexOf(text, what)
    if (i < 0) return text
    const built = builder(text)
    built.put(i, what, add => substitute(add, text, i, [what], undefined, by))
    return built.end()
  })

  // patterns: what is nested deep takes more stack than a process may have
  const pattern = text => {
    text = String(text)
    if (text.length > longest) throw new SyntaxError(`a pattern of ${text.length} is more than a script may have`)
    return text
  }
  const genuine = v => {
    try {
      apply(sourceOf, v, [])
      return true
    } catch {
      return false
    }
  }
  const isRegExp = v => {
    const is = v[Symbol.match]
    return is === undefined ? genuine(v) : !!is
  }
  const made = (native, list, target) => {
    let what = list[0], flags = list[1]
    if (isObject(what)) {
      const is = isRegExp(what)
      if (!target && is && flags === undefined && what.constructor === RegExp) return what
      if (!genuine(what)) {
        if (is && flags === undefined) flags = what.flags
        what = is ? what.source : String(what)
      }
    }
    if (what !== undefined && !isObject(what)) what = pattern(what)
    return construct(native, [what, flags], target ?? native)
  }
  wrap('RegExp', made)
  replace(prototype, 'compile', f => function compile(what, flags) {
    return apply(f, this, [what === undefined || genuine(what) ? what : pattern(what), flags])
  })
  for (const [name, symbol] of [['match', Symbol.match], ['matchAll', Symbol.matchAll], ['search', Symbol.search]]) {
    replace(String.prototype, name, f => function method(what) {
      if (what != null && !(isObject(what) && what[symbol] != null)) what = pattern(what)
      return apply(f, this, [what])
    })
  }
})
