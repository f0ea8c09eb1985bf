// slow: an echo server that takes its time, to test spinners, time-outs and patience.
//
//   wskit serve /=script:slow
//   wskit connect -x 'are you there?' 'ws://localhost:8080/?delay=2000&fragment=4&pause=300'
//
//   ?handshake=500   milliseconds before the upgrade is answered: 0 if not given
//   ?delay=1000      before each answer: 500 if not given
//   ?jitter=200      and up to so much more, at random: 0 if not given
//   ?fragment=4      answers come in frames of so many bytes: in one if not given
//   ?pause=100       with so many milliseconds between them: 100 if not given
//
// Answers keep their order. While one waits, what comes next is not looked at.

const settings = req => {
  const number = (name, otherwise) => Number(req.query(name) ?? otherwise)
  return {
    handshake: number('handshake', 0),
    delay: number('delay', 500),
    jitter: number('jitter', 0),
    fragment: number('fragment', 0),
    pause: number('pause', 100),
  }
}

on('upgrade', req => {
  const wrong = Object.entries(settings(req)).find(([, value]) => !(value >= 0))
  if (wrong) return { status: 400, body: `${wrong[0]} is a number, and not negative` }
  return { delay: settings(req).handshake }
})

on('connection', async ws => {
  const { delay, jitter, fragment, pause } = settings(ws.request)
  const how = fragment >= 1 ? { fragment, delay: pause } : {}
  while (true) {
    const { data } = await ws.receive() // ends with the connection
    await sleep(delay + Math.random() * jitter)
    ws.send(data, how)
  }
})
