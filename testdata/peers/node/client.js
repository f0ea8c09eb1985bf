// Runs the cases with npm ws against an echo server. See ../README.md.

import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { bytes, choose, equal, groups, run, text, within } from '../js/cases.js';
import { deflate, parse } from './options.js';

const { values: flags, positionals } = parse(
  {
    groups: { type: 'string', default: 'messages,fragments,control,close' },
    ca: { type: 'string' },
    header: { type: 'string', multiple: true, default: [] },
  },
  true,
);

// What the browser's API cannot do.
const fragments = {
  'text-fragments': (conn) => fragmented(conn, text(3000), [1, 11, 997]), // cuts inside characters
  'binary-fragments': (conn) => fragmented(conn, bytes(70000), [126, 65661]),
  'empty-fragments': (conn) => fragmented(conn, 'middle', [0, 0, 6, 6]),
  'ping-between-fragments': async (conn) => {
    const pong = nextPong(conn);
    conn.socket.send('one ', { fin: false });
    conn.socket.ping('between');
    equal(await pong, 'between', 'pong'); // before the message has ended
    conn.socket.send('two', { fin: true });
    equal(await conn.next(), 'one two', 'echo');
  },
};

async function fragmented(conn, message, cuts) {
  const payload = Buffer.from(message);
  const edges = [0, ...cuts, payload.length];
  for (let i = 0; i + 1 < edges.length; i++) {
    conn.socket.send(payload.subarray(edges[i], edges[i + 1]), {
      binary: typeof message !== 'string',
      fin: i + 2 === edges.length,
    });
  }
  const got = await conn.next('the echo of fragments');
  if (typeof message === 'string') equal(got, message, 'echo of fragments');
  else equal(Buffer.compare(Buffer.from(got), payload), 0, 'echo of fragments, compared');
}

const control = {
  'ping-empty': async (conn) => pinged(conn, ''),
  'ping-125': async (conn) => pinged(conn, text(125)),
  'ping-many': async (conn) => {
    for (let i = 0; i < 20; i++) await pinged(conn, `ping ${i}`);
  },
  'unsolicited-pong': async (conn) => {
    conn.socket.pong('nobody asked');
    await conn.echo('after a pong');
  },
};

function nextPong(conn) {
  return within(
    new Promise((resolve) => conn.socket.once('pong', (data) => resolve(data.toString()))),
    'a pong',
  );
}

async function pinged(conn, data) {
  const pong = nextPong(conn);
  conn.socket.ping(data);
  equal(await pong, data, 'pong');
}

// For a server with a short ping interval: each further ping proves that the pong
// before it was taken.
const pings = {
  'server-pings': async (conn) => {
    for (let i = 0; i < 10; i++) {
      await within(new Promise((resolve) => conn.socket.once('ping', resolve)), 'a ping from the server');
    }
    await conn.echo('still here');
  },
};

// What crosses the wire is smaller when compression was agreed, and only then.
const wire = {
  'wire-size': async (conn) => {
    const message = 'all alike '.repeat(6554);
    const before = traffic(conn);
    await conn.echo(message);
    for (const [at, size] of traffic(conn).entries()) {
      const took = size - before[at];
      const small = took < message.length / 4;
      const what = `${took} bytes ${at === 0 ? 'came' : 'went'} for ${message.length}`;
      if (small !== (conn.socket.agreed !== '')) throw new Error(`${what}, agreed: "${conn.socket.agreed}"`);
    }
  },
};

function traffic(conn) {
  const { bytesRead, bytesWritten } = conn.socket._socket;
  return [bytesRead, bytesWritten];
}

const available = {
  ...groups,
  fragments: { fresh: false, cases: fragments },
  control: { fresh: false, cases: control },
  pings: { fresh: false, cases: pings },
  wire: { fresh: false, cases: wire },
};

function dial() {
  const headers = Object.fromEntries(flags.header.map((line) => line.split(/:\s*/, 2)));
  const socket = new WebSocket(positionals[0], flags.subprotocol, {
    perMessageDeflate: deflate(flags),
    ca: flags.ca && readFileSync(flags.ca),
    headers,
  });
  socket.once('upgrade', (response) => {
    socket.agreed = response.headers['sec-websocket-extensions'] ?? '';
  });
  return socket;
}

const facts = (socket) => ({ extensions: socket.agreed, protocol: socket.protocol });
const report = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = (await run(dial, available, choose(flags.groups, available), facts, report)) ? 0 : 1;
