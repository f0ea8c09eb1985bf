// ticker: a feed of prices that clients subscribe to.
//
//   wskit serve /=script:ticker
//   wskit connect -x '{"type":"subscribe","symbols":["ACME"]}' --count 5 ws://localhost:8080/
//
// The prices are made up: they walk at random. ?interval= is how many milliseconds lie between
// two prices of a symbol, 1000 if it is not given. A client sends
//
//   {"type":"subscribe","symbols":["ACME","WSK"]}        or "unsubscribe"
//
// and gets {"type":"subscriptions","symbols":[…]}, then a
// {"type":"price","symbol":"ACME","price":100.07,"change":0.07} for each symbol, again and again.

const prices = new Map([['ACME', 100], ['WSK', 42], ['COFFEE', 3.2]]) // all clients see the same

const move = (symbol, before) => {
  const cents = value => Math.round(value * 100) / 100
  const price = Math.max(0.01, cents(before * (0.99 + Math.random() / 50)))
  prices.set(symbol, price)
  return { type: 'price', symbol, price, change: cents(price - before) }
}

const intervalOf = req => Number(req.query('interval') ?? 1000)

on('upgrade', req => {
  if (!(intervalOf(req) >= 10)) return { status: 400, body: 'an interval is at least 10 (ms)' }
})

on('connection', ws => {
  const send = message => ws.send(JSON.stringify(message))
  const symbols = new Set()

  ws.onmessage = ({ json }) => {
    const { type, symbols: named } = json ?? {}
    if (!['subscribe', 'unsubscribe'].includes(type) || !Array.isArray(named)) {
      return send({ type: 'error', message: 'send {"type":"subscribe","symbols":["ACME"]}' })
    }
    if (!named.every(symbol => prices.has(symbol))) {
      return send({ type: 'error', message: `the symbols are ${[...prices.keys()].join(', ')}` })
    }
    for (const symbol of named) {
      if (type === 'subscribe') symbols.add(symbol)
      else symbols.delete(symbol)
    }
    send({ type: 'subscriptions', symbols: [...symbols] })
  }

  ws.every(intervalOf(ws.request), () => {
    for (const [symbol, price] of prices) {
      if (symbols.has(symbol)) send(move(symbol, price))
    }
  })
})
