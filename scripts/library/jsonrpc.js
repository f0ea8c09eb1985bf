// jsonrpc: a JSON-RPC 2.0 server: calls, notifications, batches and the standard errors.
//
//   wskit serve /rpc=script:jsonrpc
//   wskit connect ws://localhost:8080/rpc
//   > {"jsonrpc":"2.0","id":1,"method":"subtract","params":[42,23]}
//
// Its methods: echo, add, subtract (by position, or by the names minuend and subtrahend), sleep,
// and notify, which answers and then sends {"method":"tick"} three times, as a server may.

const errors = {
  'Parse error': -32700,
  'Invalid Request': -32600,
  'Method not found': -32601,
  'Invalid params': -32602,
  'Internal error': -32603,
}

const failed = (id, message) => ({ jsonrpc: '2.0', id, error: { code: errors[message], message } })

const numbers = list => {
  if (!Array.isArray(list) || !list.every(Number.isFinite)) throw new Error('Invalid params')
  return list
}

const methods = {
  echo: params => params ?? null,
  add: params => numbers(params).reduce((sum, n) => sum + n, 0),
  subtract(params) {
    const [a, b] = Array.isArray(params) ? params : [params?.minuend, params?.subtrahend]
    return numbers([a, b]).reduce((difference, n) => difference - n)
  },
  async sleep(params) {
    await sleep(numbers(params)[0])
    return 'slept'
  },
  notify(_, ws) {
    let n = 0
    const timer = ws.every(10, () => {
      ws.send(JSON.stringify({ jsonrpc: '2.0', method: 'tick', params: [++n] }))
      if (n === 3) clearInterval(timer)
    })
    return 'ticks follow'
  },
}

const isRequest = ({ jsonrpc, id, method, params }) =>
  jsonrpc === '2.0' && typeof method === 'string' &&
  (id == null || ['string', 'number'].includes(typeof id)) &&
  (params === undefined || (typeof params === 'object' && params !== null))

// call returns the answer to one request, undefined to a notification.
const call = async (ws, request) => {
  if (!isRequest(request ?? {})) return failed(null, 'Invalid Request')
  const { id, method, params } = request
  let answer
  try {
    if (!Object.hasOwn(methods, method)) throw new Error('Method not found')
    answer = { jsonrpc: '2.0', id, result: await methods[method](params, ws) }
  } catch ({ message }) {
    answer = failed(id, Object.hasOwn(errors, message) ? message : 'Internal error')
  }
  return id === undefined ? undefined : answer
}

const answerTo = async (ws, json) => {
  if (json === undefined) return failed(null, 'Parse error')
  if (!Array.isArray(json)) return call(ws, json)
  if (json.length === 0) return failed(null, 'Invalid Request')
  const answers = (await Promise.all(json.map(request => call(ws, request)))).filter(Boolean)
  return answers.length > 0 ? answers : undefined
}

on('connection', ws => {
  ws.onmessage = async ({ json }) => {
    const answer = await answerTo(ws, json)
    if (answer) ws.send(JSON.stringify(answer))
  }
})
