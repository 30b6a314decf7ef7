// Amounts are written exactly, each with its currency, and the chart has what was answered.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CurrencyForecast, CurrencyRevenue, RevenueDay } from '../src/api/money.ts';
import { moneyData } from '../src/charts/moneyOptions.ts';
import { amount, exact } from '../src/format/money.ts';
import { daysOf } from '../src/views/growth/RevenuePanel.tsx';

test('amounts keep every digit', () => {
  for (const [minor, exponent, expected] of [
    [2905, 2, '29.05'],
    [5, 2, '0.05'],
    [-1, 2, '-0.01'],
    [0, 2, '0.00'],
    [1500, 0, '1500'],
    [-12_345, 3, '-12.345'],
    [9_007_199_254_740_991, 2, '90071992547409.91'],
  ] as const) {
    assert.equal(exact(minor, exponent), expected);
  }
});

test('an amount has its currency, and an unknown currency is not guessed at', () => {
  assert.equal(amount(290_500, { currency: 'EUR', exponent: 2 }, 'en'), '€2,905.00');
  assert.equal(amount(-50, { currency: 'EUR', exponent: 2 }, 'en'), '-€0.50');
  assert.equal(amount(9_007_199_254_740_991, { currency: 'USD', exponent: 2 }, 'en'), '$90,071,992,547,409.91');
  assert.equal(amount(1200, { currency: 'JPY', exponent: 0 }, 'en'), '¥1,200');
  assert.equal(amount(1200, { currency: 'XQQ', exponent: null }, 'en'), '1,200\u00a0XQQ (minor units)');
});

const day = (start: string, net: number): RevenueDay => ({
  start: `2026-11-${start}T00:00:00Z`,
  net_minor: net,
  revenue_minor: net,
  refunds_minor: 0,
  revenue_entries: 1,
  refund_entries: 0,
});

test('the past is taken, the future is expected, and today is both', () => {
  const revenue = { currency: 'EUR', exponent: 2, days: [day('22', 5), day('23', -2)] } as CurrencyRevenue;
  const expected = (start: string) => ({ start: `2026-11-${start}T00:00:00Z`, expected_minor: 4, low_minor: 1, high_minor: 9 });
  const forecast = { currency: 'EUR', exponent: 2, days: [expected('23'), expected('24')] } as CurrencyForecast;
  const [times, ...columns] = moneyData(revenue, forecast);
  assert.deepEqual(times.map((time) => time - (times[0] ?? 0)), [0, 86_400, 172_800]);
  assert.deepEqual(columns, [
    [5, -2, null],
    [null, 9, 9],
    [null, 1, 1],
    [null, 4, 4],
  ]);
  assert.deepEqual(
    daysOf(revenue, forecast).map(({ start, taken, expected: next }) => [start.slice(8, 10), taken, next]),
    [
      ['24', null, 4],
      ['23', -2, 4],
      ['22', 5, null],
    ],
  );
  assert.equal(daysOf(revenue, null).length, 2);
});
