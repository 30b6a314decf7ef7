// In: a question about growth. Out: a plausible answer in the format of docs/api.md, the same for the same
// question. Never: part of the built dashboard.

import { STEPS } from '../src/api/growth.ts';
import type { Rating } from '../src/api/types.ts';

const DAY_MS = 86_400_000;
const DAYS: Record<string, number> = { '7d': 7, '30d': 30, '90d': 90 };

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** A window of a cohort that began `age` days ago. */
function windowOf(days: number, owners: number, age: number, length: number): object {
  const observed = age >= days + length ? owners : Math.floor((owners * Math.max(0, age - days)) / length);
  const state = observed === owners ? 'mature' : observed > 0 ? 'partial' : 'immature';
  const [active, shares] = [Math.ceil(observed * 0.6), Math.ceil(observed * 2.4)];
  const conversions = Math.round(observed * 0.45 * (1 - Math.exp(-days / 6)));
  const k = observed === 0 ? null : conversions / observed;
  const half = k === null || observed < 20 ? null : 1.96 * Math.sqrt((k + k * k) / observed);
  return {
    days,
    state,
    owners,
    observed,
    active,
    shares,
    conversions,
    conversions_so_far: Math.round(conversions + (owners - observed) * 0.2),
    k: k === null ? null : rounded(k),
    k_low: k === null || half === null ? null : rounded(Math.max(0, k - half)),
    k_high: k === null || half === null ? null : rounded(k + 1.3 * half),
    i: active === 0 ? null : rounded(shares / active),
    c: shares === 0 ? null : rounded(conversions / shares),
  };
}

function cohortsOf(step: string, from: number, to: number, now: number): object {
  const length = step === 'day' ? 1 : 7;
  const first = step === 'day' ? Math.floor(from / DAY_MS) : Math.floor((from / DAY_MS + 3) / 7) * 7 - 3;
  const cohorts = [];
  for (let day = first; day * DAY_MS < to; day += length) {
    const age = (now - day * DAY_MS) / DAY_MS;
    const owners = Math.round(length * (3 + 2 * Math.sin(day)));
    const windows = [7, 14, 30].map((days) => windowOf(days, owners, age, length));
    cohorts.push({ start: new Date(day * DAY_MS).toISOString(), owners, windows });
  }
  const together = [7, 14, 30].map((days) => windowOf(days, 180, 400, 7));
  return { step, cohorts, together, conversions: { qualified: 60, too_fast: 2 } };
}

function funnelOf(by: string | null): object {
  const line = (value: string, share: number): object => ({
    value,
    ...Object.fromEntries(STEPS.map((step, index) => [step, Math.round(share * ([420, 1900, 260, 90, 71, 40][index] ?? 0))])),
  });
  const parts: [string, number][] = by === null ? [['all', 1]] : [['whatsapp', 0.5], ['copy', 0.25], ['email', 0.2], ['native', 0.05]];
  return { by, funnel: parts.map(([value, share]) => line(value, share)) };
}

const depthsOf = (first: number): object[] =>
  [1, 0.3, 0.08, 0.02].map((share, depth) => ({ depth, count: Math.round(first * share), qualified: Math.round(first * share * 0.2) }));

function leadsOf(visits: number): object {
  const classes = [1, 2, 4, 9, 14, 22, 25, 19, 11, 6];
  const confirmed = classes.reduce((sum, n) => sum + n, 0);
  const line = { value: 'all', visits, opened: 80, observed: 140, confirmed };
  const rates = { observed_percent: rounded(14_000 / visits), confirmed_percent: rounded((100 * confirmed) / visits) };
  const sources = [{ source: 'form', confirmed: 80, average: 61.2 }, { source: 'whatsapp', confirmed: 33, average: 55.9 }];
  return { by: null, leads: [{ ...line, ...rates, quality: { average: 59.4, classes } }], sources };
}

interface Bound {
  rating: Rating;
  from: number;
  to: number | null;
}

/** Bands in parts of the good threshold, with fewer outcomes the slower they are. */
function slowOf(metric: string, outcome: string): object {
  const good = { LCP: 2500, INP: 200, CLS: 0.1, FCP: 1800, TTFB: 800, FID: 100 }[metric] ?? 2500;
  const band = ({ rating, from, to }: Bound, index: number, reference: boolean): object => {
    const [views, percent] = [Math.round(20_000 / (1 + index)), 2.4 - 0.2 * index];
    const half = (1.96 * Math.sqrt(percent * (100 - percent))) / Math.sqrt(views);
    const compared = (value: number): number | null => (reference ? null : rounded(value));
    return {
      rating,
      from: from * good,
      to: to === null ? null : to * good,
      reference,
      views,
      outcomes: Math.round((views * percent) / 100),
      percent,
      percent_low: rounded(percent - half),
      percent_high: rounded(percent + half),
      adjusted: compared(-0.15 * index),
      adjusted_low: compared(-0.15 * index - half),
      adjusted_high: compared(-0.15 * index + half),
      ratio: compared(1 - 0.06 * index),
      ratio_low: compared(0.9 - 0.06 * index),
      ratio_high: compared(1.1 - 0.06 * index),
    };
  };
  const ratings: Bound[] = [{ rating: 'good', from: 0, to: 1 }, { rating: 'needs-improvement', from: 1, to: 1.6 }, { rating: 'poor', from: 1.6, to: null }];
  const edges = [0, 0.25, 0.5, 0.75, 1, 1.3, 1.6, 2.4, 3.2];
  const finer = edges.map((from, index): Bound => ({ rating: from < 1 ? 'good' : from < 1.6 ? 'needs-improvement' : 'poor', from, to: edges[index + 1] ?? null }));
  return {
    metric,
    unit: metric === 'CLS' ? '' : 'ms',
    outcome,
    claim: 'association',
    views: 36_667,
    outcomes: 812,
    unknown: 61,
    strata: 9,
    bands: ratings.map((bound, index) => band(bound, 2 * index, index === 0)),
    finer: finer.map((bound, index) => band(bound, index, index === 3)),
  };
}

/** The answer to `GET /api/v1/growth/<name>`, or null if there is no such address. */
export function growthAnswer(name: string, query: URLSearchParams, now: number): object | null {
  const to = Math.ceil((query.has('to') ? Date.parse(query.get('to') ?? '') : now) / DAY_MS) * DAY_MS;
  const from = query.has('from') ? Date.parse(query.get('from') ?? '') : to - (DAYS[query.get('range') ?? '90d'] ?? 90) * DAY_MS;
  const isEmpty = query.get('site')?.startsWith('new.') === true;
  const bodies: Record<string, () => object> = {
    cohorts: () => cohortsOf(query.get('step') ?? 'week', from, to, now),
    funnel: () => funnelOf(query.get('by')),
    tree: () => ({ shares: depthsOf(420), owners: depthsOf(190) }),
    cycle: () => ({ within_days: 30, conversions: 58, p50_ms: 3.4 * DAY_MS, p90_ms: 9.1 * DAY_MS }),
    leads: () => (isEmpty ? { by: null, leads: [], sources: [] } : leadsOf(5200)),
    slow: () => ({ ...slowOf(query.get('metric') ?? 'LCP', query.get('outcome') ?? 'lead'), ...(isEmpty ? { views: 0 } : {}) }),
  };
  const body = bodies[name];
  return body === undefined ? null : { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...body() };
}
