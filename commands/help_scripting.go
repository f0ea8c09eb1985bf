package commands

// scriptingPage is wskit help scripting.
const scriptingPage = `Scripts describe one peer in JavaScript, whoever dialled. The same file serves sockets and
drives a client:

  wskit serve /path=script:FILE [-- ARG …]   its handlers run for each connection
  wskit connect --script FILE URL [ARG …]    they run for the one that is opened
  wskit serve '/path=js:CODE'                CODE is the body of a handler, with the
  wskit connect -e CODE URL                  connection in ws

A FILE has a slash or ends in .js. Any other name is that of a built-in script, such as chat,
faults or smoke: wskit scripts lists them, and wskit scripts NAME prints one to start from.

  on('connection', async ws => {
    ws.send(JSON.stringify({ type: 'login', user: 'ann' }))
    const hello = await ws.expect({ type: 'hello', user: 'ann' }, { timeout: 500 })
    assert(hello.json.session.length === 32, 'session id')
    ws.send('nonsense')
    await ws.closed(1003)
  })

Handlers:
  on('connection', ws => …)    when it completes, and leaves no listener, timer or room behind,
                               the connection is closed with 1000
  on('upgrade', req => …)      return nothing to accept, {status, headers, body} to refuse, or
                               {protocol, headers, name, maxMessageSize, pingInterval}; faults:
                               {accept: 'wrong'}, {delay: MS}, {drop: true}. It may be async
  on('shutdown', () => …)      when the command ends, or --watch replaces the script
  The top level runs once, before anything is opened. All connections share its variables.

A connection, ws:
  send(DATA, {fragment, delay, compress})   text for a string, binary for bytes
  close(CODE, REASON), terminate()          terminate resets TCP
  onmessage onclose onerror onping onpong   and addEventListener, removeEventListener
  onframe, await nextFrame()                data frames: {fin, rsv, opcode, data}
  await expect(PATTERN, {timeout})          the next message must match
  await receive(PATTERN, {timeout})         skip until one matches; without one: the next
  await closed(CODE, {timeout})             wait for the end, which must have that code
  subscribe(ROOM) unsubscribe(ROOM) publish(ROOM, DATA)    publish: to all others in it
  every(MS, F) ping(DATA) pong(DATA) pause() resume() autoPong = false
  raw.frame({fin, rsv, opcode, mask, payload}) raw.write(BYTES)    whatever the rules say
  readyState protocol extensions url bufferedAmount binaryType name data request

A message has data, json (undefined if it is none), bytes, opcode, type and target. A PATTERN
is a string (equal), a RegExp (its result is in match), an object or array (contained in the
JSON; RegExps and functions in it take values), bytes, or a function that is not async. Messages
are kept for expect and receive from the start on, unless there is an onmessage.

A request, req and ws.request:
  method path url host remoteAddress user protocols cookies header(NAME) query(NAME) param(NAME)

Everywhere:
  publish(ROOM, DATA)  clients (iterable, get(NAME), size)  sleep(MS)  args
  await connect(URL, {protocols, headers, origin, compress, insecure, maxMessageSize,
    pingInterval, timeout, name})      dials; what it opens ends with the connection it is for
  env(NAME)                            as --allow-env allows
  readText(PATH) readBytes(PATH)       below the script's folder, or as --allow-read allows
  setTimeout setInterval clearTimeout clearInterval queueMicrotask
  assert(COND, MESSAGE)  fail(MESSAGE)  exit(CODE)  console.log …  performance.now()
  TextEncoder TextDecoder atob btoa crypto.getRandomValues crypto.randomUUID
  --seed fixes Math.random, not crypto.

Errors and limits:
  An error or a rejected promise that nobody handles closes its connection with 1011, is told
  with file, line and column, and makes the exit code 1: of connect, and of serve at its end.
  A receive without a pattern that the end of the connection rejects only ends its handler,
  unless it is a client's that has had nothing. A client's handlers run to their end, also
  behind the end of its connection; one that waits for what can never come has failed.
  In connect, expect, receive and closed wait as long as --wait says unless told otherwise, and
  --duration ends a script that would go on: its connection is closed with 1000.
  --junit FILE writes each expect, receive(PATTERN), closed, nextFrame, assert and fail as a
  test case with its line and what came instead; one whose failure the script handles, or
  that still waits at the end, is skipped; another error is an error.
  A script that runs for --script-timeout without a pause loses that turn, and so does one for
  which the process takes more than --script-memory; the others go on.
  With serve --watch a file that changes is run anew: new connections get the new script, those
  of the old one are closed with 1012. If it cannot be run, the old one stays.
  One script has one thread, however many connections. While it is behind they are not read.
  A client is not read while more than 512 KiB wait for it either; what finds 18 MiB waiting
  for a peer throws, and the connection is closed with 1008.

The language is ECMAScript with async functions and await at the top level, always strict.
There are no imports, eval, async generators, for await or TypeScript. For editors:
wskit scripts --types > wskit.d.ts
`
