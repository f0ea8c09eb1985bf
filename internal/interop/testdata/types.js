// What the declarations must allow, and, on each line behind @ts-expect-error, what they
// must find. It is checked and never run.

on('upgrade', () => {})
on('upgrade', req => (req.header('Origin')?.endsWith('.test') ? undefined : { status: 403, body: 'no' }))
on('upgrade', async req => ({ protocol: req.protocols[0], headers: { 'X-A': ['a', 'b'] }, pingInterval: 0, name: req.query('name') }))
on('upgrade', async () => ({ drop: true, delay: 100 }))
on('upgrade', req => ({ accept: 'wrong', name: req.cookies.name ?? req.param('name') }))
// @ts-expect-error a status is a number
on('upgrade', () => ({ status: '403' }))
// @ts-expect-error nothing that a decision has
on('upgrade', () => ({ reject: true }))
// @ts-expect-error no such event
on('connect', () => {})
// @ts-expect-error a handler is a function
on('shutdown', 'function')
on('shutdown', async () => { await sleep(10) })

on('connection', async ws => {
  ws.onmessage = async e => {
    if (typeof e.data === 'string') ws.send(e.data.toUpperCase())
    else ws.send(e.bytes.subarray(1), { fragment: 5, delay: 10, compress: false })
    // @ts-expect-error it may be binary
    e.data.toUpperCase()
    // @ts-expect-error events do not change
    e.data = ''
  }
  ws.onmessage = null
  ws.onframe = f => { if (f.fin && f.opcode === 0) ws.send(f.data) }
  ws.onclose = function (e) { console.log(this === e.target, e.code + 1, e.reason.length, e.wasClean) }
  ws.onerror = e => fail(e.message)
  ws.onping = ws.onpong = e => console.log(e.data.byteLength)
  ws.addEventListener('close', e => console.log(e.code))
  ws.removeEventListener('message', () => {})
  // @ts-expect-error no such event
  ws.addEventListener('open', () => {})

  const text = await ws.expect('text')
  text.data.toUpperCase()
  // @ts-expect-error only a RegExp has a result
  text.match.index
  const matched = await ws.receive(/(\d+)/, { timeout: 500 })
  matched.match[1].length
  const json = await ws.receive([1, { type: 'login' }])
  json.data.length + json.json.user.length
  const bytes = await ws.expect(new Uint8Array([1, 2]))
  // @ts-expect-error it is binary
  bytes.data.toUpperCase()
  // @ts-expect-error there is no JSON in binary
  bytes.json.user
  const any = await ws.receive()
  if (any.opcode === 1) any.data.toUpperCase()
  else any.bytes.fill(0)
  await ws.receive(m => m.opcode === 2 && m.bytes[0] === 7)
  // @ts-expect-error a pattern is no number
  await ws.expect(12)
  // @ts-expect-error seconds are no option
  await ws.expect('a', { seconds: 1 })
  const frame = await ws.nextFrame({ timeout: 100 })
  frame.data[0] + frame.rsv
  const end = await ws.closed([1000, 1001], { timeout: 100 })
  end.code.toFixed()

  // @ts-expect-error JSON.stringify makes a string of an object
  ws.send({ type: 'login' })
  ws.send(new DataView(new ArrayBuffer(2)))
  ws.ping('data')
  ws.raw.frame({ fin: false, rsv: 4, opcode: 9, mask: true, payload: 'x' })
  ws.raw.write(new Uint8Array([0x81, 0]))
  ws.data.count = 1
  ws.name = 'ann'
  ws.autoPong = false
  ws.binaryType = 'uint8array'
  // @ts-expect-error blobs are for browsers
  ws.binaryType = 'blob'
  // @ts-expect-error only the connection decides on that
  ws.readyState = ws.OPEN
  clearInterval(ws.every(100, () => ws.pause()))
  ws.resume()
  ws.subscribe('room')
  ws.publish('room', 'hi')
  ws.unsubscribe('room')
  ws.terminate()
  ws.close(1000, 'bye')
})

publish('room', new ArrayBuffer(1))
for (const ws of clients) ws.close()
console.log(clients.size, clients.get('ann')?.request.remoteAddress, args.length, performance.now())
clearTimeout(setTimeout((a, b) => a + b, 10, 1, 2))
queueMicrotask(() => {})

/** @param {string | undefined} s */
function must(s) {
  assert(s !== undefined, 's')
  return s.length
}
/** @returns {number} */
function never() {
  exit(3)
}
must(env('HOME'))
never()
readText('a.txt').length + readBytes('a.bin').length + atob(btoa('a')).length
new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new TextEncoder().encode('a')).length
crypto.getRandomValues(new Uint8Array(4)).fill(0)
crypto.randomUUID().length
new TextEncoder().encodeInto('a', new Uint8Array(1)).written.toFixed()

try {
  const upstream = await connect('ws://localhost/', { protocols: ['a', 'b'], headers: { A: 'b' }, compress: true, timeout: 1000 })
  upstream.send('hello')
} catch (e) {
  const { status, body } = /** @type {wskit.ConnectError} */ (e)
  console.log(status + 1, body.length)
}
