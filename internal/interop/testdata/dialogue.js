// One end of a conversation, whoever dialled. TestDialogue has it talk to npm ws, whose end
// is testdata/peers/node/dialogue.js.

const send = (ws, value) => ws.send(JSON.stringify(value))

on('connection', async ws => {
  // Both greet, and neither waits for the other.
  send(ws, { type: 'hello', from: 'wskit' })
  const hello = await ws.expect({ type: 'hello' })
  assert(hello.json.from === 'npm ws', 'who it is')

  // A question each.
  send(ws, { type: 'add', numbers: [1, 2, 3] })
  await ws.expect({ type: 'sum', sum: 6 })
  const question = await ws.expect({ type: 'add' })
  send(ws, { type: 'sum', sum: question.json.numbers.reduce((a, b) => a + b) })

  // Bytes, which come back in reverse.
  const bytes = Uint8Array.from({ length: 70000 }, (_, i) => i % 251)
  ws.send(bytes)
  await ws.expect(bytes.slice().reverse())

  // A message in fragments each way, cut inside characters.
  ws.send('für jeden: ein Stück 🍰', { fragment: 2 })
  await ws.expect('merci, à bientôt 👋')

  // A ping, of which the peer tells.
  ws.ping('are you there?')
  const [, data] = (await ws.expect(/^pinged with (.*)$/)).match
  assert(data === 'are you there?', 'what the ping carried')

  ws.close(4001, 'done')
  const end = await ws.closed(4001)
  assert(end.wasClean, 'a clean end')
})
