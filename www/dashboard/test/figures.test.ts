// Files of tables, changes of figures, axes, and what passes by.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { LiveView } from '../src/api/fleet.ts';
import { decades, linear, logarithmic, rounds, sparkLine } from '../src/charts/scale.ts';
import { topOf, trendData } from '../src/charts/trendData.ts';
import { changeOf, points, signed, signedPart } from '../src/format/change.ts';
import { csv, fileName, json, rowOf } from '../src/format/file.ts';
import { MOST_VIEWS, START, withMinute, withViews } from '../src/state/live.ts';
import { may } from '../src/state/session.ts';

test('a file keeps commas, quotes, lines and numbers as they are', () => {
  const rows = [{ name: 'a "b", c\nd', n: 1234.5 }, { name: null, extra: 'x' }];
  assert.equal(csv(rows), 'name,n,extra\r\n"a ""b"", c\nd",1234.5,\r\n,,x\r\n');
  assert.deepEqual(JSON.parse(json(rows)), rows);
});

test('a text that a spreadsheet would run is not one any more, but negative numbers stay', () => {
  assert.equal(csv([{ a: '=HYPERLINK("x")', b: '@sum', c: '-5.2', d: -3 }]), `a,b,c,d\r\n"'=HYPERLINK(""x"")",'@sum,-5.2,-3\r\n`);
});

test('a file is named after its table, and a row after its attributes', () => {
  assert.equal(fileName('Slowest pages by LCP', 'csv'), 'slowest-pages-by-lcp.csv');
  assert.equal(fileName('…', 'json'), 'table.json');
  assert.deepEqual(rowOf({ 'data-testid': 'row', 'data-p75-low': 4, 'data-rating': '' }), { p75_low: 4, rating: null });
});

const of = (p75: number | null, half = 0) => ({ p75, p75_low: p75 === null ? null : p75 - half, p75_high: p75 === null ? null : p75 + half });

test('a change is certain only where the intervals lie apart', () => {
  assert.deepEqual(changeOf(of(120, 5), of(100, 5)), { difference: 20, part: 0.2, direction: 'worse', certain: true });
  assert.equal(changeOf(of(105, 5), of(100, 5))?.certain, false);
  assert.equal(changeOf(of(80, 5), of(100, 5))?.direction, 'better');
  assert.deepEqual(changeOf(of(5), of(0)), { difference: 5, part: null, direction: 'worse', certain: true });
});

test('a change from or to nothing is none', () => {
  assert.equal(changeOf(of(null), of(100)), null);
  assert.equal(changeOf(of(100), null), null);
  assert.equal(changeOf(of(100), of(null)), null);
});

test('differences have a sign and a unit, shares differ by points', () => {
  assert.equal(signed(120, 'ms', 'en'), '+120\u00a0ms');
  assert.equal(signed(-0.0214, '', 'en'), '−0.021');
  assert.equal(signedPart(0.081, 'en'), '+8%');
  assert.equal(points(3, 4, 1, 2), 25);
  assert.equal(points(3, 4, 0, 0), null);
});

test('axes keep what is beyond at their ends, and have round marks', () => {
  const x = linear(0, 10, 100, 200);
  assert.deepEqual([x(-1), x(5), x(99)], [100, 150, 200]);
  const views = logarithmic(10, 1000, 0, 2);
  assert.deepEqual([views(1), Math.round(views(100) * 1e6) / 1e6], [0, 1]);
  assert.deepEqual(decades(20, 2000), [30, 100, 300, 1000]);
  assert.deepEqual(decades(1, 100_000), [1, 10, 100, 1000, 10_000, 100_000]);
  assert.deepEqual(rounds(0.25, 5), [0, 0.05, 0.1, 0.15, 0.2, 0.25]);
  assert.deepEqual(rounds(4600, 5), [0, 1000, 2000, 3000, 4000]);
});

test('a sparkline of zeros lies on the ground, and of one value is a point', () => {
  assert.equal(sparkLine([0, 0], 10, 10), 'M1.0 8.5L9.0 8.5');
  assert.equal(sparkLine([7], 10, 10), 'M1.0 1.5');
});

test('the span before lies step by step beside the present one, and on the axis', () => {
  const point = (p75: number | null) => ({ start: '2026-11-24T00:00:00Z', views: 3, count: p75 === null ? 0 : 3, p75 });
  const series = { site: null, from: '', to: '', metric: 'LCP', unit: 'ms', step: 'hour', points: [point(10), point(20)], previous: [point(90)] } as const;
  const data = trendData({ ...series, points: [...series.points], previous: [...series.previous] });
  assert.deepEqual(data.before, [90, null]);
  assert.ok(topOf(data, null) > 90);
  assert.deepEqual(trendData({ ...series, points: [...series.points], previous: null }).before, []);
});

const view = (site: string, skipped = 0): LiveView => ({ at: '', site, page: '/', device: '', country: '', browser: '', metrics: {}, skipped });

test('the latest page views come first, older ones go, and those left out are counted', () => {
  let live = withViews(START, [view('a'), view('b', 4)]);
  assert.deepEqual(live.views.map(({ site }) => site), ['b', 'a']);
  live = withViews(live, Array.from({ length: MOST_VIEWS }, () => view('c', 1)));
  assert.equal(live.views.length, MOST_VIEWS);
  assert.equal(new Set(live.views.map(({ id }) => id)).size, MOST_VIEWS);
  assert.equal(live.skipped, 4 + MOST_VIEWS);
});

test('the minutes of the last five minutes are kept', () => {
  let live = START;
  for (let n = 0; n < 70; n += 1) {
    live = withMinute(live, { at: '', views: n, metrics: {} });
  }
  assert.deepEqual([live.recent.length, live.recent[0], live.minute?.views], [60, 10, 69]);
});

test('a role may do what those before it may; without a login everybody may', () => {
  const as = (role: 'viewer' | 'analyst' | 'admin') => ({ user: { name: 'x', role }, login: 'required' as const, setup: false, oidc: false, csrf: '' });
  assert.deepEqual([may(as('viewer'), 'analyst'), may(as('analyst'), 'analyst'), may(as('admin'), 'viewer')], [false, true, true]);
  assert.equal(may({ ...as('admin'), user: null }, 'viewer'), false);
  assert.equal(may({ user: null, login: 'off', setup: false, oidc: false, csrf: '' }, 'admin'), true);
});
