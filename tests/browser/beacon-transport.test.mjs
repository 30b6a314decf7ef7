// How batches leave: the browser keeps one for a page that dies, and whatever way is missing,
// another one is taken. Nothing is counted twice.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Site, html } from './beacon-server.mjs';
import { hide, launch, leave, open, ready } from './beacon-browser.mjs';

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

const visit = async (options) => {
  page = await open(browser, options);
  await page.goto(site.page('/menu', html('<h1>Bread of the long afternoon</h1>')));
  await ready(page);
  // The beacon waits for calm before it hands a batch to the browser.
  await page.waitForTimeout(700);
};

const names = (batch) => batch.events.filter((event) => event.vital).map(({ vital }) => vital.name).sort();

/** The batches that arrive, when no more come. */
const settled = async (count) => {
  await site.until((batches) => batches.length >= count, `${count} batches`);
  await page.waitForTimeout(400);
  assert.equal(site.batches.length, count, JSON.stringify(site.batches));
  return site.batches;
};

/** Ends the renderer without a word to the page. */
const kill = async () => {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => { /* the renderer cannot answer any more */ });
  await crashed;
};

test('a view whose renderer is killed is told by the browser, with its vitals and events', async () => {
  await visit();
  await page.evaluate(() => foresight.track('seen', { bread: 'rye' }));
  await page.waitForTimeout(700);
  assert.deepEqual(site.batches, []);
  await kill();
  await site.until((batches) => batches.length == 1, 'the batch of the killed page');
  const [batch] = site.batches;
  assert.deepEqual([batch.view.seq, batch.view.path], [0, '/menu']);
  assert.equal(batch.headers['content-type'], 'text/plain;charset=UTF-8');
  assert.equal(batch.headers.cookie, undefined);
  assert.deepEqual(names(batch), ['CLS', 'FCP', 'LCP', 'TTFB']);
  assert.deepEqual(site.events('custom'), [{ name: 'seen', props: { bread: 'rye' } }]);
});

test('a renderer that is killed soon after an interaction has told it', async () => {
  await visit();
  await page.evaluate(() => addEventListener('click', () => {
    for (const end = performance.now() + 60; performance.now() < end;);
  }));
  await page.click('h1');
  // After an input Chromium has no idle time for about a second.
  await page.waitForTimeout(400);
  await kill();
  await site.until((batches) => batches.length == 1, 'the batch of the killed page');
  assert.deepEqual(names(site.batches[0]), ['CLS', 'FCP', 'FID', 'INP', 'LCP', 'TTFB']);
});

test('what the browser holds of a page that is hidden while it loads stays there, and is told when it has loaded', async () => {
  // Stands in for a browser that is asked to hold something, and asked for it back.
  page = await open(browser, { script: () => {
    window.asked = [];
    window.fetchLater = (_, { body, signal }) => {
      asked.push(`holds ${JSON.parse(body).view.seq}`);
      signal.addEventListener('abort', () => asked.push('back'));
      return { activated: false };
    };
  } });
  const loaded = new Promise((resolve) => page.route('**/image.png', resolve));
  const body = '<h1>Bread of the long afternoon</h1><img src="/image.png">';
  await page.goto(site.page('/menu', html(body)), { waitUntil: 'commit' });
  const image = await loaded;
  await ready(page);
  await page.waitForFunction(() => asked.length > 2);
  await page.evaluate(() => { asked.length = 0; });
  await hide(page);
  await page.evaluate(() => foresight.track('while it was hidden'));
  await page.waitForTimeout(700);
  assert.deepEqual(await page.evaluate(() => asked), []);
  assert.deepEqual(site.batches, []);
  await image.continue();
  const [batch] = await settled(1);
  assert.deepEqual(await page.evaluate(() => asked), ['back']);
  assert.deepEqual(names(batch), ['CLS', 'FCP', 'LCP', 'TTFB']);
  assert.equal(site.events('custom').length, 1);
});

test('a tab that is closed at once is told once', async () => {
  await visit();
  await page.close({ runBeforeUnload: false });
  await site.until((batches) => batches.length >= 1, 'the batch of the closed tab');
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(new Set(site.batches.map((batch) => batch.id)).size, 1, JSON.stringify(site.batches));
  assert.deepEqual(names(site.batches[0]), ['CLS', 'FCP', 'LCP', 'TTFB']);
});

test('a page that is left takes back what the browser was to send', async () => {
  await visit();
  await leave(page);
  const [batch] = await settled(1);
  assert.deepEqual(names(batch), ['CLS', 'FCP', 'LCP', 'TTFB']);
});

test('what was sent from a visible page is not sent again when it dies', async () => {
  await visit();
  await page.evaluate(() => foresight.lead('table'));
  await site.until(() => site.events('lead').length, 'the lead');
  assert.deepEqual(names(site.batches[0]), ['CLS', 'FCP', 'LCP', 'TTFB']);
  await page.evaluate(() => { foresight.track('later'); });
  await page.waitForTimeout(700);
  await kill();
  await site.until((batches) => batches.length == 2, 'the rest');
  assert.equal(site.events('lead').length, 1);
  assert.deepEqual(site.batches.map((batch) => batch.view.seq), [0, 1]);
  assert.notEqual(site.batches[0].id, site.batches[1].id);
});

test('what the browser has sent early is told, and only news follow', async () => {
  // Stands in for a browser that sends when it likes.
  await visit({ script: () => {
    window.fetchLater = (url, { body, signal }) => {
      const result = { activated: false };
      window.sendNow = () => {
        if (!signal.aborted) { result.activated = true; fetch(url, { method: 'POST', body }); }
      };
      return result;
    };
  } });
  await page.evaluate(() => { foresight.track('seen'); });
  await page.waitForTimeout(700);
  await page.evaluate(() => { sendNow(); foresight.track('later'); });
  await site.until((batches) => batches.length == 1, 'the early batch');
  await leave(page);
  const [first, second] = await settled(2);
  assert.deepEqual([first.view.seq, second.view.seq], [0, 1]);
  assert.notEqual(first.id, second.id);
  assert.deepEqual(names(first), ['CLS', 'FCP', 'LCP', 'TTFB']);
  assert.deepEqual(second.events, [{ custom: { name: 'later', props: {} } }]);
});

for (const [name, script] of Object.entries({
  'fetchLater': () => { delete window.fetchLater; },
  'fetchLater and sendBeacon': () => {
    delete window.fetchLater;
    delete Navigator.prototype.sendBeacon;
  },
  'a fetchLater that takes anything and a sendBeacon with room': () => {
    window.fetchLater = () => { throw new DOMException('full', 'QuotaExceededError'); };
    Navigator.prototype.sendBeacon = () => false;
  },
})) {
  test(`without ${name} a view is told once when it is hidden`, async () => {
    await visit({ script });
    await hide(page);
    const [batch] = await settled(1);
    assert.deepEqual(names(batch), ['CLS', 'FCP', 'LCP', 'TTFB']);
  });
}
