// The address and the selection are the same thing, both ways.

import assert from 'node:assert/strict';
import test from 'node:test';
import { addressesOf, growthAddressesOf, sitesAddress } from '../src/api/addresses.ts';
import { DEFAULT, isFiltered, parse, search, withFilter, withSite, withView, type Selection } from '../src/state/selection.ts';

const rich: Selection = {
  ...DEFAULT,
  view: 'site',
  site: 'bakery.4site.pro',
  period: { kind: 'range', range: '7d' },
  filters: { page: '/brötchen & more', device: 'phone', country: 'DE', browser: 'Chrome', navigation: 'reload' },
  metric: 'INP',
};

test('an address brings back the selection it was made from', () => {
  const between: Selection = {
    ...DEFAULT,
    period: { kind: 'between', from: '2026-11-01T00:00:00Z', to: '2026-11-02T12:00:00Z' },
  };
  const growth: Selection = { ...withView(between, 'growth'), days: '30', step: 'day', outcome: 'generation' };
  const all = [DEFAULT, rich, between, { ...rich, filters: {} }, growth, withView(DEFAULT, 'growth'), withView(rich, 'growth')];
  for (const selection of all) {
    assert.deepEqual(parse(search(selection)), selection);
  }
});

test('the default selection has an empty query', () => {
  assert.equal(search(DEFAULT), '');
  assert.deepEqual(parse(''), DEFAULT);
});

test('odd addresses fall back to the default, part by part', () => {
  for (const query of [
    '?range=2w',
    '?metric=lcp',
    '?site=',
    '?device=',
    '?from=2026-11-02T00:00:00Z',
    '?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z',
    '?from=yesterday&to=2026-11-01T00:00:00Z',
    '?from=2026-99-99T00:00:00Z&to=2026-11-01T00:00:00Z',
    '?unknown=1',
    '?view=money',
    '?days=8&step=month&outcome=order',
    '?%E0%A4%A',
  ]) {
    assert.deepEqual(parse(query), DEFAULT, query);
  }
});

test('times with an offset are read as UTC', () => {
  const { period } = parse('?from=2026-11-01T02:00:00%2B02:00&to=2026-11-01T10:30:00.500Z');
  assert.deepEqual(period, { kind: 'between', from: '2026-11-01T00:00:00Z', to: '2026-11-01T10:30:00Z' });
});

test('another site keeps every filter but the page', () => {
  const moved = withSite(rich, null);
  assert.equal(moved.site, null);
  assert.equal(moved.filters.page, undefined);
  assert.equal(moved.filters.device, 'phone');
});

test('a filter can be set and taken away', () => {
  const set = withFilter(DEFAULT, 'country', 'FR');
  assert.equal(isFiltered(set), true);
  assert.deepEqual(withFilter(set, 'country', null), DEFAULT);
});

test('panels ask with all filters, pickers without them', () => {
  const asked = addressesOf(rich);
  const panel = new URL(asked.vitals, 'http://x').searchParams;
  assert.equal(panel.get('page'), '/brötchen & more');
  assert.equal(panel.get('range'), '7d');
  assert.equal(new URL(asked.series, 'http://x').searchParams.get('metric'), 'INP');
  assert.equal(sitesAddress(rich), '/api/v1/sites?range=7d');
  assert.equal(asked.dimensions, '/api/v1/dimensions?site=bakery.4site.pro&range=7d');
});

test('a fixed period is asked for by its ends', () => {
  const asked = addressesOf(parse('?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z'));
  const query = new URL(asked.activity, 'http://x').searchParams;
  assert.equal(query.get('from'), '2026-11-01T00:00:00Z');
  assert.equal(query.get('to'), '2026-11-02T00:00:00Z');
  assert.equal(query.has('range'), false);
});

test('each page has its own range until another is chosen, and filters stay behind', () => {
  const growth = withView(DEFAULT, 'growth');
  assert.equal(search(growth), '?view=growth');
  assert.deepEqual(growth.period, { kind: 'range', range: '90d' });
  assert.deepEqual(withView(growth, 'overview'), DEFAULT);
  const chosen = withView(rich, 'growth');
  assert.deepEqual(chosen.period, { kind: 'range', range: '7d' });
  assert.deepEqual([chosen.site, chosen.filters], ['bakery.4site.pro', {}]);
});

test('only leads, what slowness costs and revenue are asked for a site', () => {
  const asked = growthAddressesOf({ ...withView(rich, 'growth'), outcome: 'share' });
  const query = (address: string) => new URL(address, 'http://x').searchParams;
  for (const [name, address] of Object.entries(asked)) {
    assert.equal(query(address).has('site'), ['leads', 'slow', 'templates', 'revenueChannels'].includes(name), name);
    // Balances are those of now, and forecasts have their own days.
    const range = ['forecast', 'partners'].includes(name) ? null : '7d';
    assert.equal(query(address).get('range'), range, name);
  }
  assert.deepEqual([query(asked.slow).get('metric'), query(asked.slow).get('outcome')], ['INP', 'share']);
  assert.equal(query(asked.cohorts).get('step'), 'week');
  assert.equal(query(asked.channels).get('by'), 'channel');
});
