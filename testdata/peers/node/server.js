// An echo server with npm ws, for the client side of wskit. See ../README.md.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { WebSocketServer } from 'ws';
import { deflate, parse } from './options.js';

const { values: flags } = parse({ 'tls-cert': { type: 'string' }, 'tls-key': { type: 'string' } });
const secure = flags['tls-cert'] !== undefined;
const server = secure
  ? createSecureServer({ cert: readFileSync(flags['tls-cert']), key: readFileSync(flags['tls-key']) })
  : createServer();

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const wss = new WebSocketServer({
  server,
  perMessageDeflate: deflate(flags),
  handleProtocols: (offered) => flags.subprotocol.find((name) => offered.has(name)) ?? false,
});

wss.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    if (!isBinary && data.length > 0 && data[0] === 0x21) command(socket, data.toString());
    else socket.send(data, { binary: isBinary });
  });
  socket.on('close', (code, reason) => say({ event: 'close', code, reason: reason.toString() }));
  socket.on('error', (err) => say({ event: 'error', detail: err.message }));
});

function command(socket, line) {
  const [name, ...words] = line.slice(1).split(' ');
  switch (name) {
    case 'close':
      return socket.close(words.length ? Number(words[0]) : undefined, words.slice(1).join(' '));
    case 'ping':
      socket.once('pong', (data) => socket.send(`pong ${data}`));
      return socket.ping(words.join(' '));
    case 'fragments':
      return fragments(socket, Number(words[0]), Buffer.from(words.slice(1).join(' ')));
    default:
      return socket.close(1008, `no command ${name}`);
  }
}

function fragments(socket, count, payload) {
  const size = Math.ceil(payload.length / count); // may end inside a character, as a frame may
  for (let i = 0; i < count; i++) {
    socket.send(payload.subarray(i * size, (i + 1) * size), { binary: false, fin: i === count - 1 });
  }
}

function stop() {
  for (const socket of wss.clients) socket.terminate();
  server.close(() => process.exit(0));
}
process.on('SIGTERM', stop);
process.stdin.on('end', stop).resume();

server.listen(0, '127.0.0.1', () => {
  say({ ready: true, url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${server.address().port}/` });
});
