// A client of a test suite with the WebSocket of a headless Chromium, by Autobahn's
// convention. See ../README.md.

import { parseArgs } from 'node:util';
import { withPage } from './browser.js';

const { values: flags, positionals } = parseArgs({
  options: { browser: { type: 'string', default: '/usr/bin/chromium' } },
  allowPositionals: true,
});
await withPage(flags.browser, (page) => page.evaluate(([base, agent]) => window.visitSuite(base, agent), positionals));
