// What the collector says of a journey on the demo site. In: a running collector, what the visitors
// did and what their pages saw of themselves. Out: counts to compare, and assertions. Must never
// happen: an expected value that was taken from what the collector answered.

import assert from 'node:assert/strict';

export const METRICS = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'FID'];

/** What the two visitors of a journey do, as counts: in an engine that can measure everything. */
export const EXPECTED = {
  views: 4,
  counts: { LCP: 4, INP: 3, CLS: 4, FCP: 4, TTFB: 4, FID: 3 },
  pages: { '/demo/': 1, '/demo/contact.html': 1, '/demo/menu.html': 2 },
  devices: { desktop: 4 },
  shares: 1,
  visits: 1,
  channels: [{ channel: 'copy', shares: 1, visits: 1 }],
  leads: [{ name: 'table', count: 1 }],
  conversions: [{ name: 'order', count: 1 }],
  errors: 1,
  custom: [{ name: 'filter', count: 1 }],
};

/** How far a reported quantile may be from the value: the histogram's error, and rounding. */
const RELATIVE_ERROR = 0.01;
const ROUNDING = { CLS: 0.0002, other: 0.2 };

/** What the API has counted, in the form of EXPECTED. */
export async function counted(collector) {
  const [vitals, shares, activity, dimensions] = await Promise.all(
    ['vitals', 'shares', 'activity', 'dimensions'].map((what) => collector.ask(what)),
  );
  const views = (rows) => Object.fromEntries(rows.map(({ value, views }) => [value, views]).sort());
  return {
    views: vitals.views,
    counts: Object.fromEntries(METRICS.map((metric) => [metric, vital(vitals, metric).count])),
    pages: views(dimensions.page),
    devices: views(dimensions.device),
    shares: shares.shares,
    visits: shares.visits,
    channels: shares.channels,
    leads: activity.leads,
    conversions: activity.conversions,
    errors: activity.errors.reduce((sum, { count }) => sum + count, 0),
    custom: activity.custom,
  };
}

export const vital = (vitals, metric) => vitals.vitals.find((one) => one.metric === metric);

/** On pages with one view, the quantile is the value that the page itself saw. */
export async function checkValues(collector, pages, metrics = METRICS) {
  for (const [page, seen] of Object.entries(pages)) {
    const vitals = await collector.ask('vitals', { page });
    for (const metric of metrics) {
      const { p75, count, rating, thresholds } = vital(vitals, metric);
      const value = seen[metric];
      const tolerance = value * RELATIVE_ERROR + (ROUNDING[metric] ?? ROUNDING.other);
      assert.equal(count, 1, `${page} ${metric}`);
      assert.ok(Math.abs(p75 - value) <= tolerance, `${page} ${metric}: ${p75} was reported, ${value} was seen`);
      assert.equal(rating, rate(p75, thresholds), `${page} ${metric}`);
    }
  }
}

function rate(value, { good, poor }) {
  return value <= good ? 'good' : value <= poor ? 'needs-improvement' : 'poor';
}

/** The shared link is known with its page and its visit. */
export async function checkLink(collector, id) {
  const { links } = await collector.ask('shares');
  assert.equal(links.length, 1);
  const [{ at, site, ...link }] = links;
  assert.deepEqual(link, { id, channel: 'copy', page: '/demo/menu.html', parent: null, visits: 1 });
  assert.equal(site, new URL(collector.url).host);
  assert.ok(Math.abs(Date.now() - Date.parse(at)) < 5 * 60_000, `shared at ${at}`);
}
