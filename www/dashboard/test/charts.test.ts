// What is drawn adds up to what was answered.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Series } from '../src/api/types.ts';
import { columnsOf, columnWidth, positionOf } from '../src/charts/histogram.ts';
import { topOf, trendData } from '../src/charts/trendData.ts';

/** The thresholds of all six metrics. */
const THRESHOLDS = [
  { good: 2500, poor: 4000 },
  { good: 200, poor: 500 },
  { good: 0.1, poor: 0.25 },
  { good: 1800, poor: 3000 },
  { good: 800, poor: 1800 },
  { good: 100, poor: 300 },
];

test('both thresholds are edges of columns, for every metric', () => {
  for (const thresholds of THRESHOLDS) {
    const width = columnWidth(thresholds);
    for (const edge of [thresholds.good, thresholds.poor]) {
      const columns = edge / width;
      assert.ok(Math.abs(columns - Math.round(columns)) < 1e-6, `${edge} / ${width}`);
    }
    const { length } = columnsOf([], thresholds);
    assert.ok(length > 20 && length < 42, `${length} columns`);
  }
});

test('no count is lost, whatever the value', () => {
  const thresholds = { good: 2500, poor: 4000 };
  const distribution = [0, 1e-4, 98, 2499, 2500, 2501, 3999, 5999, 6200, 600_000].map((to, index) => ({
    from: to / 1.02,
    to,
    count: index + 1,
  }));
  const columns = columnsOf(distribution, thresholds);
  assert.equal(columns.reduce((sum, column) => sum + column.count, 0), 55);
  assert.equal(columns.at(-1)?.count, 9 + 10);
  assert.equal(columns.at(-1)?.to, null);
});

test('a column has the rating of the values in it', () => {
  const thresholds = { good: 0.1, poor: 0.25 };
  const columns = columnsOf([{ from: 0.1, to: 0.1, count: 3 }, { from: 0.2501, to: 0.26, count: 2 }], thresholds);
  const filled = columns.filter((column) => column.count > 0);
  assert.deepEqual(filled.map((column) => [column.rating, column.count]), [
    ['good', 3],
    ['poor', 2],
  ]);
});

test('a value beyond the axis stands at its end', () => {
  const thresholds = { good: 200, poor: 500 };
  const columns = columnsOf([], thresholds);
  assert.equal(positionOf(10_000, columns, thresholds), 1);
  assert.equal(positionOf(0, columns, thresholds), 0);
});

const series = (values: (number | null)[]): Series => ({
  site: null,
  from: '2026-11-23T00:00:00Z',
  to: '2026-11-24T00:00:00Z',
  metric: 'LCP',
  unit: 'ms',
  step: 'hour',
  points: values.map((p75, hour) => ({
    start: new Date(Date.UTC(2026, 10, 23, hour)).toISOString(),
    views: 5,
    count: p75 === null ? 0 : 4,
    p75,
  })),
});

test('an hour without samples is a gap, not a zero', () => {
  const data = trendData(series([1200, null, 0]));
  assert.deepEqual(data.p75, [1200, null, 0]);
  assert.equal((data.times[1] ?? 0) - (data.times[0] ?? 0), 3600);
});

test('the axis always reaches the good threshold, and the poor one when values are near it', () => {
  const thresholds = { good: 2500, poor: 4000 };
  assert.ok(topOf(trendData(series([null, null])), thresholds) > 2500);
  assert.ok(topOf(trendData(series([900])), thresholds) < 4000);
  assert.ok(topOf(trendData(series([3000])), thresholds) > 4000);
  assert.ok(topOf(trendData(series([9000])), thresholds) > 9000);
});
