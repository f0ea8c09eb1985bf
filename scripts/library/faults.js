// faults: a server that is wrong in the way you ask for, to test clients against it.
//
//   wskit serve '/faults/{fault...}=script:faults'
//   wskit connect ws://localhost:8080/faults/             # lists them
//   wskit inspect -x hello 'ws://localhost:8080/faults/bad-rsv?after=1'
//
// It happens at once, or behind ?after=N messages that are echoed as they should be. Then the
// connection stays open, echoing, as far as the fault and the client let it.

const handshakes = { // what an upgrade is answered with
  'refuse': { status: 503, headers: { 'Retry-After': '1' }, body: 'try again later' },
  'redirect': { status: 302, headers: { Location: '/' } },
  'no-upgrade': { status: 200, body: 'a page' },
  'late-handshake': { delay: 3000 },
  'drop-handshake': { drop: true },
  'wrong-accept': { accept: 'wrong' },
}

const bytes = hex => Uint8Array.from(hex.match(/../g), byte => parseInt(byte, 16))
const frame = fields => ws => ws.raw.frame(fields)
const raw = hex => ws => ws.raw.write(bytes(hex))
const silence = ws => { ws.onmessage = () => {} }

const connections = {
  // it is gone, deaf or mute
  'rst': ws => ws.terminate(),
  'no-read': ws => ws.pause(),
  'no-pong': ws => { ws.autoPong = false },
  'no-answer': silence,
  // frames that must not be
  'bad-rsv': frame({ rsv: 4, payload: 'x' }),
  'bad-opcode': frame({ opcode: 3, payload: 'x' }),
  'bad-utf8': frame({ opcode: 1, payload: bytes('fffe') }),
  'masked': frame({ mask: true, payload: 'x' }),
  'long-ping': frame({ opcode: 9, payload: 'x'.repeat(126) }),
  'split-ping': frame({ opcode: 9, fin: false, payload: 'x' }),
  'lone-continuation': frame({ opcode: 0, payload: 'x' }),
  'message-in-message': raw('010161' + '810162'), // a text begins, and another one
  'long-form': raw('817e0001' + '61'), // a length of 1 in two bytes
  'oversize': raw('827f4000000000000000'), // 4 EiB are announced
  'negative-length': raw('827f8000000000000001'), // its highest bit must be 0
  'unfinished-frame': ws => { raw('810a' + '68656c6c6f')(ws); ws.pause() }, // 5 of 10 bytes
  'unfinished-message': ws => { frame({ fin: false, payload: 'hello' })(ws); silence(ws) },
  // ends
  'close-empty': raw('8800'), // 1005 to the client
  'close-one-byte': raw('880103'),
  'close-bad-utf8': raw('8804' + '03e8' + 'fffe'),
  'data-after-close': raw('880203e8' + '810161'),
}

const list = [...Object.keys(handshakes), ...Object.keys(connections), 'close-CODE'].join('\n')

const faultOf = req => req.param('fault') || req.query('fault') || ''

// actOf returns what to do to a connection. A close may have any code, 1005 and 2000 included.
const actOf = fault => {
  const [, code] = /^close-(\d{1,4})$/.exec(fault) ?? []
  if (code) return frame({ opcode: 8, payload: new Uint8Array([+code >> 8, +code & 255]) })
  return Object.hasOwn(connections, fault) ? connections[fault] : undefined
}

on('upgrade', req => {
  const fault = faultOf(req)
  if (Object.hasOwn(handshakes, fault)) return handshakes[fault]
  if (fault && !actOf(fault)) return { status: 404, body: `no fault ${fault}; there are\n${list}` }
  return { pingInterval: 0 } // no ping of ours comes in between
})

on('connection', ws => {
  const fault = faultOf(ws.request)
  if (!fault) return ws.send(list)
  const act = actOf(fault) ?? (() => {}) // the client may take a handshake as it is
  let left = Number(ws.request.query('after') ?? 0)
  ws.onmessage = ({ data }) => {
    ws.send(data)
    if (--left === 0) act(ws)
  }
  if (!(left > 0)) act(ws)
})
