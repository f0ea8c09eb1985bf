// A headless Chromium with page.html open.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

// The page comes from loopback, so that its Origin is one that a server on
// loopback allows.
const files = {
  '/': ['chromium/page.html', 'text/html'],
  '/js/cases.js': ['js/cases.js', 'text/javascript'],
  '/js/suite.js': ['js/suite.js', 'text/javascript'],
};

// withPage starts the browser, hands its page to use, and returns what use returns.
export async function withPage(executablePath, use) {
  const pages = createServer((request, response) => {
    const [path, type] = files[request.url] ?? [];
    if (!path) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type });
    createReadStream(fileURLToPath(new URL(`../${path}`, import.meta.url))).pipe(response);
  });
  await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));

  const browser = await chromium.launch({
    executablePath,
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
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${pages.address().port}/`);
    await page.waitForFunction('window.ready');
    return await use(page);
  } finally {
    await browser.close();
    pages.close();
  }
}
