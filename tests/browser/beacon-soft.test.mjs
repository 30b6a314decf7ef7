// Other addresses in the same document are views of their own.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Site, html } from './beacon-server.mjs';
import { launch, leave, open, ready } from './beacon-browser.mjs';

const BODY = `<button id="go">Menu</button><main><h1>Bakery</h1></main><script>
  go.onclick = () => {
    history.pushState({}, '', '/menu/bread?kind=rye');
    document.querySelector('main').innerHTML = '<h2 style="font-size:70px">Bread of the long afternoon</h2>';
  };
</script>`;

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

const visit = async (script) => {
  page = await open(browser, { script });
  await page.goto(site.page('/menu', html(BODY)));
  await ready(page);
};

/** The batches of two views, when no more come. */
const views = async () => {
  await leave(page);
  await site.until((batches) => batches.length >= 2, 'two batches');
  await page.waitForTimeout(300);
  assert.equal(site.batches.length, 2, JSON.stringify(site.batches));
  const [first, second] = site.batches;
  assert.notEqual(first.view.id, second.view.id);
  assert.deepEqual(site.batches.map(({ view }) => view.seq), [0, 0]);
  assert.deepEqual([first.view.path, first.view.nav], ['/menu', 'navigate']);
  assert.deepEqual([second.view.path, second.view.nav, second.view.ref], ['/menu/bread', 'soft-navigation', 'localhost']);
  return site.batches;
};

const vitals = ({ events }) => Object.fromEntries(events.filter(({ vital }) => vital)
  .map(({ vital }) => [vital.name, vital]));

test('a soft navigation ends the view before and is measured from the interaction on', async () => {
  await visit();
  await page.click('#go');
  await page.waitForTimeout(600);
  const [first, second] = await views();
  assert.ok('LCP' in vitals(first) && 'INP' in vitals(first) && 'CLS' in vitals(first));
  assert.deepEqual(second.view.can, ['TTFB', 'FCP', 'LCP', 'INP', 'CLS']);
  const { TTFB, FCP, LCP } = vitals(second);
  assert.equal(TTFB.value, 0);
  assert.ok(FCP.value > 0 && FCP.value < 5000, JSON.stringify(FCP));
  assert.ok(LCP.value >= FCP.value - 1, JSON.stringify(LCP));
  assert.equal(LCP.why.el, 'main>h2');
  assert.equal(FCP.why.load, 'complete');
});

const withoutEntries = () => {
  const types = PerformanceObserver.supportedEntryTypes.filter((type) => !/soft|interaction/.test(type));
  Object.defineProperty(PerformanceObserver, 'supportedEntryTypes', { value: types });
};

for (const [name, script] of Object.entries({
  'the Navigation API': withoutEntries,
  'the History API alone': `(${withoutEntries})(); delete window.navigation;
    Object.defineProperty(window, 'navigation', { value: undefined });`,
})) {
  test(`with ${name} another path is another view, of which nothing painted is measured`, async () => {
    await visit(script);
    await page.evaluate(() => { history.pushState({}, '', '/menu?kind=rye'); history.pushState({}, '', '/menu#top'); });
    await page.evaluate(() => foresight.track('before'));
    await page.click('#go');
    await page.evaluate(() => foresight.track('after'));
    await page.waitForTimeout(300);
    const [first, second] = await views();
    assert.deepEqual(second.view.can, ['TTFB', 'INP']);
    assert.ok(!('LCP' in vitals(second)) && !('CLS' in vitals(second)));
    const custom = ({ events }) => events.filter(({ custom }) => custom).map(({ custom }) => custom.name);
    assert.deepEqual([custom(first), custom(second)], [['before'], ['after']]);
  });
}

test('going back to the path before is a third view', async () => {
  await visit(withoutEntries);
  await page.click('#go');
  await page.evaluate(() => history.back());
  await page.waitForURL('**/menu');
  await leave(page);
  await site.until((batches) => batches.length >= 3, 'three batches');
  assert.deepEqual(site.batches.map(({ view }) => view.path), ['/menu', '/menu/bread', '/menu']);
});
