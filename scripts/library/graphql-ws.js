// graphql-ws: a server of graphql-transport-ws, the protocol of GraphQL's subscriptions.
//
//   wskit serve /graphql=script:graphql-ws
//   wskit connect -s graphql-transport-ws --count 3 -x '{"type":"connection_init"}' \
//     -x '{"id":"1","type":"subscribe","payload":{"query":"{ hello }"}}' \
//     ws://localhost:8080/graphql
//
// The protocol is whole, its close codes included; of GraphQL it knows one field an operation:
// { hello } and subscription { countdown(from: 3) }, where from may be a variable. A client has
// 3 seconds to send connection_init, or ?init=MILLISECONDS.

const fields = {
  hello: async (_, next) => next('world'),
  countdown: async ({ from = 3 }, next) => {
    for (let n = from; n >= 0 && next(n); n--) await sleep(50)
  },
}

// { field(name: value) }
const parse = ({ query, variables }) => {
  const pattern = /\{\s*(\w+)\s*(?:\(\s*(\w+)\s*:\s*(\$?)(\w+)\s*\))?/
  const [, field, name, dollar, value] = pattern.exec(query) ?? []
  if (!name) return { field, args: {} }
  return { field, args: { [name]: Number(dollar ? variables?.[value] : value) } }
}

on('upgrade', req => {
  const protocol = 'graphql-transport-ws'
  if (req.protocols.includes(protocol)) return { protocol }
})

on('connection', ws => {
  if (!ws.protocol) return ws.close(4406, 'Subprotocol not acceptable')

  const send = message => ws.send(JSON.stringify(message))
  const running = new Map() // what runs for each id
  let initialised = false

  const handlers = {
    connection_init() {
      if (initialised) return ws.close(4429, 'Too many initialisation requests')
      initialised = true
      clearTimeout(patience)
      send({ type: 'connection_ack' })
    },
    ping: ({ payload }) => send({ type: 'pong', payload }),
    pong() {},
    complete: ({ id }) => running.delete(id),
    async subscribe({ id, payload }) {
      if (!initialised) return ws.close(4401, 'Unauthorized')
      if (typeof id !== 'string' || typeof payload?.query !== 'string') {
        return ws.close(4400, 'Invalid subscribe message')
      }
      if (running.has(id)) return ws.close(4409, `Subscriber for ${id.slice(0, 30)} already exists`)
      const { field, args } = parse(payload)
      if (!Object.hasOwn(fields, field)) {
        return send({ id, type: 'error', payload: [{ message: `Cannot query field "${field}".` }] })
      }
      const me = {}
      const active = () => running.get(id) === me // the client may complete it, and reuse the id
      running.set(id, me)
      await fields[field](args, value => {
        if (active()) send({ id, type: 'next', payload: { data: { [field]: value } } })
        return active()
      })
      if (active()) send({ id, type: 'complete' })
      if (active()) running.delete(id)
    },
  }

  ws.onmessage = ({ json }) => {
    if (ws.readyState !== ws.OPEN) return
    const type = json?.type
    if (!Object.hasOwn(handlers, type)) return ws.close(4400, 'Invalid message')
    return handlers[type](json)
  }
  ws.onclose = () => running.clear()
  const refuse = () => ws.close(4408, 'Connection initialisation timeout')
  const patience = setTimeout(refuse, Number(ws.request.query('init') ?? 3000))
})
