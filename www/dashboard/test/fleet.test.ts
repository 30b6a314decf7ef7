// The fleet: what is asked for, what is worth fixing, and where a click leads.

import assert from 'node:assert/strict';
import test from 'node:test';
import { asCsv, cohortsBy, comparedWith, fleetAddressesOf, homeAddressesOf, vitalsBy } from '../src/api/addresses.ts';
import type { Figure, Figures, FleetSite } from '../src/api/fleet.ts';
import { METRICS, RANGES, type Metric } from '../src/api/types.ts';
import { DEFAULT, drill, parse, search, withFilter, withSite, withView, type Selection } from '../src/state/selection.ts';
import { worthFixing } from '../src/state/worth.ts';
import { cohortOf } from '../src/views/fleet/CohortsPanel.tsx';
import { fileRow } from '../src/views/fleet/columns.tsx';
import { nearest } from '../src/views/fleet/Scatter.tsx';
import { cohortWords, placeOf } from '../src/views/home/ChangesPanel.tsx';
import { narrowed } from '../src/views/vitals/BreakdownPanel.tsx';

const fleet: Selection = { ...withView(DEFAULT, 'fleet'), search: ' Bak ', template: 'aurora', sort: 'change', order: 'asc', metric: 'INP', compare: true };
const query = (address: string) => new URL(address, 'http://x').searchParams;

const figure = (p75: number | null): Figure => ({ count: p75 === null ? 3 : 90, p75, p75_low: p75, p75_high: p75, rating: p75 === null ? null : 'good' });
const site = (name: string, views: number, lcp: number | null): FleetSite => ({
  site: name,
  template: null,
  build: null,
  views,
  passes: null,
  vitals: Object.fromEntries(METRICS.map((metric) => [metric, figure(metric === 'LCP' ? lcp : null)])) as Figures,
  previous: null,
  spark: [],
});

test('an address of the fleet brings back search, order, cohort and comparison', () => {
  assert.deepEqual(parse(search(fleet)), fleet);
  assert.equal(search(withView(fleet, 'fleet')), '?view=fleet&metric=INP');
});

test('the table is asked for with all that narrows it down, the busiest sites without its order', () => {
  const { sites, busiest, dimensions } = fleetAddressesOf(fleet);
  const asked = query(sites);
  assert.deepEqual(['search', 'template', 'sort', 'order', 'metric', 'compare', 'range'].map((name) => asked.get(name)), ['bak', 'aurora', 'change', 'asc', 'INP', 'previous', '7d']);
  assert.equal(query(busiest).has('sort'), false);
  assert.equal(query(busiest).get('template'), 'aurora');
  assert.equal(query(dimensions).has('template'), false);
  const usual = fleetAddressesOf(withView(DEFAULT, 'fleet'));
  assert.equal(usual.sites, usual.busiest);
});

test('what changed cannot be sorted by without the span before', () => {
  assert.equal(query(fleetAddressesOf({ ...fleet, compare: false }).sites).get('sort'), 'views');
});

test('a file has every line, whatever the table loads at once', () => {
  const csv = query(asCsv(fleetAddressesOf(fleet).sites));
  assert.deepEqual([csv.get('format'), csv.has('limit'), csv.get('search')], ['csv', false, 'bak']);
  assert.equal(asCsv('/api/v1/x'), '/api/v1/x?format=csv');
});

test('a dimension that a page does not offer is that page’s first', () => {
  assert.equal(vitalsBy({ ...DEFAULT, view: 'site', by: 'page' }), 'site');
  assert.equal(vitalsBy({ ...DEFAULT, view: 'site', site: 'a.pro', by: 'site' }), 'page');
  assert.equal(vitalsBy({ ...DEFAULT, view: 'site', site: 'a.pro', by: 'country' }), 'country');
  assert.equal(cohortsBy({ ...DEFAULT, by: 'page' }), 'template');
  assert.equal(cohortsBy({ ...DEFAULT, by: 'build' }), 'build');
});

test('growth on the overview is compared with as many whole days before', () => {
  const { funnelBefore, summary } = homeAddressesOf(DEFAULT, Date.parse('2026-11-30T21:00:00Z'));
  assert.deepEqual([query(funnelBefore).get('from'), query(funnelBefore).get('to')], ['2026-10-02T00:00:00Z', '2026-11-01T00:00:00Z']);
  assert.equal(query(summary).get('compare'), 'week');
});

