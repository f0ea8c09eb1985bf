// A client of a test suite with npm ws, by Autobahn's convention. See ../README.md.

import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { visit } from '../js/suite.js';

const { values: flags, positionals: [base, agent] } = parseArgs({
  options: { compress: { type: 'boolean', default: false } },
  allowPositionals: true,
});
await visit((url) => new WebSocket(url, { perMessageDeflate: flags.compress }), base, agent);
