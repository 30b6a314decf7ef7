// Strict pages: a content security policy with a nonce and Trusted Types changes nothing; a policy that
// refuses wasm, and browsers that lack what the beacon needs, cost the vitals and nothing else.
//
// In: see collector.mjs. The collector is a real one on another origin, as it is for most sites. Out: a
// verdict for each policy. Must never happen: a violation or an error that a page reports and that is
// passed over: each page writes down its own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site } from './beacon-server.mjs';
import { launch, leave, open, ready } from './beacon-browser.mjs';
import { startCollector, until } from './collector.mjs';

const NONCE = 'c3RyaWN0';
const TRUSTED = "require-trusted-types-for 'script'; trusted-types 'none'";

let site;
let browser;
let collector;
let token;
before(async () => {
  // One after the other: whatever was started is ended, also if the next one does not start.
  site = await Site.start();
  browser = await launch();
  collector = await startCollector('sqlite');
  token = collector.token(new URL(site.origin).host);
});
after(async () => {
  await browser?.close();
  await collector?.stop();
  await site?.stop();
});

/** Notes what the browser complains of, before anything else runs. */
const complain = () => {
  window.complaints = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    complaints.push(`${violatedDirective} ${blockedURI}`));
  addEventListener('error', ({ message }) => complaints.push(message));
  addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)));
};

/** A page with its own script, which must go on working, and a field for what it has done. */
const content = (attributes = '') => `<!doctype html><html lang="en"><head><title>Bakery</title>
<script async src="${collector.url}/beacon.js" data-site="${token}" nonce="${NONCE}" ${attributes}></script></head>
<body><h1>Bread of the long afternoon</h1><button id="order">Order</button>
<script nonce="${NONCE}">order.onclick = () => { order.textContent = 'Ordered'; };</script></body></html>`;

const visit = async (path, policy, { script, attributes } = {}) => {
  const page = await open(browser, { script: complain });
  if (script) await page.addInitScript(script);
  await page.goto(site.page(path, content(attributes), policy && { 'content-security-policy': policy }));
  return page;
};

/** Uses the page, leaves it, and returns what it complained of and what the collector knows. */
const finish = async (page, path) => {
  await page.click('#order');
  assert.equal(await page.textContent('#order'), 'Ordered');
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
  const complaints = await page.evaluate(() => window.complaints);
  await leave(page);
  await until(`the view of ${path}`, async () => (await collector.ask('vitals', { page: path })).views > 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  const answer = await collector.ask('vitals', { page: path });
  const measured = answer.vitals.filter(({ count }) => count > 0).map(({ metric }) => metric).sort();
  return { complaints, views: answer.views, measured };
};

const STRICT = {
  'a nonce, the collector and Trusted Types': () => `default-src 'none'; script-src 'nonce-${NONCE}'
    ${collector.url} 'wasm-unsafe-eval'; connect-src ${collector.url}; ${TRUSTED}`.replace(/\s+/g, ' '),
  "a nonce, 'strict-dynamic' and Trusted Types": () => `default-src 'none'; script-src 'nonce-${NONCE}'
    'strict-dynamic' 'wasm-unsafe-eval'; connect-src ${collector.url}; ${TRUSTED}`.replace(/\s+/g, ' '),
};

for (const [index, [name, policy]] of Object.entries(STRICT).entries()) {
  test(`under a policy with ${name} the vitals arrive and nothing is violated`, async () => {
    const path = `/strict-${index}`;
    const page = await visit(path, policy());
    await ready(page);
    const seen = await finish(page, path);
    assert.deepEqual(seen.complaints, []);
    assert.equal(seen.views, 1);
    assert.deepEqual(seen.measured.filter((metric) => metric != 'INP'), ['CLS', 'FCP', 'FID', 'LCP', 'TTFB']);
  });
}

test('where the policy refuses wasm the page goes on unharmed and the collector counts the view', async () => {
  const batches = () => collector.metric('foresight_batches_received_total');
  const before = await batches();
  const page = await visit('/no-wasm', `default-src 'none'; script-src 'nonce-${NONCE}' ${collector.url};
    connect-src ${collector.url}; ${TRUSTED}`.replace(/\s+/g, ' '));
  await page.waitForFunction(() => window.complaints.length);
  const seen = await finish(page, '/no-wasm');
  // The browser itself reports that it refused the wasm; nothing else may be in its way.
  assert.deepEqual([...new Set(seen.complaints)], ['script-src wasm-eval']);
  assert.equal(seen.views, 1);
  // The loader may know the rest by itself; interactions need the wasm.
  assert.ok(!seen.measured.includes('INP') && !seen.measured.includes('FID'), seen.measured.join());
  assert.equal(await batches() - before, 1, 'one ping, and no more when the page is left');
});

const LACKING = {
  'WebAssembly': () => { delete window.WebAssembly; },
  'sendBeacon and fetchLater': () => { delete Navigator.prototype.sendBeacon; delete window.fetchLater; },
  'PerformanceObserver': () => { delete window.PerformanceObserver; },
  'interactionId and event timing': () => {
    delete window.PerformanceEventTiming;
    const { supportedEntryTypes } = PerformanceObserver;
    Object.defineProperty(PerformanceObserver, 'supportedEntryTypes', {
      value: supportedEntryTypes.filter((type) => !/event|first-input|layout-shift|largest/.test(type)) });
    const { observe } = PerformanceObserver.prototype;
    PerformanceObserver.prototype.observe = function (options) {
      if (PerformanceObserver.supportedEntryTypes.includes(options.type)) return observe.call(this, options);
    };
  },
};

for (const [index, [name, script]] of Object.entries(LACKING).entries()) {
  test(`a browser without ${name} raises no error, and its view is counted`, async () => {
    const path = `/lacking-${index}`;
    const page = await visit(path, undefined, { script });
    // What there is has arrived when the page has been quiet.
    await page.waitForLoadState('networkidle');
    const seen = await finish(page, path);
    assert.deepEqual(seen.complaints, []);
    assert.equal(seen.views, 1);
  });
}
