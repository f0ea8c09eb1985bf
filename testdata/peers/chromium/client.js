// Runs the cases with the WebSocket of a headless Chromium against one echo
// server or several, one browser for all. See ../README.md.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: flags, positionals: urls } = parseArgs({
  options: {
    browser: { type: 'string', default: '/usr/bin/chromium' },
    groups: { type: 'string', default: 'messages,close' },
    subprotocol: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
});

// The page comes from loopback, so that its Origin is one that a server on
// loopback allows.
const files = {
  '/': ['chromium/page.html', 'text/html'],
  '/js/cases.js': ['js/cases.js', 'text/javascript'],
};
const pages = createServer((request, response) => {
  const [path, type] = files[request.url] ?? [];
  if (!path) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': type });
  createReadStream(fileURLToPath(new URL(`../${path}`, import.meta.url))).pipe(response);
});
await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  executablePath: flags.browser,
  timeout: 60000, // a cold start on a busy machine
  args: [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let ok = true;
try {
  const page = await browser.newPage();
  await page.exposeFunction('report', (result) => process.stdout.write(`${JSON.stringify(result)}\n`));
  await page.goto(`http://127.0.0.1:${pages.address().port}/`);
  await page.waitForFunction('window.ready');
  for (const url of urls) {
    ok = (await page.evaluate(
      ([url, subprotocols, chosen]) => window.runCases(url, subprotocols, chosen),
      [url, flags.subprotocol, flags.groups],
    )) && ok;
  }
} finally {
  await browser.close();
  pages.close();
}
process.exitCode = ok ? 0 : 1;
