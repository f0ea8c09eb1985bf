// Opens a page of wskit bench --html, or of wskit check --html, in a headless Chromium, as on a
// screen and as on a phone, and looks at what it draws. See ../README.md.

import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: flags, positionals: [file] } = parseArgs({
  options: {
    browser: { type: 'string', default: '/usr/bin/chromium' },
    proxy: { type: 'string' }, // sees every request that would leave
    kind: { type: 'string', default: 'bench' },
  },
  allowPositionals: true,
});

let ok = true;
const report = (name, problems) => {
  ok &&= problems.length === 0;
  process.stdout.write(`${JSON.stringify({ case: name, ok: problems.length === 0, detail: problems.join('; ') })}\n`);
};

// Each function of looks runs in the page and returns what is wrong with what it shows. Only
// where there is a pointer does something have to happen when it is pointed at.
const looks = {};

looks.bench = (pointer) => {
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

looks.check = () => {
  const problems = [];
  const seen = (element) => element.getBoundingClientRect().height > 0;
  const tooWide = (when) => {
    if (document.documentElement.scrollWidth > window.innerWidth) {
      problems.push(`${when}: it is ${document.documentElement.scrollWidth} wide, the window ${window.innerWidth}`);
    }
    const cases = document.querySelector('.cases');
    if (cases.scrollWidth > cases.clientWidth) problems.push(`${when}: the table is ${cases.scrollWidth} wide, its room ${cases.clientWidth}`);
  };
  const rows = () => [...document.querySelectorAll('tbody tr:not(.group):not(.more)')];
  const filter = document.querySelector('#only');
  const details = [...document.querySelectorAll('details')];
  tooWide('at first');
  if (rows().length < 20) problems.push(`${rows().length} cases`);
  if (!details.length) problems.push('there is nothing to open');
  if (!filter.checked) problems.push('the filter is off');
  if (rows().filter(seen).length !== document.querySelectorAll('tr.more').length) problems.push('the filter shows what passed');
  document.querySelector('label').click();
  if (!rows().every(seen)) problems.push('without the filter, not all is seen');
  tooWide('without the filter');
  for (const one of details) one.open = true;
  tooWide('opened');
  if (!details.every((one) => one.querySelector('ol') && one.querySelector('pre').textContent.includes('HTTP/1.1'))) {
    problems.push('steps or an exchange are missing');
  }
  for (const chip of document.querySelectorAll('.chip')) {
    const style = getComputedStyle(chip);
    if (!chip.textContent.trim()) problems.push('a verdict has no word');
    if (style.color === style.backgroundColor) problems.push(`${chip.textContent} cannot be read`);
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
    report(name, await page.evaluate(looks[flags.kind], name === 'screen'));
    report(`${name}: requests`, requests.filter((to) => to !== url && !to.startsWith('data:')));
    report(`${name}: complaints`, complaints);
    const format = await page.evaluate(() => JSON.parse(atob(document.querySelector('a[download]').href.split(',')[1])).format);
    report(`${name}: download`, format === `wskit-${flags.kind}/1` ? [] : [`the format is ${format}`]);
    await page.close();
  }
} finally {
  await browser.close();
}
process.exitCode = ok ? 0 : 1;
