// A minimal echo server with npm ws, for wskit check and the benchmark. With bufferutil installed ws masks
// in C++, as its README advises. See ../README.md.

import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values: flags } = parseArgs({ options: { deflate: { type: 'string' } } });
// What is not asked for is left to ws, which otherwise refuses clients that ask for it.
const isolated = { serverNoContextTakeover: true, clientNoContextTakeover: true };
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: flags.deflate === 'no-takeover' ? isolated : flags.deflate !== undefined,
});

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => {}); // ws closes the connection
});
server.on('listening', () => {
  process.stdout.write(`${JSON.stringify({ ready: true, url: `ws://127.0.0.1:${server.address().port}/` })}\n`);
});
process.on('SIGTERM', () => process.exit(0));
