// counter: one number that all clients share and see change.
//
//   wskit serve /=script:counter
//   wskit connect -x inc -x inc -x -10 ws://localhost:8080/
//
// A client says inc, dec, reset, or a number to add. Whoever is connected gets the new value,
// as JSON: {"value":3,"by":"ann","clients":2}. ?name=ann says who it is.

let value = 0 // the top level runs once: this belongs to all connections

const changes = { inc: n => n + 1, dec: n => n - 1, reset: () => 0 }

const state = by => JSON.stringify({ value, by, clients: clients.size })

on('upgrade', req => ({ name: (req.query('name') ?? 'somebody').slice(0, 20) }))

on('connection', ws => {
  ws.subscribe('counter')
  ws.send(state(null)) // where it stands now

  ws.onmessage = ({ data }) => {
    const word = String(data)
    const change = Object.hasOwn(changes, word) ? changes[word] : n => n + Number(word)
    const next = change(value)
    if (word === '' || !Number.isSafeInteger(next)) {
      ws.send(JSON.stringify({ error: 'say inc, dec, reset or a whole number' }))
      return
    }
    value = next
    publish('counter', state(ws.name)) // to all, who changed it included
  }
})
