// Runs the cases with the WebSocket of a headless Chromium against one echo
// server or several, one browser for all. See ../README.md.

import { parseArgs } from 'node:util';
import { withPage } from './browser.js';

const { values: flags, positionals: urls } = parseArgs({
  options: {
    browser: { type: 'string', default: '/usr/bin/chromium' },
    groups: { type: 'string', default: 'messages,close' },
    subprotocol: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
});

let ok = true;
await withPage(flags.browser, async (page) => {
  await page.exposeFunction('report', (result) => process.stdout.write(`${JSON.stringify(result)}\n`));
  for (const url of urls) {
    ok = (await page.evaluate(
      ([url, subprotocols, chosen]) => window.runCases(url, subprotocols, chosen),
      [url, flags.subprotocol, flags.groups],
    )) && ok;
  }
});
process.exitCode = ok ? 0 : 1;
