// What people do with the dashboard, in Chromium and Firefox, against the mock of the API with ten thousand sites.
//
// In: www/dashboard. Out: a verdict on each view: what is shown, filters, the way from the fleet to a cause, addresses
// that can be shared, comparison, files, the keyboard alone, axe in light and dark; with FORESIGHT_SCREENSHOTS=1 also
// pictures in www/screenshots. Must never happen: a figure compared with one that the page made itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEngines } from './dashboard-engines.mjs';
import { takePictures } from './dashboard-pictures.mjs';
import { byId, Looker, VIEWS } from './dashboard-visitor.mjs';

/** A span that has passed: its figures stay. */
const SPAN = 'from=2026-11-24T00%3A00%3A00Z&to=2026-11-25T00%3A00%3A00Z';

inEngines(({ engine, look, alone, ask, url, browser }) => {
  look('every view draws all of its panels, in light and dark, and axe finds nothing', '', async (looker) => {
    for (const name of Object.keys(VIEWS)) {
      await looker.view(name);
      for (const scheme of ['dark', 'light']) {
        await looker.theme(scheme);
        assert.deepEqual(await looker.axe(), [], `${name}, ${scheme}`);
      }
    }
  });

  look('no view is wider than a phone', '', async (looker) => {
    await looker.tab.page.setViewport({ width: 390, height: 844 });
    for (const name of Object.keys(VIEWS)) {
      await looker.view(name);
      const [is, may] = await looker.tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(is <= may, `${name} is ${is} px wide`);
    }
  });

  look('the overview says which part passes, now and before, and each change leads to what it is about', `?${SPAN}`, async (looker) => {
    await looker.ready('passing', 'changes', 'business', 'health');
    const summary = await ask(`/api/v1/fleet/summary?${SPAN}&compare=previous`);
    const sites = await looker.row('passing-sites');
    assert.deepEqual(
      [sites.part, sites.whole, sites.partBefore, sites.wholeBefore].map(Number),
      [summary.sites_passing, summary.sites_measured, summary.previous.sites_passing, summary.previous.sites_measured],
    );
    const views = await looker.row('passing-views');
    assert.deepEqual([Number(views.part), Number(views.whole)], [summary.views_on_passing_sites, summary.views_measured]);
    assert.equal((await looker.row('ready')).value, 'true');
    const changes = await looker.rows('change');
    assert.deepEqual(changes.map(({ id }) => id), (await ask('/api/v1/changes?range=7d')).changes.map(({ id }) => id));
    await looker.click('change-link', changes.findIndex(({ id }) => id === 'c1'));
    await looker.address('?view=fleet&compare=previous&device=phone&sort=LCP&template=aurora&build=2.3.1');
    await looker.ready('fleet', 'worth', 'fleet-cohorts');
  });

  look('from the fleet to the LCP element it takes fewer than three clicks', `?view=fleet&${SPAN}`, async (looker) => {
    await looker.ready('fleet');
    await looker.write('fleet-search', 'bakery.4site');
    await looker.address(`?view=fleet&${SPAN}&search=bakery.4site`);
    await looker.tab.until(() => document.querySelectorAll('[data-testid="fleet-row"]').length === 1);
    await looker.click('fleet-link');
    await looker.address(`?view=site&site=bakery.4site.pro&${SPAN}`);
    await looker.ready('causes');
    const { causes, parts } = await ask(`/api/v1/causes?site=bakery.4site.pro&${SPAN}&metric=LCP`);
    assert.deepEqual((await looker.rows('cause-row')).map(({ element, count }) => [element, Number(count)]), causes.map(({ element, count }) => [element, count]));
    assert.deepEqual((await looker.rows('part-row')).map(({ part, meanMs }) => [part, Number(meanMs)]), parts.map(({ part, mean_ms }) => [part, mean_ms]));
    await looker.click('causes-TTFB');
    await looker.tab.until(() => document.querySelector('[data-testid="part-row"]')?.dataset.metric === 'TTFB');
  });

  look('ten thousand sites scroll in one table, of which little is in the document', `?view=fleet&${SPAN}`, async (looker) => {
    await looker.ready('fleet');
    const whole = await ask(`/api/v1/fleet/sites?${SPAN}&limit=20000`);
    const all = whole.total;
    assert.ok(all >= 10_000);
    assert.equal((await looker.row('sites-total')).value, String(all));
    let most = 0;
    for (let end = 0; end < all; ) {
      end = await looker.tab.evaluate((id) => {
        const box = document.querySelector(id);
        box.scrollTop = box.scrollHeight;
        return Number(document.querySelector('[data-testid="fleet-loaded"]').dataset.value);
      }, byId('fleet-box'));
      await looker.tab.until(
        ([id, end, all]) => {
          const loaded = Number(document.querySelector('[data-testid="fleet-loaded"]').dataset.value);
          const rows = [...document.querySelectorAll(id)];
          return (loaded > end || loaded === all) && rows.some((row) => Number(row.dataset.index) >= end - 1);
        },
        [byId('fleet-row'), end, all],
      );
      most = Math.max(most, (await looker.rows('fleet-row')).length);
    }
    assert.ok(most > 5 && most < 80, `${most} rows in the document`);
    const rows = await looker.rows('fleet-row');
    assert.equal(Number(rows.at(-1).index), all - 1);
    assert.equal(rows.at(-1).site, whole.sites.at(-1).site);
  });

  look('the fleet is sorted, narrowed down by cohort, and an address brings all of it back', `?view=fleet&${SPAN}`, async (looker) => {
    await looker.ready('fleet', 'fleet-cohorts');
    await looker.click('sort-LCP');
    await looker.address(`?view=fleet&${SPAN}&sort=LCP`);
    await looker.click('sort-LCP');
    await looker.address(`?view=fleet&${SPAN}&sort=LCP&order=asc`);
    await looker.choose('by-picker', 'build');
    await looker.tab.until(() => document.querySelector('[data-testid="fleet-cohort-row"]')?.dataset.by === 'build');
    const cohorts = await looker.rows('fleet-cohort-row');
    await looker.click('cohort-link', cohorts.findIndex(({ value }) => value === '3.0.4'));
    const query = `?view=fleet&${SPAN}&by=build&sort=LCP&order=asc&build=3.0.4`;
    await looker.address(query);
    await looker.ready('fleet');
    const { sites } = await ask(`/api/v1/fleet/sites?${SPAN}&build=3.0.4&sort=LCP&order=asc&limit=5`);
    const top = async () => (await looker.rows('fleet-row')).slice(0, 5).map(({ site }) => site);
    assert.deepEqual(await top(), sites.map(({ site }) => site));
    assert.equal(await looker.tab.evaluate(() => document.querySelector('.column-LCP').ariaSort), 'ascending');
    await looker.reload();
    await looker.ready('fleet');
    assert.deepEqual(await top(), sites.map(({ site }) => site));
    await looker.click('chip-build');
    await looker.address(query.replace('&build=3.0.4', ''));
    await looker.tab.page.goBack();
    await looker.address(query);
  });

  look('the sites worth fixing are many page views times slowness, and lead to their vitals', `?view=fleet&${SPAN}`, async (looker) => {
    await looker.ready('worth');
    const { sites } = await ask(`/api/v1/fleet/sites?${SPAN}&limit=1000`);
    const weight = ({ views, vitals }) => views * (vitals.LCP.p75 / 2500 - 1);
    const worst = sites.filter(({ vitals }) => vitals.LCP.p75 > 2500).sort((a, b) => weight(b) - weight(a));
    assert.deepEqual((await looker.rows('worth-row')).map(({ site }) => site), worst.slice(0, 10).map(({ site }) => site));
    assert.equal(Number((await looker.row('scatter')).count), sites.filter(({ vitals }) => vitals.LCP.p75 !== null).length);
    await looker.click('worth-link');
    await looker.address(`?view=site&site=${worst[0].site}&${SPAN}`);
  });

  look('filters of the vitals combine, a breakdown narrows down, and another person sees the same', `?view=site&site=bakery.4site.pro&${SPAN}`, async (looker) => {
    await looker.ready('vitals', 'breakdown');
    await looker.choose('filter-device', 'phone');
    await looker.address(`?view=site&site=bakery.4site.pro&${SPAN}&device=phone`);
    await looker.choose('by-picker', 'country');
    await looker.tab.until(() => document.querySelector('[data-testid="breakdown-row"]')?.dataset.by === 'country');
    const lines = await looker.rows('breakdown-row');
    const told = await ask(`/api/v1/breakdown?site=bakery.4site.pro&${SPAN}&device=phone&metric=LCP&by=country&limit=50`);
    assert.deepEqual(lines.map(({ value, count }) => [value, Number(count)]), told.lines.map(({ value, count }) => [value, count]));
    await looker.click('breakdown-link', lines.findIndex(({ value }) => value === 'DE'));
    const query = `?view=site&site=bakery.4site.pro&${SPAN}&device=phone&country=DE&by=country`;
    await looker.address(query);
    await looker.ready('vitals');
    const figures = async (one) => Promise.all(['LCP', 'INP', 'CLS'].map(async (metric) => (await one.row(`p75-${metric}`)).value));
    const mine = await figures(looker);
    const { vitals } = await ask(`/api/v1/vitals?site=bakery.4site.pro&${SPAN}&device=phone&country=DE`);
    assert.deepEqual(mine.map(Number), ['LCP', 'INP', 'CLS'].map((name) => vitals.find(({ metric }) => metric === name).p75));
    const other = await Looker.open(browser(), url(), query);
    await other.ready('vitals');
    assert.deepEqual(await figures(other), mine);
    await other.close();
    await looker.click('clear-filters');
    await looker.address(`?view=site&site=bakery.4site.pro&${SPAN}&by=country`);
  });

  look('too few page views give no number', '?view=site&site=garage-mueller.4site.pro&from=2026-11-24T12%3A00%3A00Z&to=2026-11-24T13%3A00%3A00Z', async (looker) => {
    await looker.ready('vitals');
    const count = Number((await looker.row('count-LCP')).value);
    assert.ok(count > 0 && count < 25, `${count} page views`);
    assert.equal((await looker.row('p75-LCP')).value, '');
    assert.match(await looker.tab.evaluate(() => document.querySelector('[data-testid="card-LCP"]').textContent), /Too few views/);
    assert.deepEqual(await looker.rows('interval-LCP'), []);
  });

  look('a comparison shows the span before, in cards, trend and breakdown', `?view=site&site=bakery.4site.pro&${SPAN}`, async (looker) => {
    await looker.ready('vitals', 'trend');
    assert.deepEqual(await looker.rows('before-LCP'), []);
    await looker.click('compare');
    await looker.address(`?view=site&site=bakery.4site.pro&${SPAN}&compare=previous`);
    await looker.ready('vitals', 'trend', 'breakdown');
    const { vitals } = await ask(`/api/v1/vitals?site=bakery.4site.pro&${SPAN}&compare=previous`);
    const before = await looker.row('before-LCP');
    assert.equal(Number(before.p75), vitals[0].previous.p75);
    const heads = await looker.tab.evaluate(() => [...document.querySelectorAll('[data-testid="panel-trend"] .alternative thead th')].map((head) => head.textContent));
    assert.ok(heads.includes('Before'), heads.join());
    assert.ok('p75Before' in (await looker.row('breakdown-row')));
    assert.equal((await looker.row('deploys')).count, '1');
  });

  look('every table gives its rows as CSV and JSON', `?view=site&site=bakery.4site.pro&${SPAN}`, async (looker) => {
    await looker.ready('pages', 'breakdown', 'causes');
    await looker.catchFiles();
    const press = (panel, format) => looker.tab.evaluate(([panel, format]) => document.querySelector(`[data-testid="panel-${panel}"] [data-testid="export-${format}"]`).click(), [panel, format]);
    await press('pages', 'csv');
    await press('pages', 'json');
    const [csv, json] = await looker.files();
    const rows = await looker.rows('page-row');
    assert.deepEqual(JSON.parse(json).map(({ page, count }) => [page, count]), rows.map(({ page, count }) => [page, Number(count)]));
    assert.equal(csv.trim().split('\r\n').length, rows.length + 1);
    assert.match(csv, /^site,page,p75,rating,count,views\r\n/);
    const link = await looker.tab.evaluate(() => document.querySelector('[data-testid="panel-breakdown"] [data-testid="export-csv"]').href);
    const answer = await fetch(link);
    assert.match(answer.headers.get('content-type'), /^text\/csv/);
    const without = await looker.tab.evaluate(() => [...document.querySelectorAll('table')].filter((table) => table.closest('section, article, details').querySelector('[data-testid="export-json"]') === null).length);
    assert.equal(without, 0, 'tables without files');
  });

  alone('the keyboard alone leads from the overview to a site and its cause', `?${SPAN}`, async (looker) => {
    await looker.ready('passing');
    await looker.tab.press('Tab');
    assert.equal(await looker.tab.evaluate(() => document.activeElement.className), 'skip');
    await looker.tabTo('view-fleet');
    await looker.tab.press('Enter');
    await looker.ready('fleet');
    await looker.tabTo('fleet-search');
    await looker.tab.page.keyboard.type('yoga-am-see.4');
    await looker.tab.until(() => document.querySelectorAll('[data-testid="fleet-row"]').length === 1);
    await looker.tabTo('sort-CLS');
    await looker.tab.press('Enter');
    await looker.address(`?view=fleet&${SPAN}&search=yoga-am-see.4&sort=CLS`);
    await looker.ready('fleet');
    await looker.tabTo('fleet-link');
    await looker.tab.press('Enter');
    await looker.ready('vitals', 'causes');
    await looker.tabTo('causes-INP');
    await looker.tab.press('Enter');
    await looker.address(`?view=site&site=yoga-am-see.4site.pro&${SPAN}&metric=INP`);
    await looker.tab.until(() => document.querySelector('[data-testid="cause-row"]')?.dataset.metric === 'INP');
  });

  look('a view is drawn once its code is there, and does not wait for the next refresh', '', async (looker) => {
    await looker.tab.page.evaluateOnNewDocument(() => {
      window.setInterval = () => 0;
    });
    // The code may come before or after it is waited for.
    for (let round = 0; round < 3; round += 1) {
      for (const view of ['overview', 'fleet', 'vitals', 'growth']) {
        await looker.view(view);
      }
    }
  });

  look('one part that fails leaves the others, and says why', `?view=site&site=broken.4site.pro&${SPAN}`, async (looker) => {
    await looker.ready('vitals', 'breakdown');
    await looker.tab.until(() => document.querySelector('[data-testid="panel-trend"]').dataset.state === 'failed');
    assert.equal((await looker.row('failure')).code, 'store_unavailable');
    await looker.goto(`?view=site&site=new.4site.pro&${SPAN}`);
    assert.equal((await looker.row('no-data')).reason, 'no-views');
  });

  if (engine === 'chromium' && process.env.FORESIGHT_SCREENSHOTS === '1') {
    test('pictures', () => takePictures(browser(), url()));
  }
});
