// What a person sees on the dashboard, read from its DOM. In: a browser and a collector. Out: an
// assertion that it is what the API says. The names of the elements are listed in
// www/dashboard/src/main.tsx.

import assert from 'node:assert/strict';

/** Opens the dashboard and compares every number with the API's. `shared` is a link's id. */
export async function checkDashboard(browser, collector, shared) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const faults = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${collector.url}/`);
    for (const panel of ['vitals', 'trend', 'pages', 'shares', 'links', 'activity']) {
      await page.waitForSelector(`[data-testid=panel-${panel}][data-state=ready]`);
    }
    await checkVitals(page, await collector.ask('vitals'));
    await checkShares(page, await collector.ask('shares'), shared);
    await checkActivity(page, await collector.ask('activity'));
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
    assert.equal(Number(await read(`p75-${metric}`)), p75, metric);
    assert.equal(await read(`rating-${metric}`), rating, metric);
    assert.equal(Number(await read(`interval-${metric}`, 'data-low')), p75_low, metric);
    assert.equal(Number(await read(`interval-${metric}`, 'data-high')), p75_high, metric);
  }
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
  const expected = ['leads', 'conversions', 'errors', 'custom'].flatMap((kind) =>
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
