// The visitor's part of the journey in three engines, with nothing replaced: the demo site, the
// beacon, the release binary on SQLite, the API.
//
// In: see collector.mjs and engines/engines.mjs. Out: a verdict per engine: the counts in the API are
// exact, each view has the vitals that its browser can measure and says which these are. Must never
// happen: a vital that a browser cannot measure counted as a value, or missing where it can.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCollector, until } from './collector.mjs';
import { checkLink, checkValues, counted, EXPECTED, METRICS, vital } from './counts.mjs';
import { can as canOf, engines } from './engines/engines.mjs';
import { afterPaint, observePage, readPage } from './observer.mjs';

/**
 * What an engine cannot measure has no values. WebKit's clock counts whole ms: of what answered within
 * one, the first byte came at 0, which nobody can tell from no time at all.
 */
const expected = (can, { TTFB }) => {
  const counts = { ...EXPECTED.counts, TTFB };
  return {
    ...EXPECTED,
    counts: Object.fromEntries(METRICS.map((metric) => [metric, can.includes(metric) ? counts[metric] : 0])),
  };
};

for (const engine of engines) {
  test(`what visitors do in ${engine.name} is measured and counted exactly`, async (t) => {
    const browser = await engine.launch();
    t.after(() => browser.close());
    const collector = await startCollector('sqlite');
    t.after(() => collector.stop());
    const can = canOf(engine.name);
    const seen = await visit(browser, collector);
    assert.deepEqual([...seen.can].sort(), [...can].sort());
    await collector.merged(EXPECTED.views);
    assert.deepEqual(await counted(collector), expected(can, seen));
    for (const [page, values] of Object.entries(seen.pages)) {
      const metrics = can.filter((metric) => metric !== 'TTFB' || values.TTFB > 0);
      await checkValues(collector, { [page]: values }, metrics);
    }
    await checkLink(collector, seen.shared);
    assert.equal(await collector.metric('foresight_batches_rejected_total'), 0);
    assert.equal(await collector.metric('foresight_events_rejected_total'), 0);
  });
}

/** Two visitors. Returns what two pages measured of themselves, how many had a time to first byte, what
 * the second said that it can measure, and the link that was shared. */
async function visit(browser, collector) {
  let TTFB = 0;
  const look = async (tab) => {
    await begun(tab);
    TTFB += await tab.evaluate(() => performance.getEntriesByType('navigation')[0].responseStart > 0);
  };
  const open = async (visitor, url) => {
    const tab = await visitor.open(url);
    await look(tab);
    return tab;
  };
  const first = await browser.visitor();
  const home = await open(first, `${collector.url}/demo/`);
  await home.click('#show-specials');
  await home.until(() => !document.querySelector('#specials').hidden);
  await answered(home);
  const pages = { '/demo/': await readPage(home) };
  await home.part();
  await home.click('nav a[href="menu.html"]');
  await home.until(() => location.pathname.endsWith('/menu.html') && Boolean(document.querySelector('.banner')));
  await look(home);
  const link = await share(home);
  await home.close();
  await measured(collector, 2);
  await first.close();

  const second = await browser.visitor();
  const menu = await open(second, link);
  await menu.until(() => Boolean(document.querySelector('.banner')));
  await menu.close();
  await measured(collector, 3);
  const contact = await open(second, `${collector.url}/demo/contact.html`);
  await note(contact);
  await reserve(contact);
  pages['/demo/contact.html'] = await readPage(contact);
  const can = await hidden(contact);
  await contact.close();
  await measured(collector, 4);
  await second.close();
  return { pages, TTFB, can, shared: new URL(link).searchParams.get('ref') };
}

/** Looks at a page until the beacon runs. A view that ends earlier is counted, but not measured. */
async function begun(tab) {
  await tab.evaluate(observePage);
  await tab.until(() => {
    const entries = performance.getEntriesByType('resource');
    return entries.some(({ name, responseEnd }) => name.endsWith('.wasm') && responseEnd > 0);
  });
  // From the bytes to the running beacon nothing can be seen from outside; people look longer.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** Copies the page's link. Not every engine lets a test read the clipboard, so the page notes what
 * goes into it. */
async function share(tab) {
  await tab.evaluate(() => {
    const write = navigator.clipboard.writeText;
    navigator.clipboard.writeText = function (text) {
      window.copied = text;
      return write.call(this, text);
    };
  });
  await tab.click('[data-share=copy]');
  const link = await tab.until(() => window.copied);
  await answered(tab);
  return link;
}

/** Waits until the page has drawn its answer to the first input, and was told so: on a busy machine this
 * takes its time. */
async function answered(tab) {
  await afterPaint(tab);
  await tab.until(() => !PerformanceObserver.supportedEntryTypes.includes('first-input') ||
    window.__seen.firstInput !== undefined);
}

/** Asks for a table, meets an error, and what the site calls by itself. */
async function reserve(tab) {
  await tab.type('[name=name]', 'A Guest');
  await tab.type('[name=email]', 'guest@example.com');
  await tab.click('#table [type=submit]');
  await tab.until(() => !document.querySelector('#thanks').hidden);
  await tab.click('#break');
  await answered(tab);
  await tab.evaluate(() => {
    window.foresight.convert('order');
    window.foresight.track('filter', { vegan: true });
  });
}

/** Has the page note what it posts from now on, as it leaves. */
function note(tab) {
  return tab.evaluate(() => {
    const { fetch } = window;
    const { sendBeacon } = navigator;
    window.posted = [];
    window.fetch = function (url, init) {
      window.posted.push(init?.body);
      return fetch.call(this, url, init);
    };
    navigator.sendBeacon = function (url, body) {
      window.posted.push(body);
      return sendBeacon.call(this, url, body);
    };
  });
}

/** Hides the page, and returns what it has said that it can measure. */
async function hidden(tab) {
  await tab.hide();
  return tab.until(async () => {
    const bodies = await Promise.all(window.posted.filter(Boolean).map((body) => new Response(body).text()));
    return bodies.map((body) => JSON.parse(body).view.can).find(Boolean);
  });
}

/** Waits until that many views are in the database with what was measured of them. */
async function measured(collector, views) {
  await until(`${views} measured views`, async () =>
    vital(await collector.ask('vitals'), 'FCP').count >= views);
}
