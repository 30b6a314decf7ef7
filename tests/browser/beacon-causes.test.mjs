// What may be to blame: slow and failed requests, long frames, pages that were not restored.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Site, html } from './beacon-server.mjs';
import { launch, leave, open, ready } from './beacon-browser.mjs';

let site;
let browser;
let page;
before(async () => { site = await Site.start(); browser = await launch(); });
after(async () => { await browser.close(); await site.stop(); });
beforeEach(() => site.reset());
afterEach(async () => {
  const faults = page?.faults ?? [];
  await page?.context().close();
  assert.deepEqual(faults, [], 'errors in the page');
});

const visit = async (body, headers) => {
  page = await open(browser);
  await page.goto(site.page('/menu', html(body), headers));
  await ready(page);
};

const left = async () => {
  await leave(page);
  await site.until(() => site.events('vital').length, 'the vitals');
};

test('slow and failed requests of the page are told, ten at most, without queries and without our own', async () => {
  site.answers = [[404, {}]];
  await visit('<p>Bread');
  await page.evaluate(async () => {
    // Read whole: an answer of which nobody takes the rest may never be told to an observer.
    await (await fetch('/image.png?wait=1100&mail=anna@example.org')).arrayBuffer();
    await fetch('/image.png');
    await fetch('/missing/table?seat=4');
    const request = new XMLHttpRequest();
    request.open('GET', '/missing/xhr');
    request.send();
    await new Promise((resolve) => { request.onloadend = resolve; });
  });
  // The collector refuses this: it is no request of the page's.
  await page.evaluate(() => foresight.lead('table'));
  await page.evaluate(() => Promise.all(Array.from({ length: 12 }, (_, i) => fetch(`/missing/many/${i}`))));
  await page.waitForTimeout(300);
  await left();
  const calls = site.events('call');
  assert.equal(calls.length, 10);
  const [slow, missing, xhr] = ['/image.png', '/missing/table', '/missing/xhr']
    .map((path) => calls.find(({ url }) => url == site.origin + path));
  assert.ok(slow.ms >= 1000 && slow.status == 200, JSON.stringify(slow));
  assert.deepEqual([missing.status, xhr.status], [404, 404]);
  assert.ok(calls.every(({ url }) => !/batches|wasm|anna|seat/.test(url)), JSON.stringify(calls));
});

test('long animation frames are told as a sum with the script of the longest', async () => {
  site.page('/slow.js', 'setTimeout(function slow() { const end = performance.now() + 300; while (performance.now() < end); }, 900);',
    { 'content-type': 'text/javascript' });
  await visit('<p>Bread<script src="/slow.js"></script>');
  await page.waitForTimeout(1500);
  await left();
  const [frames, ...more] = site.events('frames');
  assert.deepEqual(more, []);
  assert.ok(frames.count >= 1 && frames.longest >= 300 && frames.blocking >= 200, JSON.stringify(frames));
  assert.equal(frames.script, `${site.origin}/slow.js`);
});

test('a page that was loaded anew on the way back says why, each reason once', async () => {
  await visit('<p>Bread<script>addEventListener("unload", () => {});</script>', { 'cache-control': 'no-store' });
  await page.goto(site.page('/other', '<!doctype html><title>Other</title><p>Other'));
  await page.goBack();
  await ready(page);
  const reasons = await page.evaluate(() => performance.getEntriesByType('navigation')[0]
    .notRestoredReasons?.reasons.map(({ reason }) => reason));
  assert.ok(reasons?.length, 'the browser gives reasons');
  site.reset();
  await left();
  assert.equal(site.batches[0].view.nav, 'back-forward');
  assert.deepEqual(site.events('not_restored').map(({ reason }) => reason), [...new Set(reasons)].slice(0, 8));
});
