// The flags that the server and the client of npm ws share.

import { parseArgs } from 'node:util';

const common = {
  compress: { type: 'boolean', default: false },
  'server-no-context-takeover': { type: 'boolean' },
  'client-no-context-takeover': { type: 'boolean' },
  'server-max-window-bits': { type: 'string' },
  'client-max-window-bits': { type: 'string' },
  threshold: { type: 'string', default: '0' },
  subprotocol: { type: 'string', multiple: true, default: [] },
};

// parse reads the command line: the common flags and more.
export function parse(more, allowPositionals = false) {
  return parseArgs({ options: { ...common, ...more }, allowPositionals });
}

// deflate is what npm ws calls perMessageDeflate, or false without --compress.
export function deflate(flags) {
  if (!flags.compress) return false;
  const bits = (value) => (value === undefined ? undefined : Number(value));
  return {
    serverNoContextTakeover: flags['server-no-context-takeover'],
    clientNoContextTakeover: flags['client-no-context-takeover'],
    serverMaxWindowBits: bits(flags['server-max-window-bits']),
    clientMaxWindowBits: bits(flags['client-max-window-bits']),
    threshold: Number(flags.threshold),
  };
}
