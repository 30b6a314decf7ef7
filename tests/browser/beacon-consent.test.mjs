// What a visitor agrees to, and how many views are measured.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Site, TOKEN, html } from './beacon-server.mjs';
import { hide, launch, leave, open, ready } from './beacon-browser.mjs';

const LOADED = `<script src="/beacon.js" data-site="${TOKEN}" data-referral-days="7"></script>`;
const DAY_MS = 86_400_000;

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

/** Visits a page; `script` is run with the loader's functions, before the beacon is there. */
const visit = async (script = '', { query = '', tag = '', init } = {}) => {
  page ??= await open(browser, { script: init });
  const head = script ? `${LOADED}<script>${script}</script>` : '';
  await page.goto(site.page('/menu', html('<h1>Bread of the long afternoon</h1>', { head, tag })) + query);
};
beforeEach(() => { page = undefined; });

const quiet = async () => {
  await page.waitForTimeout(800);
  await leave(page);
  await page.waitForTimeout(400);
  assert.deepEqual(site.batches, []);
};

const stored = () => page.evaluate(() => ({ ...localStorage }));

test('without consent to measuring nothing is sent, whenever it is said', async () => {
  await visit("foresight.consent({ measure: false }); foresight.lead('table');");
  await ready(page);
  await hide(page);
  await hide(page, false);
  await quiet();
});

test('who withdraws consent before the beacon is there is not even counted', async () => {
  await visit('foresight.consent({ measure: false });');
  await hide(page);
  await quiet();
});

test('consent that is withdrawn takes back what the browser was to send', async () => {
  await visit();
  await ready(page);
  await page.waitForTimeout(700);
  await page.evaluate(() => { foresight.consent({ measure: false }); foresight.track('after'); });
  await quiet();
});

test('consent that is given again counts the view, without what was called in between', async () => {
  await visit("foresight.consent({ measure: false }); foresight.track('between');");
  await ready(page);
  await page.evaluate(() => { foresight.consent({ measure: true }); foresight.track('after'); });
  await leave(page);
  await site.until((batches) => batches.length == 1, 'the view');
  assert.equal(site.batches[0].view.seq, 0);
  assert.deepEqual(site.events('custom').map(({ name }) => name), ['after']);
  assert.ok(site.events('vital').some(({ name }) => name == 'TTFB'));
});

test('a referral is stored only with consent, for as long as the site says', async () => {
  await visit('foresight.share', { query: '?ref=kT3vQx9bW1' });
  await ready(page);
  assert.deepEqual(await stored(), {});
  await page.evaluate(() => foresight.consent({ referral: true }));
  const [share, end] = (await stored())['foresight-referral'].split(' ');
  assert.equal(share, 'kT3vQx9bW1');
  assert.ok(Math.abs(end - Date.now() - 7 * DAY_MS) < 60_000);

  // A later visit, without a link: what it shares names the share that brought the visitor.
  await visit("foresight.consent({ referral: true }); foresight.share('email');");
  await ready(page);
  await site.until(() => site.events('share').length, 'the share');
  assert.equal(site.events('share')[0].parent, 'kT3vQx9bW1');
  // That visit was no second arrival.
  assert.equal(site.events('referral').length, 1);

  await page.evaluate(() => foresight.consent({ referral: false }));
  assert.deepEqual(await stored(), {});
});

test('the last share that brought the visitor counts, and an old one does not', async () => {
  await visit('foresight.consent({ referral: true });', { query: '?ref=kT3vQx9bW1' });
  await ready(page);
  await visit('foresight.consent({ referral: true });', { query: '?ref=pR7mYc2LzA' });
  await ready(page);
  assert.ok((await stored())['foresight-referral'].startsWith('pR7mYc2LzA '));
  await page.evaluate(() => localStorage.setItem('foresight-referral', `pR7mYc2LzA ${Date.now() - 1}`));
  await visit("foresight.consent({ referral: true }); foresight.share('email');");
  await ready(page);
  await site.until(() => site.events('share').length, 'the share');
  assert.equal(site.events('share')[0].parent, undefined);
  assert.deepEqual(await stored(), {});
});

test('a view that is sampled says how many it stands for, and another is not sent', async () => {
  const tag = 'data-sample="0.1"';
  await visit('', { tag, init: () => { Math.random = () => 0.09; } });
  await ready(page);
  await leave(page);
  await site.until((batches) => batches.length == 1, 'the view');
  assert.equal(site.batches[0].view.weight, 10);
  await page.context().close();

  site.reset();
  page = undefined;
  await visit('', { tag, init: () => { Math.random = () => 0.1; } });
  await quiet();
  assert.ok(!site.requests.some((path) => path.endsWith('.wasm')));
});

test('a site without sampling sends no weight', async () => {
  await visit();
  await ready(page);
  await leave(page);
  await site.until((batches) => batches.length == 1, 'the view');
  assert.equal(site.batches[0].view.weight, undefined);
});
