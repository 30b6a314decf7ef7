// What people do with the dashboard, in Chromium (by Playwright) and Firefox, against a real collector with a demo fleet.
//
// In: see seeded.mjs. Out: a verdict on each view: that it draws all of its panels, filters, the way from the fleet to an
// LCP element, addresses that can be shared, comparison, files, the live view, settings, the keyboard; and that numbers on
// the screen are those that page views give by hand (truth.mjs). Must never happen: a figure compared with one that the
// collector or the page made.

import assert from 'node:assert/strict';
import { inEngines } from './dashboard-engines.mjs';
import { byId, Looker } from './dashboard-visitor.mjs';
import { launchFirefox } from './engines/firefox.mjs';
import { launchPlaywright } from './engines/playwright.mjs';
import { startSeeded } from './seeded.mjs';
import { assertFigure, count, percent } from './shown.mjs';
import { figureOf, groupsOf, passingOf, viewsOf } from './truth.mjs';

const DAY_MS = 86_400_000;
const VITALS = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'FID'];
/** The error that pages of the demo fleet tell of. */
const SCRIPT_ERROR = 'TypeError: undefined is not a function';
const time = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');

/** The days that everything is asked of: whole ones that have passed, well inside what the fleet was given. */
const END = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const SPAN = { from: time(END - 5 * DAY_MS), to: time(END) };
const BEFORE = { from: time(END - 10 * DAY_MS), to: time(END - 5 * DAY_MS) };
const IN_SPAN = new URLSearchParams(SPAN).toString();

/** Each view, with the panels that a fleet of which everything is known fills. */
const VIEWS = {
  overview: [`?${IN_SPAN}`, ['alerts', 'passing', 'business', 'health']],
  fleet: [`?view=fleet&${IN_SPAN}&compare=previous`, ['fleet', 'worth', 'fleet-cohorts']],
  vitals: [`?view=site&${IN_SPAN}&compare=previous`, ['vitals', 'trend', 'causes', 'breakdown', 'pages', 'shares', 'links', 'activity']],
  growth: ['?view=growth', ['cohorts', 'funnel', 'channels', 'tree', 'cycle', 'leads', 'slow', 'revenue', 'partners']],
  quarter: ['?view=fleet&range=90d', ['fleet', 'worth', 'fleet-cohorts']],
  live: ['?view=live', ['minute']],
  sites: ['?view=settings', ['sites']],
  users: ['?view=settings&tab=users', []],
  tokens: ['?view=settings&tab=tokens', []],
  retention: ['?view=settings&tab=retention', ['retention', 'about']],
  audit: ['?view=settings&tab=audit', []],
  account: ['?view=settings&tab=account', []],
};

const engines = [
  ['chromium', launchPlaywright],
  ['firefox', launchFirefox],
];

