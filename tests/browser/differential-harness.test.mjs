// The differential suite finds what is wrong, and nothing else: tried on copies of web-vitals.
//
// In: Chromium. Out: a verdict. Must never happen: a comparison that cannot fail.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site } from './beacon-server.mjs';
import { compareBatches } from './differential/batches.mjs';
import { compareRecord } from './differential/compare.mjs';
import { drive } from './differential/drive.mjs';
import { all, press, settle, shift } from './differential/steps.mjs';
import { launchChromium } from './engines/chromium.mjs';

const CASE = {
  name: 'an image, a click and a shift',
  body: '<figure class="hero"><img src="/image.png" width="400" height="300"></figure>',
  registrations: all(),
  documents: 1,
  drive: async (tab) => {
    await settle(tab);
    await press(tab, 'slow');
    await new Promise((resolve) => setTimeout(resolve, 600));
    await shift(tab, 40);
  },
};

let site;
let browser;
let visitor;
before(async () => {
  site = await Site.start();
  browser = await launchChromium();
  visitor = await browser.visitor();
});
after(async () => { await browser?.close(); await site?.stop(); });

test('a copy of web-vitals is no different from web-vitals', async () => {
  const { records } = await drive(site, visitor, CASE, '/web-vitals.attribution.js?copy');
  assert.equal(records.length, 1);
  const { fields, differences } = compareRecord(records[0]);
  assert.deepEqual(differences, []);
  assert.ok(fields > 150, `${fields} fields`);
});

test('each mistake of a wrong copy is found, and nothing else', async () => {
  const { records } = await drive(site, visitor, CASE, '/differential/wrong.js');
  const found = (build) => compareRecord(records[0]).differences
    .filter((difference) => difference.build === build).map(({ path }) => path).sort();
  const both = ['CLS 0 entries.0', 'CLS 0 entries.length', 'FCP number of calls', 'LCP 0 value',
    'TTFB 0 id', 'order of calls'];
  assert.deepEqual(found('standard'), both);
  assert.deepEqual(found('attribution'), [...both, 'INP 0 attribution.interactionTarget'].sort());
});

test('a batch without a value, with a wrong one or with one too many is found', () => {
  const metric = { id: 'v6-1', navigationType: 'navigate' };
  const records = [{ calls: { standard: [
    { registration: 'LCP', metric: { ...metric, name: 'LCP', value: 900 } },
    { registration: 'FCP', metric: { ...metric, name: 'FCP', value: 800 } },
  ] } }];
  const batch = (vitals) => [{ sent: 5000, view: { id: 'a', nav: 'navigate', age: 1000, seq: 0 },
    events: vitals.map(([name, value]) => ({ vital: { name, value } })) }];
  const found = (vitals) => compareBatches(records, batch(vitals)).differences.map(({ path }) => path);
  assert.deepEqual(found([['LCP', 900.4], ['FCP', 800]]), []);
  assert.deepEqual(found([['LCP', 902], ['FCP', 800]]), ['LCP']);
  assert.deepEqual(found([['LCP', 900]]), ['FCP']);
  assert.deepEqual(found([['LCP', 900], ['FCP', 800], ['CLS', 0]]), ['CLS']);
});
