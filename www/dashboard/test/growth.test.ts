// What the growth page shows is what was answered, and what is not known is not drawn.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Band, Cohorts, FunnelLine, Window } from '../src/api/growth.ts';
import { place, scaleOf } from '../src/charts/Whisker.tsx';
import { dayName, duration } from '../src/format/time.ts';
import { rowsOf } from '../src/views/growth/CohortsPanel.tsx';
import { stepsOf } from '../src/views/growth/FunnelPanel.tsx';
import { classesOf } from '../src/views/growth/LeadsPanel.tsx';
import { boundsOf } from '../src/views/growth/SlowPanel.tsx';

const window = (days: number, k: number | null): Window => ({
  days,
  state: k === null ? 'immature' : 'mature',
  owners: 5,
  observed: k === null ? 0 : 5,
  active: 2,
  shares: 4,
  conversions: 1,
  conversions_so_far: 1,
  k,
  k_low: null,
  k_high: null,
  i: 2,
  c: 0.25,
});

test('cohorts are shown newest first, with the window that is looked at, and none without owners', () => {
  const cohort = (start: string, owners: number) => ({ start, owners, windows: [window(7, 0.2), window(30, null)] });
  const cohorts: Cohorts = {
    from: '',
    to: '',
    step: 'week',
    cohorts: [cohort('2026-10-05T00:00:00Z', 5), cohort('2026-10-12T00:00:00Z', 0), cohort('2026-10-19T00:00:00Z', 5)],
    together: [],
    conversions: {},
  };
  const rows = rowsOf(cohorts, 30);
  assert.deepEqual(
    rows.map((row) => [row.cohort.start.slice(5, 10), row.window.k]),
    [
      ['10-19', null],
      ['10-05', null],
    ],
  );
  assert.equal(rowsOf(cohorts, 7)[0]?.window.k, 0.2);
  assert.deepEqual(rowsOf(cohorts, 14), []);
});

test('a scale holds every value, and no interval that would hide the others', () => {
  const scale = scaleOf(
    [
      { value: 0.5, low: 0.2, high: 1.1 },
      { value: 0.4, low: 0.1, high: 40 },
      { value: null, low: null, high: null },
    ],
    [0, 1],
  );
  assert.deepEqual(scale, { low: 0, high: 1.1 });
  assert.equal(place(40, scale), 1);
  assert.equal(place(-1, scale), 0);
  assert.ok(Math.abs(place(0.55, scale) - 0.5) < 1e-9);
  assert.equal(place(0, scaleOf([], [0])), 0.5);
});

test('steps are compared with the one before, and visits are no part of shares', () => {
  const line: FunnelLine = { value: 'all', shares: 40, visits: 100, opened: 20, generated: 6, qualified: 5, with_lead: 0 };
  const steps = stepsOf(line);
  assert.deepEqual(
    steps.map(({ before }) => before),
    [null, null, 100, 20, 6, 5],
  );
  assert.deepEqual(
    steps.map(({ share }) => share),
    [0.4, 1, 0.2, 0.06, 0.05, 0],
  );
});

test('classes of scores end at 100', () => {
  const classes = classesOf([0, 0, 0, 0, 0, 0, 0, 0, 4, 1]);
  assert.deepEqual([classes[0]?.name, classes[8]?.share, classes[9]?.name], ['0 to 9', 1, '90 to 100']);
});

test('bands are named by their bounds, in units', () => {
  const band = (from: number, to: number | null) => ({ from, to }) as Band;
  assert.equal(boundsOf(band(0, 2500), 'ms'), 'up to 2.5\u00a0s');
  assert.equal(boundsOf(band(2500, 4000), 'ms'), '2.5\u00a0s to 4\u00a0s');
  assert.equal(boundsOf(band(0.25, null), ''), 'above 0.25');
});

test('days are those of UTC, and times have a unit', () => {
  assert.equal(dayName('2026-10-12T00:00:00Z', { locale: 'en-GB' }), '12 Oct 2026');
  assert.equal(duration(3.44 * 86_400_000, 'en'), '3.4\u00a0d');
  assert.equal(duration(5 * 3_600_000, 'en'), '5.0\u00a0h');
});
