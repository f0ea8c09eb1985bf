// greeter: lets in who has a token, agrees on a subprotocol, and says hello.
//
//   wskit serve /=script:greeter
//   wskit connect -s greet.v2 -H 'Authorization: Bearer secret' ws://localhost:8080/
//   wskit connect 'ws://localhost:8080/?token=secret'
//
// Browsers cannot send the header, hence the ?token=. Without a good one the answer is 401.
// greet.v2 speaks JSON, and greet.v1 plain text, as does a client that offers no subprotocol;
// to one that offers others only it is 400. Each message is the name of somebody to greet.

const users = new Map([['secret', 'ann'], ['hunter2', 'bob']])

const versions = { // the best first
  'greet.v2': name => JSON.stringify({ type: 'hello', name }),
  'greet.v1': name => `hello ${name}`,
}

const tokenOf = req => {
  const [, bearer] = /^Bearer (\S+)$/i.exec(req.header('Authorization') ?? '') ?? []
  return bearer ?? req.query('token')
}

on('upgrade', req => {
  const user = users.get(tokenOf(req))
  if (!user) {
    return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'a token, please' }
  }
  const protocol = Object.keys(versions).find(version => req.protocols.includes(version))
  if (!protocol && req.protocols.length > 0) {
    return { status: 400, body: `this server speaks ${Object.keys(versions).join(' and ')}` }
  }
  return { name: user, protocol }
})

on('connection', ws => {
  const hello = versions[ws.protocol || 'greet.v1']
  ws.send(hello(ws.name))
  ws.onmessage = ({ data }) => ws.send(hello(data))
})
