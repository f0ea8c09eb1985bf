// The cases that any WebSocket of the browser's shape can run against an echo
// server: Chromium's own in a page, and npm ws in Node. Nothing here may need
// more than the browser's API.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

// The payload sizes at which the length form of a frame changes, and one that
// is large.
export const SIZES = [0, 1, 125, 126, 65535, 65536];
export const LARGE = 16 * 1024 * 1024;

// bytes returns size bytes that a window of 8 KiB or more can compress and a
// smaller one cannot: a block of pseudo-random bytes, repeated.
export function bytes(size) {
  const block = new Uint8Array(5003);
  let state = 1;
  for (let i = 0; i < block.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    block[i] = state >>> 16;
  }
  const out = new Uint8Array(size);
  for (let at = 0; at < size; at += block.length) {
    out.set(block.subarray(0, Math.min(block.length, size - at)), at);
  }
  return out;
}

// text returns a string of exactly size bytes of UTF-8, with characters of
// one to four bytes.
export function text(size) {
  let block = '';
  for (let i = 0; block.length < 6000; i++) block += `${i} prüfung, 検査, €uro, 𝄞; `;
  const unit = encoder.encode(block);
  const out = new Uint8Array(size).fill(0x2e);
  for (let at = 0; at + unit.length <= size; at += unit.length) out.set(unit, at);
  const rest = size % unit.length;
  let cut = rest;
  while (cut > 0 && (unit[cut] & 0xc0) === 0x80) cut--; // not inside a character
  out.set(unit.subarray(0, cut), size - rest);
  return decoder.decode(out);
}

// within fails when promise has not settled after ms milliseconds.
export function within(promise, what, ms = 30000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function equal(got, want, what) {
  if (got !== want) throw new Error(`${what}: got ${show(got)}, want ${show(want)}`);
}

function show(value) {
  const s = JSON.stringify(value) ?? String(value);
  return s.length <= 80 ? s : `${s.slice(0, 80)}… (${s.length} characters)`;
}

function sameMessage(got, want) {
  if (typeof want === 'string') {
    if (got !== want) throw new Error(`text: got ${show(got)}, want ${show(want)}`);
    return;
  }
  if (!(got instanceof ArrayBuffer)) throw new Error(`got ${show(got)}, want a binary message`);
  const view = new Uint8Array(got);
  equal(view.length, want.length, 'length of a binary message');
  const at = view.findIndex((b, i) => b !== want[i]);
  if (at !== -1) throw new Error(`byte ${at}: got ${view[at]}, want ${want[at]}`);
}

// A Conn gives one WebSocket's messages and its end in order, as promises.
export class Conn {
  constructor(socket) {
    this.socket = socket;
    this.messages = [];
    this.waiting = [];
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => this.#deliver({ data }));
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', (end) => {
        this.#deliver({ end });
        resolve(end);
      });
    });
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', (e) => reject(new Error(e.message || 'the connection failed')));
    });
    this.opened.catch(() => {}); // whoever waits for it is told
  }

  #deliver(item) {
    const next = this.waiting.shift();
    if (next) next(item);
    else this.messages.push(item);
  }

  // next returns the next message's data: a string or an ArrayBuffer.
  async next(what = 'a message') {
    const queued = this.messages.shift();
    const item = queued ?? (await within(new Promise((resolve) => this.waiting.push(resolve)), what));
    if (item.end) {
      this.messages.unshift(item); // the end stays the end
      throw new Error(`${what}: closed with ${item.end.code} ${show(item.end.reason)}`);
    }
    return item.data;
  }

  async echo(message) {
    this.socket.send(message);
    sameMessage(await this.next('the echo'), message);
  }

  async end() {
    const end = await within(this.closed, 'the end of the connection');
    return { code: end.code, reason: end.reason, clean: end.wasClean };
  }

  async close(code, reason) {
    if (code === undefined) this.socket.close();
    else this.socket.close(code, reason);
    return this.end();
  }
}

function sameEnd(got, want) {
  equal(got.code, want.code, 'close code');
  equal(got.reason, want.reason, 'close reason');
  equal(got.clean, true, 'a clean close');
}

