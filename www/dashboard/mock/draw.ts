// In: a question to the API. Out: page views drawn by chance, the same for the same question, and figures of them.
// Never: part of the built dashboard.

import type { Metric, Rating } from '../src/api/types.ts';
import { rate } from '../src/format/vital.ts';
import { chance } from './chance.ts';
import { fleetOf } from './sites.ts';

export const HOUR_MS = 3_600_000;
const RANGE_HOURS: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720, '90d': 2160 };
export const GAMMA = 1.01 / 0.99;
export const SMALLEST = 1e-4;
/** Fewer page views are too few for a p75. */
export const LEAST = 25;

/** Per metric: thresholds, the middle of the distribution and its width (of the logarithm). */
export const SHAPES: Record<Metric, { good: number; poor: number; middle: number; width: number; measured: number }> = {
  LCP: { good: 2500, poor: 4000, middle: 1500, width: 0.5, measured: 0.96 },
  INP: { good: 200, poor: 500, middle: 120, width: 0.8, measured: 0.61 },
  CLS: { good: 0.1, poor: 0.25, middle: 0.1, width: 1.3, measured: 0.97 },
  FCP: { good: 1800, poor: 3000, middle: 900, width: 0.5, measured: 0.99 },
  TTFB: { good: 800, poor: 1800, middle: 260, width: 0.7, measured: 1 },
  FID: { good: 100, poor: 300, middle: 9, width: 1.1, measured: 0.58 },
};

/** A few stand for all sites, each for as many as make up the fleet. */
export const SAMPLE = 6;
export const PAGES: [string, number, number][] = [
  ['/', 0.5, 0.9],
  ['/menu', 0.25, 1.3],
  ['/story', 0.12, 0.8],
  ['/contact', 0.08, 1],
  ['/blog/how-we-bake-sourdough-bread-for-three-days-without-any-hurry', 0.05, 1.9],
];

export interface Asked {
  sites: string[];
  from: number;
  to: number;
  /** The share of page views that the filters keep. */
  kept: number;
  page: string | null;
  /** How much slower these page views are than usual. */
  slow: number;
  /** How many page views each one that is drawn stands for. */
  times: number;
}

export function asked(query: URLSearchParams, now: number): Asked {
  const site = query.get('site');
  const hours = RANGE_HOURS[query.get('range') ?? '24h'] ?? 24;
  const from = query.has('from') ? Date.parse(query.get('from') ?? '') : Math.floor(now / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS;
  const to = Math.min(query.has('to') ? Date.parse(query.get('to') ?? '') : now, now);
  const page = query.get('page');
  const others = ['device', 'country', 'browser', 'navigation'].flatMap((name) => query.get(name) ?? []);
  const kept = others.reduce((share, value) => share * (0.15 + 0.5 * chance(value)), 1);
  const all = fleetOf().map((one) => one.site);
  const times = site === null ? Math.round(all.length / SAMPLE / 4) : 1;
  return { sites: site === null ? all.slice(0, SAMPLE) : [site], times, slow: 1, from: Math.floor(from / HOUR_MS) * HOUR_MS, to, kept, page };
}

const pagesOf = (page: string | null): typeof PAGES => (page === null ? PAGES : PAGES.filter(([path]) => path === page));

const known = (site: string) => fleetOf().find((one) => one.site === site);
const sizeOf = (site: string): number => Math.min(60, known(site)?.size ?? 0);

/** Page views of a site and a page in the hour that starts at `hour`. */
function viewsIn(site: string, path: string, weight: number, hour: number, question: Asked): number {
  const day = 0.35 + 0.65 * Math.max(0, Math.sin(((new Date(hour).getUTCHours() - 5) / 24) * 2 * Math.PI));
  const full = sizeOf(site) * weight * day * (0.6 + 0.8 * chance(site, path, hour)) * question.kept;
  const part = Math.min(1, Math.max(0, (question.to - hour) / HOUR_MS));
  return Math.floor(full * part + chance(hour, path));
}

export type Cell = { site: string; path: string; hour: number; times: number; views: number; slowness: number };

export function cells(question: Asked): Cell[] {
  const list: Cell[] = [];
  for (const site of question.sites) {
    const of = known(site);
    if (of === undefined || of.size === 0) {
      continue;
    }
    for (const [path, weight, factor] of pagesOf(question.page)) {
      for (let hour = question.from; hour < question.to; hour += HOUR_MS) {
        const spike = chance('spike', Math.floor(hour / (6 * HOUR_MS))) > 0.85 ? 1.6 : 1;
        const slowness = of.slowness * factor * spike * question.slow * (0.9 + 0.2 * chance(site, hour));
        list.push({ site, path, hour, times: question.times, views: viewsIn(site, path, weight, hour, question), slowness });
      }
    }
  }
  return list;
}

export const binOf = (value: number): number => Math.max(0, Math.ceil(Math.log(Math.max(value, SMALLEST) / SMALLEST) / Math.log(GAMMA)));
export const valueOf = (bin: number): number => (bin === 0 ? 0 : (SMALLEST * 2 * GAMMA ** bin) / (GAMMA + 1));

export type Bins = Map<number, number>;

/** The histogram of a metric over cells: a few draws per cell, weighted to its page views. */
export function binsOf(metric: Metric, list: Cell[]): Bins {
  const shape = SHAPES[metric];
  const bins: Bins = new Map();
  for (const cell of list) {
    const measured = Math.round(cell.views * shape.measured);
    for (let n = 0; n < measured; n += 1) {
      const [a, b] = [chance(metric, cell.site, cell.path, cell.hour, n), chance(n, cell.hour, metric, cell.path)];
      const normal = Math.sqrt(-2 * Math.log(a + 1e-9)) * Math.cos(2 * Math.PI * b);
      const bin = binOf(shape.middle * cell.slowness * Math.exp(normal * shape.width));
      bins.set(bin, (bins.get(bin) ?? 0) + cell.times);
    }
  }
  return new Map([...bins].sort(([a], [b]) => a - b));
}

export const total = (bins: Bins): number => [...bins.values()].reduce((sum, n) => sum + n, 0);

function atRank(bins: Bins, rank: number): number {
  let seen = 0;
  let last = 0;
  for (const [bin, n] of bins) {
    seen += n;
    last = valueOf(bin);
    if (seen >= rank) {
      break;
    }
  }
  return last;
}

export function quantile(bins: Bins): { p75: number; low: number; high: number } | null {
  const n = total(bins);
  if (n === 0) {
    return null;
  }
  const spread = 1.96 * Math.sqrt(n * 0.75 * 0.25);
  return {
    p75: atRank(bins, Math.ceil(n * 0.75)),
    low: atRank(bins, Math.max(1, Math.floor(n * 0.75 - spread))),
    high: atRank(bins, Math.min(n, Math.ceil(n * 0.75 + spread))),
  };
}

export const unitOf = (metric: Metric): string => (metric === 'CLS' ? '' : 'ms');
export const sumViews = (list: Cell[]): number => list.reduce((sum, cell) => sum + cell.views * cell.times, 0);
export const ratingOf = (metric: Metric, value: number | undefined): Rating | null => (value === undefined ? null : rate(value, SHAPES[metric]));
