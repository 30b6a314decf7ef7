// The whole path, with nothing replaced: visitors in Chromium on the demo site, the beacon, the
// release binary, the database, the API, the dashboard and /metrics.
//
// In: see collector.mjs. Out: a verdict for SQLite and for Postgres, which must count the same; with
// FORESIGHT_SCREENSHOTS=1 also pictures in www/screenshots. Must never happen: an expected value
// that was taken from what the collector answered. Counts follow from what the visitors do, values
// from what the pages' own observers saw.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.mjs';
import { startCollector, until } from './collector.mjs';
import { checkLink, checkValues, counted, EXPECTED, vital } from './counts.mjs';
import { afterPaint, observePage, readPage } from './observer.mjs';
import { checkDashboard } from './dashboard.mjs';

let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

for (const database of ['sqlite', 'postgres']) {
  test(`what visitors do is measured, counted and shown exactly, on ${database}`, async () => {
    const collector = await startCollector(database);
    try {
      const seen = await visit(collector.url);
      await collector.merged(EXPECTED.views);
      assert.deepEqual(await counted(collector), EXPECTED);
      await checkValues(collector, seen.pages);
      await checkCauses(collector, seen.pages);
      await checkLink(collector, seen.shared);
      await checkMetrics(collector);
      await checkDashboard(browser, collector, seen.shared);
      if (process.env.FORESIGHT_SCREENSHOTS === '1' && database === 'sqlite') {
        await takePictures(collector.url);
      }
    } finally {
      await collector.stop();
    }
  });
}

/** Two visitors. Returns what two pages measured of themselves, and the link that was shared. */
async function visit(url) {
  const origin = new URL(url).origin;
  const first = await visitor(origin);
  const home = await open(first, `${url}/demo/`);
  await home.click('#show-specials');
  await home.waitForSelector('#specials:not([hidden])');
  const pages = { '/demo/': await readPage(home) };
  await home.click('nav >> text=Menu');
  await home.waitForURL('**/menu.html');
  await look(home);
  await home.waitForSelector('.banner');
  await home.click('[data-share=copy]');
  const shared = await until('the link in the clipboard', async () => {
    const text = await home.evaluate(() => navigator.clipboard.readText());
    return text.includes('ref=') && text;
  });
  await afterPaint(home);
  await home.close();
  await first.close();

  const second = await visitor(origin);
  const menu = await open(second, shared);
  await menu.waitForSelector('.banner');
  await menu.close();
  const contact = await open(second, `${url}/demo/contact.html`);
  await contact.fill('[name=name]', 'A Guest');
  await contact.fill('[name=email]', 'guest@example.com');
  await contact.click('#table [type=submit]');
  await contact.waitForSelector('#thanks:not([hidden])');
  await contact.click('#break');
  await contact.evaluate(() => {
    window.foresight.convert('order');
    window.foresight.track('filter', { vegan: true });
  });
  pages['/demo/contact.html'] = await readPage(contact);
  await contact.close();
  await second.close();
  return { pages, shared: new URL(shared).searchParams.get('ref') };
}

/** A person with a browser of their own: nothing is remembered from another one. */
async function visitor(origin) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await context.addInitScript(observePage);
  return context;
}

async function open(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await look(page);
  return page;
}

/** Looks at a page until the beacon runs. A view that ends earlier is counted, but not measured. */
async function look(page) {
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('.wasm') && responseEnd > 0),
  );
  // From the bytes to the running beacon nothing can be seen from outside; people look longer.
  await page.waitForTimeout(500);
}

/** The slow button and the late banner show in the numbers. */
async function checkCauses(collector, pages) {
  assert.ok(pages['/demo/'].INP >= 200, `the slow button took ${pages['/demo/'].INP} ms`);
  const menu = vital(await collector.ask('vitals', { page: '/demo/menu.html' }), 'CLS');
  assert.ok(menu.p75 > 0, 'the late banner shifted nothing');
}

/** Prometheus sees the same, and nothing was refused. */
async function checkMetrics(collector) {
  const metric = (...what) => collector.metric(...what);
  assert.equal(await metric('foresight_page_views_total'), EXPECTED.views);
  assert.equal(await metric('share_events_total'), EXPECTED.shares);
  assert.equal(await metric('referral_visits_total'), EXPECTED.visits);
  assert.equal(await metric('leads_total', 'evidence="observed"'), 1);
  assert.equal(await metric('foresight_batches_rejected_total'), 0);
  assert.equal(await metric('foresight_events_rejected_total'), 0);
  for (const [name, count] of Object.entries(EXPECTED.counts)) {
    const unit = name === 'CLS' ? '' : '_seconds';
    assert.equal(await metric(`web_vitals_${name.toLowerCase()}${unit}_count`), count, name);
  }
}

/** Pictures of the demo site for the README. Those of the dashboard are made by dashboard-views.test.mjs. */
async function takePictures(url) {
  const directory = fileURLToPath(new URL('../../www/screenshots', import.meta.url));
  mkdirSync(directory, { recursive: true });
  const wide = { width: 1280, height: 900 };
  const pictures = [
    ['demo-home', '/demo/', { viewport: wide }],
    ['demo-menu', '/demo/menu.html', { viewport: wide }],
    ['demo-contact', '/demo/contact.html', { viewport: wide }],
  ];
  for (const [name, path, options] of pictures) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(url + path);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: `${directory}/${name}.png` });
    await context.close();
  }
}
