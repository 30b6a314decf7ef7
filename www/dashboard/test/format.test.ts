// Numbers and times as people read them. The runner sets a zone with a half-hour offset.

import assert from 'node:assert/strict';
import test from 'node:test';
import { count, percent, rate as perEach } from '../src/format/number.ts';
import { axisName, dateTime, fieldValue, period, stepName, zoneName } from '../src/format/time.ts';
import { interval, mark, rate, vital } from '../src/format/vital.ts';

/** Intl puts narrow and no-break spaces into its texts; here they are plain ones. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u2009\u202f]/g, ' ');

test('durations are ms below a second and s above, with three figures', () => {
  for (const [value, text] of [
    [0, '0.0 ms'],
    [6.24, '6.2 ms'],
    [99.94, '99.9 ms'],
    [99.96, '100 ms'],
    [212.4, '212 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1730.2, '1.73 s'],
    [9994, '9.99 s'],
    [9996, '10.0 s'],
    [600_000, '600.0 s'],
  ] as const) {
    assert.equal(plain(vital(value, 'ms', 'en')), text);
  }
});

test('a layout shift is a score without unit', () => {
  assert.equal(vital(0.0731, '', 'en'), '0.073');
  assert.equal(vital(1.234, '', 'en'), '1.23');
  assert.equal(vital(0.0731, '', 'de'), '0,073');
});

test('marks have no trailing zeros', () => {
  assert.deepEqual(
    [2500, 4000, 200, 1800].map((value) => plain(mark(value, 'ms', 'en'))),
    ['2.5 s', '4 s', '200 ms', '1.8 s'],
  );
  assert.deepEqual([mark(0.1, '', 'en'), mark(0.25, '', 'en')], ['0.1', '0.25']);
});

test('an interval has one unit, that of its value', () => {
  assert.equal(plain(interval(1690, 1730.2, 1801.5, 'ms', 'en')), '1.69–1.80 s');
  assert.equal(plain(interval(980, 1010, 1100, 'ms', 'en')), '0.98–1.10 s');
  assert.equal(plain(interval(950, 980, 1100, 'ms', 'en')), '950–1,100 ms');
});

test('a threshold belongs to the better rating', () => {
  const thresholds = { good: 2500, poor: 4000 };
  assert.deepEqual([2500, 2500.1, 4000, 4000.1].map((value) => rate(value, thresholds)), [
    'good',
    'needs-improvement',
    'needs-improvement',
    'poor',
  ]);
});

test('percentages never round something to nothing or to everything', () => {
  for (const [part, whole, text] of [
    [0, 0, '–'],
    [0, 9, '0%'],
    [1, 1000, '<1%'],
    [999, 1000, '>99%'],
    [1, 1, '100%'],
    [100, 118, '85%'],
  ] as const) {
    assert.equal(percent(part, whole, 'en'), text);
  }
});

test('a rate per nothing is not a number', () => {
  assert.equal(perEach(22, 7, 'en'), '3.14');
  assert.equal(perEach(5, 0, 'en'), '–');
  assert.equal(count(1234567, 'en'), '1,234,567');
});

test('times are in the viewer’s zone', () => {
  assert.equal(zoneName(), 'Australia/Adelaide');
  assert.match(plain(dateTime('2026-11-23T14:00:00Z', { locale: 'en-GB' })), /24 Nov 2026.*00:30/);
  const range = plain(period('2026-11-22T14:00:00Z', '2026-11-23T14:00:00Z', { locale: 'en-GB' }));
  assert.match(range, /23 Nov.*24 Nov/);
});

test('a day of a series is the UTC day, wherever the viewer is', () => {
  const name = stepName('2026-11-23T00:00:00Z', 'day', '2026-11-23T14:00:00Z', { locale: 'en-GB', zone: 'America/Denver' });
  assert.equal(name, '23 Nov 2026 (UTC)');
  assert.equal(axisName(Date.parse('2026-11-23T00:00:00Z') / 1000, 'day', { locale: 'en-GB', zone: 'America/Denver' }), '23 Nov');
});

test('the hour that is still running ends where the answer ends', () => {
  const name = stepName('2026-11-23T14:00:00Z', 'hour', '2026-11-23T14:20:00Z', { locale: 'en-GB', zone: 'UTC' });
  assert.match(plain(name), /14:00.*14:20/);
});

test('an axis names the date at midnight and the time elsewhere', () => {
  const utc = { locale: 'en-GB', zone: 'UTC' };
  assert.equal(axisName(Date.parse('2026-11-23T00:00:00Z') / 1000, 'hour', utc), '23 Nov');
  assert.equal(axisName(Date.parse('2026-11-23T18:00:00Z') / 1000, 'hour', utc), '18:00');
});

test('a date field shows local time that is read back as the same moment', () => {
  const field = fieldValue('2026-11-23T14:30:00Z');
  assert.equal(field, '2026-11-24T01:00');
  assert.equal(new Date(field).toISOString(), '2026-11-23T14:30:00.000Z');
});