// Cases that share one connection, in order.
const messages = {};
for (const size of SIZES) {
  messages[`text-${size}`] = (conn) => conn.echo(text(size));
  messages[`binary-${size}`] = (conn) => conn.echo(bytes(size));
}
messages['every-byte'] = (conn) => conn.echo(Uint8Array.from({ length: 256 }, (_, i) => i));
messages.repeated = async (conn) => {
  for (let i = 0; i < 20; i++) await conn.echo(`${i} ${text(1024)}`);
};
messages.pipelined = async (conn) => {
  const sent = Array.from({ length: 100 }, (_, i) => (i % 2 ? bytes(i * 7) : text(i * 7)));
  for (const message of sent) conn.socket.send(message);
  for (const message of sent) sameMessage(await conn.next('a pipelined echo'), message);
};

const large = {
  'text-16m': (conn) => conn.echo(text(LARGE)),
  'binary-16m': (conn) => conn.echo(bytes(LARGE)),
};

// Cases that want a connection each. An echo server answers with our code and
// with our reason or none.
function closeCase(code, reason = '') {
  return async (conn) => {
    await conn.echo('before the close');
    const got = await conn.close(code, reason);
    sameEnd(got, { code: code ?? 1005, reason: got.reason === '' ? '' : reason });
  };
}
const close = {
  'close-none': closeCase(undefined),
  'close-1000': closeCase(1000),
  'close-3000': closeCase(3000, 'done: prüfung'),
  'close-4999': closeCase(4999, text(123)),
};

// Cases for a server that takes commands (see the README): those of Node and
// Python beside this file.
function closedByServer(code, reason) {
  return async (conn) => {
    conn.socket.send(`!close ${code} ${reason}`.trim());
    sameEnd(await conn.end(), { code, reason });
  };
}
const commands = {
  fragmented: async (conn) => {
    conn.socket.send(`!fragments 5 ${text(3000)}`);
    sameMessage(await conn.next(), text(3000));
  },
  pinged: async (conn) => {
    conn.socket.send('!ping ünd');
    equal(await conn.next(), 'pong ünd', 'what the server says of our pong');
  },
};
for (const code of [1000, 1001, 1008, 1011, 3000, 4999]) {
  commands[`closed-${code}`] = closedByServer(code, code === 1000 ? '' : `because ünd ${code}`);
}

// A case that the server ends, when it is stopped.
const shutdown = {
  'going-away': async (conn) => sameEnd(await conn.end(), { code: 1001, reason: 'the server is shutting down' }),
};

// The cases of each group; fresh says that each of them wants its own connection,
// and final that it ends the shared one.
export const groups = {
  messages: { fresh: false, cases: messages },
  large: { fresh: false, cases: large },
  close: { fresh: true, cases: close },
  commands: { fresh: true, cases: commands },
  shutdown: { final: true, cases: shutdown },
};

// run runs the chosen groups and reports each case as {case, ok, detail}. dial
// returns a new socket; facts tells of a socket what the handshake agreed, which
// becomes part of the first case, "open". It returns whether all went well.
export async function run(dial, available, chosen, facts, report) {
  let ok = true;
  const attempt = async (name, body) => {
    const started = performance.now();
    try {
      const more = await body();
      await report({ case: name, ok: true, detail: `${Math.round(performance.now() - started)} ms`, ...more });
    } catch (err) {
      ok = false;
      await report({ case: name, ok: false, detail: String(err?.message ?? err) });
    }
  };
  const open = async () => {
    const conn = new Conn(await dial());
    await within(conn.opened, 'the handshake');
    return conn;
  };

  let shared;
  await attempt('open', async () => {
    shared = await open();
    return facts(shared.socket);
  });
  if (!shared) return false;
  const lost = shared.closed.then(({ code }) => {
    throw new Error(`the connection ended with ${code}`);
  });
  lost.catch(() => {}); // it is no fault after the last case
  for (const name of chosen) {
    const { fresh, final, cases } = available[name];
    for (const [title, body] of Object.entries(cases)) {
      await attempt(title, async () => {
        if (final) {
          await body(shared);
          return;
        }
        if (!fresh) {
          await Promise.race([body(shared), lost]);
          return;
        }
        const conn = await open();
        await body(conn);
        if (conn.socket.readyState < 2) await conn.close(1000);
      });
    }
    if (final) return ok;
  }
  await attempt('leave', async () => sameEnd(await shared.close(1000), { code: 1000, reason: '' }));
  return ok;
}

// choose turns a comma-separated list into names of available groups.
export function choose(list, available) {
  const names = list.split(',').filter(Boolean);
  for (const name of names) {
    if (!available[name]) throw new Error(`no group ${name}; there are ${Object.keys(available).join(', ')}`);
  }
  return names;
}
