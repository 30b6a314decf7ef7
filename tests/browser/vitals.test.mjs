// The beacon's vitals are those of Google's library, in the same page load.
//
// VITALS_PAGES, a comma-separated list of addresses, adds pages of a running site. They must carry
// the beacon's tag for this test's collector, and /fixtures/reference.js.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Site, html } from './beacon-server.mjs';
import { hide, launch, leave, open, ready } from './beacon-browser.mjs';

const REFERENCE = '<script type="module" src="/fixtures/reference.js"></script>';
const BUTTON = '<button id="order" style="font-size:20px">Order</button>';
const SLOW = `<script>order.onclick = () => {
  const end = performance.now() + 120; while (performance.now() < end);
  order.textContent = 'Ordered';
}</script>`;
const SHIFT = `<div id="banner"></div>
  <div style="height:600px;background:#fed"><p>Fresh bread every morning, from five to noon.</p></div>
  <script>setTimeout(() => { banner.style.height = '120px'; }, 400);</script>`;

const PAGES = {
  'a late image': '<h1>Bakery</h1><main><figure class="hero"><img src="/image.png?wait=500" width="400" height="300"></figure></main>',
  'large text': '<h1 style="font-size:60px">Bakery of the long afternoon</h1><p>Bread.</p>',
  'a late layout shift': SHIFT,
  'a slow button': `<h1>Bakery</h1>${SLOW}`,
};

let site;
let browser;
let page;
before(async () => { site = await Site.start(); browser = await launch(); });
after(async () => { await browser.close(); await site.stop(); });
beforeEach(() => site.reset());
afterEach(async () => {
  const faults = page?.faults ?? [];
  await page?.context().close();
  assert.deepEqual(faults, []);
});

/** The last value of each metric in one kind of view, as the beacon and as the library saw it. */
const compare = (nav, names) => {
  const ours = {};
  for (const batch of site.batches) {
    if (batch.view.nav == nav) for (const { vital } of batch.events) if (vital) ours[vital.name] = vital;
  }
  const theirs = {};
  for (const { name, value, navigationType } of site.references) {
    if (navigationType == nav) theirs[name] = value;
  }
  assert.deepEqual(Object.keys(ours).sort(), [...names].sort(), 'metrics of the beacon');
  assert.deepEqual(Object.keys(theirs).sort(), [...names].sort(), 'metrics of the library');
  for (const name of names) {
    // After a restore both read the clock in callbacks of the same frame, one after the other.
    const tolerance = name == 'CLS' ? 0.001 : nav == 'back-forward-cache' ? 8 : 1;
    const apart = Math.abs(ours[name].value - theirs[name]);
    assert.ok(apart <= tolerance, `${name}: ${ours[name].value} and ${theirs[name]}`);
  }
  return ours;
};

const settle = async (count) => {
  await site.until((batches) => batches.length >= count, `${count} batches`);
  await new Promise((resolve) => setTimeout(resolve, 300));
};

const ALL = ['LCP', 'INP', 'FID', 'CLS', 'FCP', 'TTFB'];

for (const [name, body] of Object.entries(PAGES)) {
  test(`a page with ${name} has the library's values`, async () => {
    page = await open(browser);
    await page.goto(site.page('/vitals', html(BUTTON + body, { head: REFERENCE })));
    await ready(page);
    await page.waitForTimeout(600);
    await page.click('#order');
    await page.waitForTimeout(400);
    await leave(page);
    await settle(1);
    const vitals = compare('navigate', ALL);

    // The longest script ran inside the other parts.
    const sum = ({ script, ...parts }) => Object.values(parts).reduce((a, b) => a + b, 0);
    for (const metric of ['FCP', 'LCP', 'INP', 'TTFB']) {
      const { value, why } = vitals[metric];
      assert.ok(Math.abs(sum(why.parts) - value) < 0.5, `${metric}: ${JSON.stringify(why)} of ${value}`);
    }
    assert.equal(vitals.INP.why.el, 'button#order');
    assert.match(vitals.INP.why.type, /^pointer|^click$|^mouse/);
    if (name == 'a late image') {
      assert.equal(vitals.LCP.why.el, 'main>figure.hero>img');
      assert.equal(vitals.LCP.why.url, `${site.origin}/image.png`);
      assert.ok(vitals.LCP.value >= 500 && vitals.LCP.why.parts['load-time'] >= 400);
    }
    if (name == 'a late layout shift') {
      assert.ok(vitals.CLS.value > 0.01);
      assert.ok(vitals.CLS.why.at >= 300 && vitals.CLS.why.el);
      assert.equal(vitals.CLS.why.load, 'complete');
      assert.ok(vitals.CLS.why.shift > 0 && vitals.CLS.why.shift <= vitals.CLS.value);
    }
    if (name == 'a slow button') {
      assert.ok(vitals.INP.value >= 120);
      assert.equal(vitals.INP.why.load, 'complete');
      assert.equal(vitals.INP.why.script, `${site.origin}/vitals`);
      assert.ok(vitals.INP.why.parts.script >= 100);
    }
  });
}

