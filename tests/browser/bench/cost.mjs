// What scripts cost a page: ours, others, and none.
//
//   cd tests/browser/bench && npm ci && npm run bench -- [--rounds 15] [--seed 1] [--json]
//
// In: our build in www/dist (`cargo xtask beacon` makes it), Chromium with four times less CPU. Out:
// a table for beacon/BENCHMARK.md: medians with 95% intervals of what each script adds to the same page,
// against the load without a script in the same round. Each round loads every page once, in random
// order. Must never happen: a figure of a load in which a script did not report.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { random } from '../loss-plan.mjs';
import { scripts } from './scripts.mjs';
import { Server } from './server.mjs';
import { median, spread } from './statistics.mjs';
import { read } from './trace.mjs';

const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '15' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
  json: { type: 'boolean', default: false },
  // Keeps the traces of the last round there, to be opened in the browser's developer tools.
  traces: { type: 'string' },
} });

const THROTTLE = 4;
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'v8.wasm', 'v8.execute',
  'loading', 'blink.user_timing'];
/** How long a visitor looks before a click, after it, and how long the last post may take, in ms. */
const LOOK_MS = 2500, CLICKED_MS = 1000, GONE_MS = 1500;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One load: look, click, leave. Returns its trace and what the server saw. */
const load = async (browser, server, number) => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
  server.reset();
  await browser.startTracing(page, { categories: CATEGORIES });
  const url = `${server.origin}/page/${number}`;
  await page.goto(url);
  await sleep(LOOK_MS);
  // By coordinates: looking for an element would run Playwright's own script in the page.
  await page.mouse.click(940, 22);
  await sleep(CLICKED_MS);
  await page.goto('about:blank');
  await sleep(GONE_MS);
  const trace = await browser.stopTracing();
  const { requests, bytes, posted } = server;
  await context.close();
  if (number > 0 && posted == 0) throw new Error(`${url}: the script reported nothing`);
  return { trace, figures: { ...read(JSON.parse(trace).traceEvents, url), requests, bytes } };
};

const shuffled = (items, next) => items.map((item) => [next(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);

/** All rounds: for each script a list of figures, one a round. */
const measure = async (browser, server, all) => {
  const next = random(Number(options.seed));
  const figures = all.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const number of shuffled([...all.keys()], next)) {
      const one = await load(browser, server, number);
      figures[number].push(one.figures);
      if (options.traces) writeFileSync(`${options.traces}/${number}.json`, one.trace);
    }
    console.error(`round ${round + 1} of ${options.rounds}`);
  }
  return figures;
};

/** The rows of the table. Differences are paired: each load less the one without a script in its round. */
const rows = (all, figures) => all.map(({ name }, number) => {
  const pick = (key) => figures[number].map((one) => one[key]);
  const apart = (key) => figures[number].map((one, round) => one[key] - figures[0][round][key]);
  const absolute = number == 0;
  return [
    name,
    absolute ? '' : spread(apart('main')),
    spread(pick('script')),
    spread(pick('longest')),
    `${pick('long').reduce((a, b) => a + b, 0)} in ${pick('long').length}`,
    absolute ? `${median(pick('lcp')).toFixed(0)} in all` : spread(apart('lcp')),
    absolute ? `${median(pick('inp')).toFixed(0)} in all` : spread(apart('inp')),
    (median(pick('bytes')) / 1024).toFixed(1),
    median(pick('requests')).toFixed(0),
  ];
});

const HEAD = ['script', 'adds to main thread, ms', 'own time, ms', 'longest in a task, ms', 'long tasks of its own',
  'adds to LCP, ms', 'adds to INP, ms', 'KiB', 'requests'];

const line = (cells) => `| ${cells.join(' | ')} |`;

const all = await scripts();
const server = await Server.start(all);
const browser = await chromium.launch({
  executablePath: process.env.FORESIGHT_TEST_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
});
try {
  const figures = await measure(browser, server, all);
  console.log(`${options.rounds} rounds, seed ${options.seed}, Chromium ${browser.version()}, CPU ${THROTTLE} times slower\n`);
  console.log([line(HEAD), line(HEAD.map(() => '---')), ...rows(all, figures).map(line)].join('\n'));
  const ours = figures[1];
  const pick = (key) => ours.map((one) => one[key]);
  console.log(`\nOf our own time wasm takes ${spread(pick('wasm'), 1)} ms on the main thread; `
    + `${spread(pick('beside'), 1)} ms are spent on it beside.`);
  if (options.json) console.log(JSON.stringify(Object.fromEntries(all.map(({ name }, i) => [name, figures[i]]))));
} finally {
  await browser.close();
  await server.stop();
}
