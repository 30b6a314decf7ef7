// What a person sees on the dashboard, read from its DOM. In: a browser and a collector. Out: an
// assertion that it is what the API says. The names of the elements are listed in
// www/dashboard/src/main.tsx.

import assert from 'node:assert/strict';

/** Fewer values give no percentile; see docs/api.md. */
const LEAST_COUNT = 25;

/** Opens the dashboard and compares every number with the API's. `shared` is a link's id. */
export async function checkDashboard(browser, collector, shared) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const faults = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${collector.url}/`);
    await checkOverview(page, collector);
    await page.click('[data-testid=view-site]');
    for (const panel of ['vitals', 'trend', 'pages', 'shares', 'links', 'activity']) {
      await page.waitForSelector(`[data-testid=panel-${panel}][data-state=ready]`);
    }
    await checkVitals(page, await collector.ask('vitals'));
    await checkTrend(page, await collector.ask('series', { metric: 'LCP' }));
    await checkShares(page, await collector.ask('shares'), shared);
    await checkActivity(page, await collector.ask('activity'));
    await checkGrowth(page, collector);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

async function checkVitals(page, { views, vitals }) {
  const read = async (id, attribute = 'data-value') =>
    page.locator(`[data-testid=${id}]`).first().getAttribute(attribute);
  assert.equal(Number(await read('views-total')), views);
  for (const { metric, count, p75, p75_low, p75_high, rating } of vitals) {
    assert.equal(Number(await read(`count-${metric}`)), count, metric);
    // Two visitors are too few for a percentile, and the page says so instead of showing one.
    const few = count < LEAST_COUNT;
    assert.equal(await read(`p75-${metric}`), few ? '' : String(p75), metric);
    assert.equal(await read(`rating-${metric}`), few ? '' : rating, metric);
    const intervals = await attributes(page, `interval-${metric}`, ['low', 'high']);
    assert.deepEqual(intervals, few ? [] : [[String(p75_low), String(p75_high)]], metric);
  }
}

/** The trend holds what is known of each hour. */
async function checkTrend(page, { points }) {
  const rows = await attributes(page, 'trend-row', ['p75', 'count', 'views']);
  assert.deepEqual(
    rows.map(([p75, count, views]) => [p75 === '' ? null : Number(p75), Number(count), Number(views)]),
    points.map(({ p75, count, views }) => [p75, count, views]),
  );
  assert.ok(points.some(({ p75 }) => p75 !== null), 'nothing was measured');
}

/** The overview's figures of the fleet are those of the API. */
async function checkOverview(page, collector) {
  await page.waitForSelector('[data-testid=panel-passing][data-state=ready]');
  await page.waitForSelector('[data-testid=panel-health][data-state=ready]');
  const summary = await collector.ask('fleet/summary', { compare: 'previous' });
  assert.deepEqual(await attributes(page, 'passing-sites', ['part', 'whole']), [[String(summary.sites_passing), String(summary.sites_measured)]]);
  const coverage = await attributes(page, 'coverage-row', ['metric', 'count', 'views']);
  assert.deepEqual(
    coverage,
    coverage.map(([metric]) => [metric, String(summary.metrics[metric].count), String(summary.views)]),
  );
  await page.waitForSelector('[data-testid=ready][data-value=true]');
}

async function checkShares(page, { channels }, shared) {
  const rows = await attributes(page, 'channel-row', ['channel', 'shares', 'visits']);
  assert.deepEqual(
    rows,
    channels.map(({ channel, shares, visits }) => [channel, String(shares), String(visits)]),
  );
  const links = await attributes(page, 'link-row', ['id', 'channel', 'page', 'visits']);
  assert.deepEqual(links, [[shared, 'copy', '/demo/menu.html', '1']]);
}

async function checkActivity(page, activity) {
  const rows = await attributes(page, 'activity-row', ['kind', 'name', 'count']);
  const expected = ['leads', 'conversions', 'custom', 'errors', 'calls', 'frames', 'scripts', 'not_restored'].flatMap((kind) =>
    activity[kind].map(({ name, count }) => [kind, name, String(count)]),
  );
  assert.deepEqual(rows.sort(), expected.sort());
}

/** The `data-…` attributes of each row. */
function attributes(page, id, names) {
  return page
    .locator(`[data-testid=${id}]`)
    .evaluateAll((rows, names) => rows.map((row) => names.map((name) => row.getAttribute(`data-${name}`))), names);
}

/** The growth page, reached by its link, shows what the API answers; its choices are in the address. */
async function checkGrowth(page, collector) {
  await page.click('[data-testid=view-growth]');
  const ready = (...panels) =>
    Promise.all(panels.map((panel) => page.waitForSelector(`[data-testid=panel-${panel}][data-state=ready]`)));
  await ready('funnel', 'channels', 'tree', 'cycle', 'leads', 'slow');
  // No server has told of owners or of money.
  for (const panel of ['cohorts', 'revenue', 'partners']) {
    await page.waitForSelector(`[data-testid=panel-${panel}][data-state=empty]`);
  }
  const ask = (report, parameters) => collector.ask(`growth/${report}`, { range: '90d', ...parameters });
  const { funnel: [all] } = await ask('funnel');
  assert.deepEqual(
    await attributes(page, 'funnel-row', ['step', 'count']),
    ['shares', 'visits', 'opened', 'generated', 'qualified', 'with_lead'].map((step) => [step, String(all[step])]),
  );
  const { funnel: channels } = await ask('funnel', { by: 'channel' });
  assert.deepEqual(
    await attributes(page, 'growth-channel-row', ['channel', 'shares', 'visits']),
    channels.map(({ value, shares, visits }) => [value, String(shares), String(visits)]),
  );
  const { leads: [leads] } = await ask('leads');
  assert.deepEqual(await attributes(page, 'leads-observed', ['value', 'percent']), [[String(leads.observed), String(leads.observed_percent)]]);
  await checkSlow(page, await ask('slow', { metric: 'LCP', outcome: 'lead' }));
  await page.selectOption('[data-testid=outcome-picker]', 'share');
  await page.waitForURL('**/?view=growth&outcome=share');
  await ready('slow');
  await checkSlow(page, await ask('slow', { metric: 'LCP', outcome: 'share' }));
  await page.goBack();
  await page.waitForURL('**/?view=growth');
}

async function checkSlow(page, { bands, outcomes, unknown }) {
  assert.ok(outcomes > 0);
  // The beacon tells what it measured along with what came of the view.
  assert.equal(unknown, 0);
  const rows = await attributes(page, 'band-row', ['kind', 'rating', 'views', 'outcomes']);
  assert.deepEqual(
    rows.filter(([kind]) => kind === 'rating'),
    bands.map((band) => ['rating', band.rating, String(band.views), String(band.outcomes)]),
  );
}
