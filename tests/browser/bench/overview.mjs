// How fast the dashboard's own overview is, by our own beacon.
//
//   cd tests/browser/bench && npm run overview -- [--loads 15] [--sites 200] [--days 30] [--json]
//
// In: the collector as ../collector.mjs finds it (`cargo xtask build` makes it), a seeded fleet, Chromium with four times
// less CPU. Out: the median LCP, FCP and CLS with intervals, and the bytes of the first load, for www/BENCHMARK.md. Each
// load has a browser context of its own, so that nothing is cached. The beacon is put into the page on its way to the
// browser: the dashboard does not ship it. Its values are those that the collector tells on the live stream. Must never
// happen: a load of which the beacon told nothing, or a figure that the browser made in its place.

import { parseArgs } from 'node:util';
import { launchChromium } from '../chromium.mjs';
import { startSeeded } from '../seeded.mjs';
import { spread } from './statistics.mjs';

const { values: options } = parseArgs({ options: {
  loads: { type: 'string', default: '15' },
  sites: { type: 'string', default: '200' },
  days: { type: 'string', default: '30' },
  json: { type: 'boolean', default: false },
} });

const THROTTLE = 4;
/** Loads before those that are measured: the collector is warm then. */
const WARM = 2;
/** How long a load may take until the beacon's values are there, and how long somebody looks, in ms. */
const LIMIT_MS = 30_000, LOOK_MS = 1500;
const METRICS = ['LCP', 'FCP', 'CLS', 'TTFB'];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The values of each page view of a site, as the collector tells them. */
class Told {
  views = [];

  static async of(collector, site) {
    const told = new Told();
    told.stop = new AbortController();
    const response = await fetch(`${collector.url}/api/v1/live`, { signal: told.stop.signal });
    told.reading = told.read(response, site).catch((error) => {
      if (error.name !== 'AbortError') told.failure = error;
    });
    return told;
  }

  async read(response, site) {
    let text = '';
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (text + part).split('\n\n');
      text = events.pop();
      for (const event of events) {
        const data = /^data: ?(.*)$/m.exec(event)?.[1];
        if (/^event: ?view$/m.test(event) && data) {
          const view = JSON.parse(data);
          if (view.site === site) this.views.push(view.metrics);
        }
      }
    }
  }

  /** What is told of the view that has just ended: a later batch of it has later values. */
  async next() {
    const end = Date.now() + LIMIT_MS;
    for (;;) {
      const values = Object.assign({}, ...this.views);
      if ('LCP' in values) {
        this.views = [];
        return values;
      }
      if (this.failure) throw this.failure;
      if (Date.now() > end) throw new Error(`the beacon told nothing within ${LIMIT_MS} ms`);
      await sleep(20);
    }
  }
}

/** One load. What the beacon told, and the bytes that came: of the page itself, and of answers. */
async function load(browser, collector, token, told) {
  // The policy of the dashboard's page allows no wasm: it has none of its own.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  await page.route(`${collector.url}/`, async (route) => {
    const response = await route.fetch();
    const tag = `<script async src="/beacon.js" data-site="${token}"></script></head>`;
    await route.fulfill({ response, body: (await response.text()).replace('</head>', tag) });
  });
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
  const paths = new Map();
  const bytes = { page: 0, answers: 0 };
  session.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId) ?? '';
    if (path.startsWith('/api/')) bytes.answers += encodedDataLength;
    else if (!path.startsWith('/beacon') && path !== '/v1/batches') bytes.page += encodedDataLength;
  });
  await page.goto(`${collector.url}/`);
  for (const panel of ['alerts', 'passing', 'changes', 'business', 'health']) {
    await page.waitForSelector(`[data-testid=panel-${panel}]:not([data-state=loading])`);
  }
  await sleep(LOOK_MS);
  const counted = { ...bytes };
  const element = await page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1).element?.textContent.slice(0, 60) ?? '')).observe({ type: 'largest-contentful-paint', buffered: true });
  }));
  await page.goto('about:blank');
  const values = await told.next();
  await context.close();
  return { ...values, ...counted, element };
}

const collector = await startSeeded({ sites: options.sites, days: options.days, views: 40, seed: 1 });
const browser = await launchChromium();
const host = new URL(collector.url).host;
const told = await Told.of(collector, host);
try {
  const token = collector.token(host);
  const loads = [];
  for (let n = 0; n < WARM + Number(options.loads); n += 1) {
    const one = await load(browser, collector, token, told);
    if (n >= WARM) loads.push(one);
  }
  const all = (name) => loads.map((one) => one[name] ?? 0);
  const unit = { CLS: '' };
  console.log(`${options.loads} loads, ${options.sites} sites, ${options.days} days, Chromium ${browser.version()}, CPU ${THROTTLE} times slower\n`);
  console.log('| figure | median (95% interval) |\n|---|---|');
  for (const metric of METRICS) {
    console.log(`| ${metric}${metric in unit ? '' : ', ms'} | ${spread(all(metric), metric === 'CLS' ? 3 : 0)} |`);
  }
  console.log(`| page, code and styles, KB as sent | ${spread(all('page').map((bytes) => bytes / 1024), 1)} |`);
  console.log(`| answers of the API, KB as sent | ${spread(all('answers').map((bytes) => bytes / 1024), 1)} |`);
  console.error(`LCP is painted by: ${[...new Set(loads.map(({ element }) => element))].join(' / ')}`);
  if (options.json) console.log(JSON.stringify(loads));
} finally {
  told.stop.abort();
  await told.reading;
  await browser.close();
  await collector.stop();
}
