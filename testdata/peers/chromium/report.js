// Opens a page of wskit bench --html in a headless Chromium, as on a screen and as on a
// phone, and looks at what it draws. See ../README.md.

import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: flags, positionals: [file] } = parseArgs({
  options: {
    browser: { type: 'string', default: '/usr/bin/chromium' },
    proxy: { type: 'string' }, // sees every request that would leave
  },
  allowPositionals: true,
});

let ok = true;
const report = (name, problems) => {
  ok &&= problems.length === 0;
  process.stdout.write(`${JSON.stringify({ case: name, ok: problems.length === 0, detail: problems.join('; ') })}\n`);
};

// look runs in the page and returns what is wrong with what it shows. Only where there is a
// pointer does something have to happen when it is pointed at.
const look = (pointer) => {
  const problems = [];
  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  if (document.documentElement.scrollWidth > window.innerWidth) {
    problems.push(`it is ${document.documentElement.scrollWidth} wide, the window ${window.innerWidth}`);
  }
  for (const id of ['percentiles', 'throughput']) {
    const drawings = [...document.querySelectorAll(`#${id} svg`)].filter((svg) => svg.getBoundingClientRect().width > 0);
    if (drawings.length !== 1) {
      problems.push(`${id}: ${drawings.length} drawings are seen`);
      continue;
    }
    const [svg] = drawings;
    const frame = svg.getBoundingClientRect();
    for (const line of svg.querySelectorAll('path.line')) {
      const box = line.getBBox();
      if (box.width < 200) problems.push(`${id}: the line ${line.getAttribute('class')} is ${box.width} wide`);
      if (getComputedStyle(line).stroke === 'none') problems.push(`${id}: a line has no colour`);
    }
    if (!svg.querySelector('path.line')) problems.push(`${id}: there is no line`);
    if (pointer && !svg.querySelector('title')) problems.push(`${id}: nothing tells its figures`);
    const labels = [...svg.querySelectorAll('text')];
    if (labels.length < 6) problems.push(`${id}: ${labels.length} labels`);
    const boxes = labels.map((label) => label.getBoundingClientRect());
    for (const [i, box] of boxes.entries()) {
      const text = labels[i].textContent;
      if (box.left < frame.left - 8 || box.right > frame.right + 8) problems.push(`${id}: ${text} is cut off`);
      if (box.height < 9) problems.push(`${id}: ${text} is ${box.height} high`);
      const other = boxes.findIndex((b, j) => j > i && overlap(box, b));
      if (other > 0) problems.push(`${id}: ${text} lies over ${labels[other].textContent}`);
    }
  }
  return problems;
};

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
try {
  const url = pathToFileURL(file).href;
  for (const [name, width, colorScheme] of [['screen', 1200, 'light'], ['phone', 360, 'dark']]) {
    const page = await browser.newPage({
      viewport: { width, height: 800 },
      colorScheme,
      // The page's alone: what the browser does of its own accord goes elsewhere.
      ...(flags.proxy && { proxy: { server: flags.proxy, bypass: '<-loopback>' } }),
    });
    const requests = [];
    const complaints = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    report(name, await page.evaluate(look, name === 'screen'));
    report(`${name}: requests`, requests.filter((to) => to !== url && !to.startsWith('data:')));
    report(`${name}: complaints`, complaints);
    const format = await page.evaluate(() => JSON.parse(atob(document.querySelector('a[download]').href.split(',')[1])).format);
    report(`${name}: download`, format === 'wskit-bench/1' ? [] : [`the format is ${format}`]);
    await page.close();
  }
} finally {
  await browser.close();
}
process.exitCode = ok ? 0 : 1;
