// In: a question about money. Out: a plausible answer in the format of docs/api.md, the same for the same
// question on the same day. Never: part of the built dashboard.

import type { Balance, ForecastDay, RevenueDay, Takings } from '../src/api/money.ts';

const DAY_MS = 86_400_000;
const DAYS: Record<string, number> = { '7d': 7, '30d': 30, '90d': 90 };

const takings = (revenue_minor: number, refunds_minor: number): Takings => ({
  revenue_minor,
  refunds_minor,
  net_minor: revenue_minor - refunds_minor,
  revenue_entries: Math.round(revenue_minor / 2900),
  refund_entries: Math.round(refunds_minor / 2900),
});

const startOf = (day: number): string => new Date(day * DAY_MS).toISOString();

/** More on weekdays, and a little more each week. */
const usual = (day: number, price: number): number => price * Math.max(0, Math.round((day % 7 < 5 ? 5 : 2) + (day % 90) / 20 + 2 * Math.sin(day)));

function revenueOf(by: string | null, from: number, to: number): object {
  const names = by === 'channel' ? ['none', 'whatsapp', 'email'] : ['aurora', 'nova', 'terra'];
  const currencies = [
    ['EUR', 2900],
    ['USD', 3200],
  ].map(([currency, price]) => {
    const unit = Number(price) / (currency === 'EUR' ? 1 : 4);
    const days: RevenueDay[] = [];
    for (let day = Math.floor(from / DAY_MS); day * DAY_MS < to; day += 1) {
      days.push({ start: startOf(day), ...takings(usual(day, unit), day % 9 === 0 ? unit * 2 : 0) });
    }
    const sum = (list: RevenueDay[]): Takings =>
      takings(list.reduce((all, one) => all + one.revenue_minor, 0), list.reduce((all, one) => all + one.refunds_minor, 0));
    const total = sum(days);
    const groups = by === null ? [] : names.map((value, index) => ({ value, ...takings(Math.round(total.revenue_minor / (index + 2)), Math.round(total.refunds_minor / 4)) }));
    return { currency, exponent: 2, today: sum(days.slice(-1)), month_to_date: sum(days.slice(-24)), last_month: sum(days.slice(-54, -24)), total, groups, days };
  });
  return { by, currencies };
}

function forecastOf(now: number): object {
  const today = Math.floor(now / DAY_MS);
  const days = Array.from({ length: 30 }, (_, index): ForecastDay => {
    const expected_minor = usual(today + index, 2900);
    return { start: startOf(today + index), expected_minor, low_minor: expected_minor - 4000 - 200 * index, high_minor: expected_minor + 4000 + 200 * index };
  });
  const past = { origins: 8, mae_minor: 3120, mase: 0.82, total_error_minor: 22_000, coverage_percent: 93.3 };
  const expected_minor = days.reduce((sum, day) => sum + day.expected_minor, 0);
  return {
    from: startOf(today),
    to: startOf(today + 30),
    level_percent: 95,
    currencies: [
      { currency: 'EUR', exponent: 2, history_days: 120, withheld: null, model: 'mstl_ets', expected_minor, days, past, baseline: { ...past, mae_minor: 3900 } },
      { currency: 'USD', exponent: 2, history_days: 31, withheld: 'too_short', model: null, expected_minor: null, days: [], past: null, baseline: null },
    ],
  };
}

function partnersOf(): object {
  const balance = (partner: string | null, unit: number): Balance => ({
    partner,
    currency: 'EUR',
    exponent: 2,
    accrued_minor: 12 * unit,
    pending_minor: 2 * unit,
    held_minor: unit,
    payable_minor: 3 * unit,
    paid_minor: 5 * unit,
    reversed_minor: unit,
    entries: 31,
    excess_entries: 0,
    excess_minor: 0,
  });
  const partners = [balance('p_17', 1180), balance('p_4', 580), { ...balance('p_2', 580), payable_minor: -580, reversed_minor: 2900 }];
  return { partners, totals: [balance(null, 2340)] };
}

/** The answer to `GET /api/v1/money/<name>`, or null if there is no such address. */
export function moneyAnswer(name: string, query: URLSearchParams, now: number): object | null {
  const to = Math.ceil((query.has('to') ? Date.parse(query.get('to') ?? '') : now) / DAY_MS) * DAY_MS;
  const from = query.has('from') ? Date.parse(query.get('from') ?? '') : to - (DAYS[query.get('range') ?? '90d'] ?? 90) * DAY_MS;
  const bodies: Record<string, () => object> = {
    revenue: () => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...revenueOf(query.get('by'), from, to) }),
    forecast: () => forecastOf(now),
    partners: partnersOf,
  };
  return bodies[name]?.() ?? null;
}
