// chat: rooms where people talk, with names, and notices of who comes and goes.
//
//   wskit serve '/{room}=script:chat'
//   wskit connect 'ws://localhost:8080/lobby?name=ann'
//
// The room is the {room} of the path, or ?room=, or "lobby". Without a ?name= a guest gets a
// number. A line goes to all in the room; a line with a slash is a command:
//
//   /names      who is here          /me waves      a line about yourself
//   /nick bob   another name         /quit          leave
//
// wskit connect has slash commands of its own: type //names there.

let guests = 0

const roomOf = req => req.param('room') ?? req.query('room') ?? 'lobby'

const members = room => [...clients].filter(ws => ws.data.room === room)

const taken = (room, name) => members(room).some(ws => ws.name === name)

const isName = name => /^[\w-]{1,20}$/.test(name)

const commands = {
  names: ws => ws.send(`* here: ${members(ws.data.room).map(ws => ws.name).join(', ')}`),
  me: (ws, text) => publish(ws.data.room, `* ${ws.name} ${text}`),
  quit: ws => ws.close(1000, 'bye'),
  nick(ws, name) {
    if (!isName(name)) return ws.send('* a name is 1 to 20 letters, digits, _ and -')
    if (taken(ws.data.room, name)) return ws.send(`* somebody is called ${name} already`)
    publish(ws.data.room, `* ${ws.name} is now called ${name}`)
    ws.name = name
  },
}

on('upgrade', req => {
  const name = req.query('name') ?? `guest${++guests}`
  if (!isName(name)) return { status: 400, body: 'a name is 1 to 20 letters, digits, _ and -' }
  if (taken(roomOf(req), name)) return { status: 409, body: `somebody is called ${name} already` }
  return { name }
})

on('connection', ws => {
  const room = ws.data.room = roomOf(ws.request)
  ws.subscribe(room)
  publish(room, `* ${ws.name} has joined ${room}`)

  ws.onmessage = ({ data }) => {
    if (typeof data !== 'string') return ws.close(1003, 'text only')
    const [, command, rest] = /^\/(\w*) *(.*)$/s.exec(data) ?? []
    if (command === undefined) publish(room, `${ws.name}: ${data}`)
    else if (Object.hasOwn(commands, command)) commands[command](ws, rest)
    else ws.send(`* no such command: there are ${Object.keys(commands).join(', ')}`)
  }
  ws.onclose = () => publish(room, `* ${ws.name} has left`)
})
