// smoke: a client that tests whether its peer echoes whatever it gets.
//
//   wskit serve echo
//   wskit connect --script smoke ws://localhost:8080/
//
// Text, binary, nothing, Unicode, something large, fragments, a ping in between and a normal
// close. It prints a line for each; the exit code is 0 when all come back, and 1 when one does
// not, or not within --wait.

const bytes = n => Uint8Array.from({ length: n }, (_, i) => i % 256)

const messages = {
  'text': 'hello',
  'empty text': '',
  'Unicode': 'naïve 😀 中文 \u0000 e\u0301',
  'JSON': JSON.stringify({ list: [1, 2, 3], nested: { ok: true } }),
  'binary': bytes(256),
  'empty binary': bytes(0),
  '126 bytes': 'x'.repeat(126), // the first that needs a longer length
  '64 KiB of binary': bytes(65536), // and the next one
  '256 KiB of text': 'x'.repeat(262144),
}

on('connection', async ws => {
  for (const [name, message] of Object.entries(messages)) {
    ws.send(message)
    await ws.expect(message)
    console.log('ok', name)
  }

  ws.send('in fragments of 5 bytes', { fragment: 5 })
  await ws.expect('in fragments of 5 bytes')
  console.log('ok fragments')

  ws.ping('between')
  ws.send('after a ping')
  await ws.expect('after a ping')
  console.log('ok ping')

  ws.close(1000, 'done')
  await ws.closed(1000)
  console.log('ok close')
})