test('what passes is compared with the same weekdays, and a month with the days before', () => {
  const between = (from: string, to: string) => comparedWith({ kind: 'between', from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z` });
  assert.deepEqual(RANGES.map((range) => comparedWith({ kind: 'range', range })), ['week', 'week', 'week', 'previous', 'previous']);
  assert.deepEqual([between('2026-11-24', '2026-11-25'), between('2026-11-01', '2026-11-09'), between('2026-11-01', '2026-11-10')], ['week', 'week', 'previous']);
});

test('drilling into a site keeps period, comparison and filters, but not a page or an order', () => {
  const from = withFilter({ ...fleet, filters: { device: 'phone' } }, 'page', '/menu');
  assert.equal(search(drill(from, 'a.pro')), '?view=site&site=a.pro&range=7d&compare=previous&device=phone&metric=INP');
  assert.deepEqual(withSite(from, 'a.pro'), drill(from, 'a.pro'));
  assert.deepEqual(withSite(from, null), from);
});

test('an address of the time when there was one page still shows that site’s vitals', () => {
  assert.equal(parse('?site=a.pro&range=7d').view, 'site');
  assert.equal(parse('?view=fleet&site=a.pro').site, null);
});

test('worth fixing is slowness times page views; good sites and those with too few are not listed', () => {
  const sites = [site('slow-small', 100, 5000), site('slow-large', 900, 3000), site('good', 5000, 2000), site('few', 9000, null)];
  assert.deepEqual(worthFixing(sites, 'LCP', 9).map(({ of }) => of.site), ['slow-large', 'slow-small']);
  assert.equal(worthFixing(sites, 'LCP', 1).length, 1);
  assert.deepEqual(worthFixing(sites, 'CLS', 9), []);
});

test('the nearest mark is found, and none where none is near', () => {
  const points = [1, 2].map((n) => ({ site: `s${n}`, views: n * 10, p75: n * 10, rating: 'good' as const }));
  const axes = { x: (n: number) => n, y: (n: number) => n };
  assert.equal(nearest(points, axes, { x: 17, y: 19 })?.site, 's2');
  assert.equal(nearest(points, axes, { x: 60, y: 60 }), null);
});

test('a cohort narrows the fleet, a breakdown the vitals', () => {
  assert.equal(cohortOf(fleet, 'build', '2.3.1').build, '2.3.1');
  assert.deepEqual(cohortOf(fleet, 'country', 'DE').filters, { country: 'DE' });
  const vitals: Selection = { ...DEFAULT, view: 'site' };
  assert.equal(narrowed(vitals, 'site', 'a.pro').site, 'a.pro');
  assert.deepEqual(narrowed(vitals, 'device', 'phone').filters, { device: 'phone' });
  assert.deepEqual(narrowed(vitals, 'template', 'aurora'), vitals);
});

test('a change leads to the sites of its build, or to the vitals of its site', () => {
  const none = { template: null, build: null, device: null, country: null, browser: null, site: null, page: null, script: null };
  const place = (cohort: object, metric: Metric = 'LCP') => search(placeOf({ cohort: { ...none, ...cohort }, metric }));
  assert.equal(place({ template: 'aurora', build: '2.3.1', device: 'phone' }), '?view=fleet&compare=previous&device=phone&sort=LCP&template=aurora&build=2.3.1');
  assert.equal(place({ site: 'a.pro', page: '/menu' }, 'CLS'), '?view=site&site=a.pro&range=7d&compare=previous&page=%2Fmenu&metric=CLS');
  assert.equal(place({ country: 'US' }), '?view=site&range=7d&compare=previous&country=US');
  assert.equal(cohortWords({ ...none, template: 'aurora', build: '2.3.1' }), 'template aurora, build 2.3.1');
  assert.notEqual(cohortWords(none), '');
});

test('a site’s row of a file has the figures of every metric, and those before if there are any', () => {
  const one = site('a.pro', 10, 2100);
  assert.equal(fileRow(one)['lcp_p75'], 2100);
  assert.equal('lcp_p75_before' in fileRow(one), false);
  assert.equal(fileRow({ ...one, previous: { views: 4, vitals: site('', 4, 1900).vitals } })['lcp_p75_before'], 1900);
});