for (const address of (process.env.VITALS_PAGES ?? '').split(',').filter(Boolean)) {
  test(`${address} has the library's values`, async () => {
    page = await open(browser);
    await page.goto(address);
    await ready(page);
    await page.waitForTimeout(600);
    await page.mouse.click(5, 5);
    await page.waitForTimeout(400);
    await leave(page);
    await settle(1);
    const names = new Set(site.references.map(({ name }) => name));
    compare('navigate', [...names]);
  });
}

test('a page restored from the back/forward cache is a new view with its own values', async () => {
  page = await open(browser);
  await page.goto(site.page('/vitals', html(`${BUTTON}${PAGES['large text']}`, { head: REFERENCE })));
  await ready(page);
  await page.click('#order');
  // The library looks at interactions when the page is idle, within a second.
  await page.waitForTimeout(1300);
  await page.goto(site.page('/other', '<!doctype html><title>Other</title><p>Other'));
  await settle(1);
  await page.evaluate(() => history.back());
  await page.waitForURL('**/vitals', { waitUntil: 'commit' });
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation')[0].notRestoredReasons), null);
  await page.evaluate(() => {
    const banner = document.body.insertBefore(document.createElement('div'), document.body.firstChild);
    banner.style.height = '150px';
  });
  await page.waitForTimeout(700);
  await page.click('#order');
  await page.waitForTimeout(300);
  await leave(page);
  await settle(2);

  const [first, second] = site.batches.filter((batch) => batch.view.seq == 0);
  assert.notEqual(first.view.id, second.view.id);
  assert.deepEqual([first.view.nav, second.view.nav], ['navigate', 'back-forward-cache']);
  assert.ok(second.view.age < 10_000);
  compare('navigate', ALL);
  const vitals = compare('back-forward-cache', ['LCP', 'INP', 'CLS', 'FCP', 'TTFB']);
  assert.equal(vitals.TTFB.value, 0);
  assert.ok(vitals.CLS.value > 0.01);
});

test('a page that was hidden from the start has no paint, no shift and no first input delay', async () => {
  const hidden = () => {
    for (const [name, value] of [['visibilityState', 'hidden'], ['hidden', true]]) {
      Object.defineProperty(document, name, { value, configurable: true });
    }
  };
  page = await open(browser, { script: hidden });
  await page.goto(site.page('/vitals', html(BUTTON + SHIFT, { head: REFERENCE })));
  await ready(page);
  await page.waitForTimeout(500);
  await hide(page, false);
  await page.waitForTimeout(200);
  await leave(page);
  await settle(1);
  compare('navigate', ['TTFB']);
  assert.deepEqual(site.batches[0].view.can, ['TTFB', 'INP']);
});

test('a shift after the page was hidden is sent again with the value that it replaces', async () => {
  page = await open(browser);
  await page.goto(site.page('/vitals', html(BUTTON + SHIFT, { head: REFERENCE })));
  await ready(page);
  await page.waitForTimeout(600);
  await hide(page);
  await settle(1);
  await hide(page, false);
  await page.evaluate(() => { banner.style.height = '500px'; });
  await page.waitForTimeout(300);
  await leave(page);
  await settle(2);

  const shifts = site.events('vital').filter(({ name }) => name == 'CLS');
  assert.equal(shifts.length, 2);
  assert.equal(shifts[0].was, undefined);
  assert.equal(shifts[1].was, shifts[0].value);
  assert.ok(shifts[1].value > shifts[0].value);
  assert.deepEqual(site.batches.map((batch) => batch.view.seq), [0, 1]);
  assert.equal(site.batches[1].view.can, undefined);
  assert.equal(new Set(site.batches.map((batch) => batch.view.id)).size, 1);
  assert.equal(new Set(site.batches.map((batch) => batch.id)).size, 2);
  compare('navigate', ['LCP', 'CLS', 'FCP', 'TTFB']);
});