inEngines(({ engine, look, alone, server, url, browser }) => {
  /** The page views of the span with these values. */
  const views = (wanted = {}) => viewsOf(server().views, { ...SPAN, ...wanted });
  /** The site with most of them. */
  const busiest = () => [...groupsOf(views(), 'site')].sort(([, a], [, b]) => b.length - a.length)[0][0];
  /** The text of an element, in the first one or in that of a row. */
  const read = (looker, selector) =>
    looker.tab.until((selector) => document.querySelector(selector)?.textContent.trim(), selector);
  /** The cells of the first row with these attributes, as text. */
  const cells = (looker, id, attributes = {}) => {
    const has = Object.entries(attributes).map(([name, value]) => `[data-${name}="${value}"]`).join('');
    return looker.tab.until(
      (selector) => {
        const row = document.querySelector(selector);
        return row && [...row.cells].map((cell) => (cell.querySelector('.figure-value')?.lastChild ?? cell).textContent.trim());
      },
      `${byId(id)}${has}`,
    );
  };

  look('every view draws all of its panels, and none says that anything failed', `?${IN_SPAN}`, async (looker) => {
    for (const [name, [query, panels]] of Object.entries(VIEWS)) {
      await looker.goto(query);
      await looker.tab.until(() => document.querySelector('h1') !== null);
      await looker.ready(...panels);
      await looker.tab.until(() => document.querySelector('[aria-busy="true"]') === null);
      const states = await looker.tab.evaluate(() => [...document.querySelectorAll('[data-testid^="panel-"][data-state]')].map(({ dataset }) => [dataset.testid, dataset.state]));
      assert.deepEqual(states.filter(([, state]) => !['ready', 'empty'].includes(state)), [], name);
      assert.deepEqual(await looker.rows('failure'), [], name);
      // With the mock it is asked in Firefox too, where it takes its time.
      if (engine === 'chromium') {
        assert.deepEqual(await looker.axe(), [], name);
      }
      // What a page's script had said is no failure of this one.
      const said = (await looker.tab.evaluate(() => document.querySelector('main').innerText)).replaceAll(SCRIPT_ERROR, '');
      assert.deepEqual(said.match(/.*(?:undefined|NaN|Invalid|\[object).*/g), null, name);
    }
  });

  look('the fleet’s numbers on the overview are those of its page views', `?${IN_SPAN}`, async (looker) => {
    await looker.ready('passing', 'health');
    const all = views();
    assert.equal(count(await read(looker, byId('views-total'))), all.length);
    const passing = passingOf(all);
    assert.ok(passing.sitesPassing > 0 && passing.sitesPassing < passing.sites, 'the fleet says nothing about passing');
    for (const [id, part, whole] of [['views', passing.viewsPassing, passing.views], ['sites', passing.sitesPassing, passing.sites]]) {
      assert.equal(await read(looker, `${byId(`passing-${id}`)} .score-number`), percent(part, whole), id);
      const counts = (await read(looker, `${byId(`passing-${id}`)} .fine`)).match(/[\d,]+/g).map(count);
      assert.deepEqual(counts, [part, whole], id);
    }
    for (const metric of ['LCP', 'INP', 'CLS', 'FCP', 'TTFB']) {
      const shown = await looker.tab.evaluate((id) => document.querySelector(`${id} .figure-value`).lastChild.textContent, byId(`fleet-${metric}`));
      assertFigure(shown, figureOf(all, metric).p75, metric);
      const [, share, , measured] = await cells(looker, 'coverage-row', { metric });
      assert.equal(count(measured), figureOf(all, metric).count, metric);
      assert.equal(share, percent(figureOf(all, metric).count, all.length), metric);
    }
  });

  look('a site’s numbers are those of its page views, now and before', '', async (looker) => {
    const site = busiest();
    await looker.goto(`?view=site&site=${site}&${IN_SPAN}&compare=previous`);
    await looker.ready('vitals', 'breakdown', 'pages');
    const [now, before] = [views({ site }), viewsOf(server().views, { ...BEFORE, site })];
    assert.equal(count(await read(looker, byId('views-total'))), now.length);
    for (const metric of VITALS) {
      const { count: measured, p75 } = figureOf(now, metric);
      const shown = await looker.tab.evaluate((id) => [...document.querySelectorAll(`${id} .value-number, ${id} .value-unit`)].map((part) => part.textContent).join(' '), byId(`p75-${metric}`));
      assertFigure(shown, p75, `${site}, ${metric}`);
      assert.deepEqual((await read(looker, byId(`count-${metric}`))).match(/[\d,]+/g).map(count), [measured, now.length], metric);
      const told = await read(looker, byId(`before-${metric}`));
      const [, was, n] = /^Before: (.+) \(n ([\d,]+)\)\./.exec(told);
      assertFigure(was, figureOf(before, metric).p75, `${site} before, ${metric}`);
      assert.equal(count(n), figureOf(before, metric).count, `${site} before, ${metric}`);
    }
    for (const [page, ofPage] of groupsOf(now, 'page')) {
      const [, shown, , , seen] = await cells(looker, 'breakdown-row', { value: page });
      assert.equal(count(seen), ofPage.length, page);
      assertFigure(shown, figureOf(ofPage, 'LCP').p75, page);
    }
  });

  look('a cohort’s numbers are those of its page views: template and device, build, country and device', '', async (looker) => {
    await looker.goto(`?view=fleet&${IN_SPAN}&device=phone`);
    for (const by of ['template', 'build']) {
      await looker.ready('fleet-cohorts');
      await looker.choose('by-picker', by);
      for (const [value, ofCohort] of groupsOf(views({ device: 'phone' }), by)) {
        const [, shown, , seen] = await cells(looker, 'fleet-cohort-row', { by, value });
        assertFigure(shown, figureOf(ofCohort, 'LCP').p75, `${by} ${value}`);
        assert.equal(count(seen), ofCohort.length, `${by} ${value}`);
      }
    }
    const wanted = { country: 'DE', device: 'desktop' };
    await looker.goto(`?view=site&${IN_SPAN}&country=DE&device=desktop`);
    await looker.ready('vitals');
    assert.equal(count(await read(looker, byId('views-total'))), views(wanted).length);
    for (const metric of VITALS) {
      const shown = await looker.tab.evaluate((id) => [...document.querySelectorAll(`${id} .value-number, ${id} .value-unit`)].map((part) => part.textContent).join(' '), byId(`p75-${metric}`));
      assertFigure(shown, figureOf(views(wanted), metric).p75, `${JSON.stringify(wanted)}, ${metric}`);
    }
  });

  look('from the fleet it takes three clicks to the element that LCP waited for', `?view=fleet&${IN_SPAN}`, async (looker) => {
    await looker.ready('fleet');
    const site = (await looker.rows('fleet-row'))[0].site;
    assert.equal(site, busiest());
    // One: the site. Two: its slowest page. What lies behind LCP is on the same view, so there is no third.
    await looker.click('fleet-link');
    await looker.address(`?view=site&site=${site}&${IN_SPAN}`);
    await looker.ready('pages', 'causes');
    const { page } = await looker.row('page-row');
    await looker.tab.evaluate((id) => document.querySelector(`${id} a, ${id} button`).click(), byId('page-row'));
    await looker.address(`?view=site&site=${site}&${IN_SPAN}&page=${encodeURIComponent(page)}`);
    await looker.tab.until((page) => document.querySelectorAll('[data-testid="cause-row"]').length === 1 && document.querySelector('[data-testid="filter-page"]').value === page, page);
    const [element, shown, , seen] = await cells(looker, 'cause-row');
    assert.equal(element, `main>img.hero${page.length}`);
    const ofPage = views({ site, page });
    assert.equal(count(seen), ofPage.length);
    assertFigure(shown, figureOf(ofPage, 'LCP').p75, page);
  });

  look('the fleet is sorted and filtered, and another person sees the same by the address', `?view=fleet&${IN_SPAN}`, async (looker) => {
    await looker.ready('fleet');
    await looker.choose('filter-device', 'phone');
    await looker.address(`?view=fleet&${IN_SPAN}&device=phone`);
    await looker.click('sort-LCP');
    const query = `?view=fleet&${IN_SPAN}&device=phone&sort=LCP`;
    await looker.address(query);
    const expected = [...groupsOf(views({ device: 'phone' }), 'site')]
      .map(([site, ofSite]) => ({ site, ...figureOf(ofSite, 'LCP') }))
      .filter(({ p75 }) => p75 !== null)
      .sort((a, b) => b.p75 - a.p75);
    // The slowest by far is the first one; of neighbours within a bin either may be.
    await looker.tab.until((site) => document.querySelector('[data-testid="fleet-row"]')?.dataset.site === site, expected[0].site);
    const order = async (one) => (await one.rows('fleet-row')).map(({ site }) => site);
    const mine = await order(looker);
    const other = await Looker.open(browser(), url(), query);
    await other.ready('fleet');
    assert.deepEqual(await order(other), mine);
    await other.close();
    await looker.write('fleet-search', expected.at(-1).site.slice(0, -1));
    await looker.tab.until((site) => document.querySelector('[data-testid="fleet-row"]')?.dataset.site === site && document.querySelectorAll('[data-testid="fleet-row"]').length === 1, expected.at(-1).site);
    await looker.click('fleet-link');
    await looker.ready('vitals');
    assert.equal(count(await read(looker, byId('views-total'))), views({ site: expected.at(-1).site, device: 'phone' }).length);
  });

  look('a breakdown narrows down, a comparison is shown, and the way back undoes it', '', async (looker) => {
    const site = busiest();
    const begin = `?view=site&site=${site}&${IN_SPAN}`;
    await looker.goto(begin);
    await looker.ready('breakdown');
    await looker.choose('by-picker', 'country');
    await looker.address(`${begin}&by=country`);
    const [country, most] = [...groupsOf(views({ site }), 'country')].sort(([, a], [, b]) => b.length - a.length)[0];
    await looker.tab.until((value) => document.querySelector('[data-testid="breakdown-row"]')?.dataset.value === value, country);
    await looker.click('breakdown-link');
    await looker.address(`${begin}&country=${country}&by=country`);
    await looker.tab.until((views) => document.querySelector('[data-testid="views-total"]').dataset.value === views, String(most.length));
    await looker.click('compare');
    await looker.ready('vitals', 'trend');
    const before = figureOf(viewsOf(server().views, { ...BEFORE, site, country }), 'LCP');
    await looker.tab.until((n) => document.querySelector('[data-testid="before-LCP"]')?.dataset.count === n, String(before.count));
    await looker.tab.page.goBack();
    await looker.tab.page.goBack();
    await looker.tab.until((views) => document.querySelector('[data-testid="views-total"]').dataset.value === views, String(views({ site }).length));
  });

  look('tables are given as files, of which the collector makes the whole', `?view=fleet&${IN_SPAN}`, async (looker) => {
    await looker.ready('fleet', 'fleet-cohorts');
    const link = (panel) => looker.tab.evaluate((panel) => document.querySelector(`[data-testid="panel-${panel}"] [data-testid="export-csv"]`).href, panel);
    const answer = await fetch(await link('fleet'));
    assert.match(answer.headers.get('content-type'), /^text\/csv/);
    const [head, ...lines] = (await answer.text()).trimEnd().split('\r\n').map((line) => line.split(','));
    const at = (name) => head.indexOf(name);
    const sites = groupsOf(views(), 'site');
    for (const line of lines) {
      const ofSite = sites.get(line[at('site')]) ?? [];
      assert.equal(Number(line[at('views')]), ofSite.length, line[at('site')]);
      assert.equal(Number(line[at('LCP_count')]), figureOf(ofSite, 'LCP').count, line[at('site')]);
    }
    assert.ok(lines.length >= sites.size);
    await looker.catchFiles();
    await looker.tab.evaluate(() => document.querySelector('[data-testid="panel-fleet-cohorts"] [data-testid="export-json"]').click());
    const [json] = await looker.files();
    const shown = await looker.rows('fleet-cohort-row');
    assert.deepEqual(JSON.parse(json).map(({ value, views: n }) => [value, n]), shown.map(({ value, views: n }) => [value, Number(n)]));
  });

  look('growth and money say what was told', '?view=growth', async (looker) => {
    await looker.ready('funnel', 'leads', 'revenue', 'tree');
    const { told } = server().told;
    assert.equal(Number((await looker.rows('funnel-row')).find(({ step }) => step === 'shares').count), told.shares);
    assert.equal(Number((await looker.row('leads-observed')).value), told.leads);
    const net = Object.fromEntries((await looker.rows('money-total')).map(({ currency, net }) => [currency, Number(net)]));
    assert.deepEqual(net, Object.fromEntries(Object.entries(told.money).map(([currency, sums]) => [currency, sums.revenue_minor - sums.refunded_minor])));
    await looker.choose('outcome-picker', 'share');
    await looker.address('?view=growth&outcome=share');
    await looker.ready('slow');
  });

  look('what a visitor does passes by live', '?view=live', async (looker) => {
    await looker.ready('minute');
    await looker.tab.until(() => document.querySelector('[data-testid="live-state"]').dataset.value === 'open');
    // In a browser of its own: a second tab of this one would hide the first, which then stops listening.
    const other = await launchPlaywright();
    try {
      const tab = await (await other.visitor()).open(`${url()}/demo/`);
      await tab.until(() => performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('.wasm') && responseEnd > 0));
      // From the bytes to the running beacon nothing can be seen from outside; people look longer.
      await new Promise((resolve) => setTimeout(resolve, 500));
      await tab.goto('about:blank');
      await looker.tab.until(() => document.querySelector('[data-testid="live-row"]')?.dataset.page === '/demo/');
    } finally {
      await other.close();
    }
    await looker.click('pause');
    await looker.tab.until(() => document.querySelector('[data-testid="live-state"]').dataset.value === 'paused');
  });

  look('settings: a site is added and a token made, shown once and taken away', '?view=settings', async (looker) => {
    const host = `new-${engine}.example`;
    await looker.write('add-site-host', host);
    await looker.click('add-site-submit');
    assert.equal((await looker.row('panel-snippet')).site, host);
    const snippet = await read(looker, byId('snippet'));
    assert.ok(snippet.includes(`src="${url()}/beacon.js"`), snippet);
    await looker.write('find-site', host);
    await looker.tab.until((host) => [...document.querySelectorAll('[data-testid="site-row"]')].map(({ dataset }) => dataset.site).join() === host, host);
    await looker.click('tab-tokens');
    await looker.write('add-token-name', engine);
    await looker.click('add-token-submit');
    const token = /fsa_\S+/.exec(await read(looker, byId('new-token')))[0];
    const asked = () => fetch(`${url()}/api/v1/sites`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await asked()).status, 200);
    await looker.tab.until((name) => document.querySelector(`[data-testid="token-row"][data-name="${name}"]`) !== null, engine);
    const at = (await looker.rows('token-row')).findIndex(({ name }) => name === engine);
    await looker.click('remove', at);
    await looker.click('really-remove');
    await looker.tab.until((name) => document.querySelector(`[data-testid="token-row"][data-name="${name}"]`) === null, engine);
    assert.equal((await asked()).status, 401);
    await looker.click('tab-audit');
    await looker.ready('audit');
    assert.ok((await looker.rows('audit-row')).length >= 3);
  });

  alone('the keyboard alone leads from the overview to a site and its causes', `?${IN_SPAN}`, async (looker) => {
    await looker.ready('passing');
    await looker.tabTo('view-fleet');
    await looker.tab.press('Enter');
    await looker.ready('fleet');
    await looker.tabTo('fleet-search');
    await looker.tab.page.keyboard.type(busiest());
    await looker.tab.until(() => document.querySelectorAll('[data-testid="fleet-row"]').length === 1);
    await looker.tabTo('fleet-link');
    await looker.tab.press('Enter');
    await looker.ready('vitals', 'causes');
    await looker.tabTo('causes-CLS');
    await looker.tab.press('Enter');
    await looker.tab.until(() => document.querySelector('[data-testid="causes-CLS"]').ariaPressed === 'true');
  });
}, { start: startSeeded, engines });
