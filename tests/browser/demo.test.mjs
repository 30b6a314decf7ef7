// On each page of the demo site the beacon's vitals are those of Google's library, in the same load.
//
// In: a real collector with the demo site. Out: a verdict per page. The library is put into the page
// before its own scripts; what the beacon measured is read from the batch it sends to the collector.
// Must never happen: a metric that one of them has and the other not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launchChromium } from './chromium.mjs';
import { startCollector } from './collector.mjs';

// The library's package exports only modules; the script for a plain page lies beside them.
const library = createRequire(import.meta.url)
  .resolve('web-vitals')
  .replace(/web-vitals[^/]*$/, 'web-vitals.iife.js');
// An init script is the body of a function: what it declares is not global by itself.
const LIBRARY = `${readFileSync(library, 'utf8')}\nwindow.webVitals = webVitals;`;

/** Each page, and what a visitor presses there. */
const PAGES = {
  'index.html': '#show-specials',
  'menu.html': '#vegan',
  'story.html': 'h1',
  'contact.html': '[name=name]',
};

/** How far values may be apart, in ms; CLS in score. */
const TOLERANCE = { CLS: 0.001, other: 1 };

let browser;
let collector;
before(async () => {
  browser = await launchChromium();
  collector = await startCollector('sqlite');
});
after(async () => {
  await browser?.close();
  await collector?.stop();
});

for (const [name, target] of Object.entries(PAGES)) {
  test(`${name} has the library's values`, async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addInitScript(LIBRARY);
    await context.addInitScript(observe);
    const page = await context.newPage();
    await page.goto(`${collector.url}/demo/${name}`);
    await page.waitForFunction(() =>
      performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('.wasm') && responseEnd > 0),
    );
    // The menu's banner comes 600 ms after the load and is followed by a second of quiet.
    await page.waitForTimeout(1200);
    await page.click(target);
    // The library looks at interactions when the page is idle, within a second.
    await page.waitForTimeout(1500);
    const reference = await page.evaluate(() => window.__reference);
    // Leaves, to a place of the same origin that has no beacon.
    await page.goto(`${collector.url}/api/health`);
    const batches = await page.evaluate(() => JSON.parse(sessionStorage.batches ?? '[]'));
    await context.close();

    const ours = {};
    for (const { vital } of batches.flatMap(({ events }) => events)) {
      if (vital) ours[vital.name] = vital.value;
    }
    assert.deepEqual(Object.keys(ours).sort(), ['CLS', 'FCP', 'FID', 'INP', 'LCP', 'TTFB']);
    assert.deepEqual(Object.keys(reference).sort(), Object.keys(ours).sort());
    for (const [metric, value] of Object.entries(reference)) {
      const apart = Math.abs(ours[metric] - value);
      const most = TOLERANCE[metric] ?? TOLERANCE.other;
      assert.ok(apart <= most, `${metric}: ${ours[metric]} and ${value}`);
    }
    if (name === 'menu.html') assert.ok(ours.CLS > 0.1, `the banner shifts by ${ours.CLS}`);
    if (name === 'index.html') assert.ok(ours.INP > 150, `the slow button takes ${ours.INP} ms`);
  });
}

/** Runs in the page before its own scripts. Batches are noted on their way out, and sent as ever. */
function observe() {
  const send = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (url, body) => {
    const batches = JSON.parse(sessionStorage.batches ?? '[]');
    sessionStorage.batches = JSON.stringify([...batches, JSON.parse(body)]);
    return send(url, body);
  };
  const reference = (window.__reference = {});
  const { onCLS, onFCP, onINP, onLCP, onTTFB } = window.webVitals;
  for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
    on(({ name, value }) => (reference[name] = value), { reportAllChanges: true });
  }
  // The library has dropped FID; its definition is one line.
  new PerformanceObserver((list) => {
    const [entry] = list.getEntries();
    reference.FID = entry.processingStart - entry.startTime;
  }).observe({ type: 'first-input', buffered: true });
}
