// One end of a conversation with npm ws, whoever dialled: it serves one connection, or dials
// the URL that it gets. The other end is internal/interop/testdata/dialogue.js. See
// ../README.md.

import { on } from 'node:events';
import { parseArgs } from 'node:util';
import WebSocket, { WebSocketServer } from 'ws';
import { equal, within } from '../js/cases.js';

const { values: flags, positionals } = parseArgs({ options: { wrong: { type: 'string' } }, allowPositionals: true });
const wrong = (what) => flags.wrong === what;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function converse(socket) {
  const messages = on(socket, 'message', { close: ['close'] });
  const pings = on(socket, 'ping', { close: ['close'] });
  const end = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: `${reason}` })));
  const send = (value) => socket.send(JSON.stringify(value));
  const next = async (events = messages) => {
    const { value, done } = await within(events.next(), 'a message or a ping');
    if (done) throw new Error('the connection has ended');
    const [data, isBinary] = value;
    return isBinary ? data : data.toString();
  };
  let trouble = '';
  try {
    if (socket.readyState === WebSocket.CONNECTING) await new Promise((resolve) => socket.once('open', resolve));
    await talk(socket, send, next, () => next(pings));
  } catch (err) {
    trouble = err.message;
    socket.close();
  }
  say({ event: 'close', ...(await within(end, 'the close')), trouble });
}

async function talk(socket, send, next, nextPing) {
  send({ type: 'hello', from: 'npm ws' });
  equal(await next(), '{"type":"hello","from":"wskit"}', 'the greeting');

  const { numbers } = JSON.parse(await next());
  if (wrong('leave')) socket.close(1000);
  send({ type: 'sum', sum: wrong('sum') ? '6' : numbers.reduce((a, b) => a + b) });
  send({ type: 'add', numbers: [40, 2] });
  equal(await next(), '{"type":"sum","sum":42}', 'the sum');

  const bytes = await next();
  equal(bytes.length, 70000, 'how many bytes');
  const answer = Buffer.from(bytes).reverse();
  if (wrong('bytes')) answer[69999] ^= 1;
  socket.send(answer);

  equal(await next(), 'für jeden: ein Stück 🍰', 'what came in fragments');
  const merci = Buffer.from('merci, à bientôt 👋');
  for (const [from, to] of [[0, 8], [8, 20], [20, 20], [20, merci.length - 1]]) {
    socket.send(merci.subarray(from, to), { binary: false, fin: false });
  }
  const last = wrong('fragments') ? '!' : '';
  socket.send(Buffer.concat([merci.subarray(-1), Buffer.from(last)]), { binary: false, fin: true });

  const data = await nextPing();
  socket.send(wrong('ping') ? 'nobody pinged' : `pinged with ${data}`);
}

if (positionals.length > 0) {
  await converse(new WebSocket(positionals[0]));
} else {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => say({ ready: true, url: `ws://127.0.0.1:${server.address().port}/` }));
  server.once('connection', async (socket) => {
    await converse(socket);
    server.close();
  });
}
