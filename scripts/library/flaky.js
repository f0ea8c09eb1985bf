// flaky: an echo server to test whether a client comes back: it refuses, and breaks off.
//
//   wskit serve /=script:flaky
//   wskit connect -x one -x two -x three 'ws://localhost:8080/?refuse=1&every=3'
//
// Run the client twice: the first dial is refused, and the second connection dies at "three".
//
//   ?refuse=2      two dials are answered with 503 before each one that is accepted: 0 if not given
//   ?every=10      the connection dies at its tenth message
//   ?chance=0.2    or with this chance at each one: 0.1 if neither is given
//   ?how=reset     it dies by a TCP reset, or how=hang: it stays open and answers nothing, no
//                  ping either, or how=1012: by a close with that code

let refused = 0

const settings = req => ({
  refuse: Number(req.query('refuse') ?? 0),
  every: Number(req.query('every') ?? Infinity),
  chance: Number(req.query('chance') ?? (req.query('every') ? 0 : 0.1)),
  how: req.query('how') ?? 'reset',
})

const die = {
  reset: ws => ws.terminate(),
  hang: ws => Object.assign(ws, { autoPong: false, onmessage: () => {} }),
}

on('upgrade', req => {
  const { refuse, every, chance, how } = settings(req)
  if ([refuse, every, chance].some(Number.isNaN)) {
    return { status: 400, body: 'refuse, every and chance are numbers' }
  }
  if (!Object.hasOwn(die, how) && !/^(100[0-3]|101[1-4]|[34]\d{3})$/.test(how)) {
    return { status: 400, body: 'how is reset, hang or a close code' }
  }
  if (refused < refuse) {
    refused++
    return { status: 503, headers: { 'Retry-After': '1' }, body: `refused ${refused} of ${refuse}` }
  }
  refused = 0
})

on('connection', ws => {
  const { every, chance, how } = settings(ws.request)
  let messages = 0
  ws.onmessage = ({ data }) => {
    messages++
    if (messages < every && Math.random() >= chance) ws.send(data)
    else if (Object.hasOwn(die, how)) die[how](ws)
    else ws.close(Number(how), 'a bad moment')
  }
})
