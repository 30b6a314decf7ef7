// In: a request to the API. Out: a plausible answer in the format of docs/api.md, the same one for
// the same question at the same time. Never: part of the built dashboard.
//
// Sites: `new.…` has no views, `slow.…` answers late, `broken.…` fails in some parts.

import { METRICS, type Bucket, type Metric, type Rating } from '../src/api/types.ts';
import { rate } from '../src/format/vital.ts';

const HOUR_MS = 3_600_000;
const RANGE_HOURS: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720, '90d': 2160 };
const GAMMA = 1.01 / 0.99;
const SMALLEST = 1e-4;

/** Per metric: thresholds, the middle of the distribution and its width (of the logarithm). */
const SHAPES: Record<Metric, { good: number; poor: number; middle: number; width: number; measured: number }> = {
  LCP: { good: 2500, poor: 4000, middle: 1500, width: 0.5, measured: 0.96 },
  INP: { good: 200, poor: 500, middle: 120, width: 0.8, measured: 0.61 },
  CLS: { good: 0.1, poor: 0.25, middle: 0.1, width: 1.3, measured: 0.97 },
  FCP: { good: 1800, poor: 3000, middle: 900, width: 0.5, measured: 0.99 },
  TTFB: { good: 800, poor: 1800, middle: 260, width: 0.7, measured: 1 },
  FID: { good: 100, poor: 300, middle: 9, width: 1.1, measured: 0.58 },
};

export const SITES: Record<string, { size: number; slowness: number }> = {
  'bakery.4site.pro': { size: 60, slowness: 1 },
  'yoga-am-see.4site.pro': { size: 22, slowness: 0.8 },
  'garage-mueller.4site.pro': { size: 9, slowness: 1.7 },
  'broken.4site.pro': { size: 5, slowness: 1.2 },
  'slow.4site.pro': { size: 3, slowness: 2.6 },
  'new.4site.pro': { size: 0, slowness: 1 },
};
const PAGES: [string, number, number][] = [
  ['/', 0.5, 0.9],
  ['/menu', 0.25, 1.3],
  ['/story', 0.12, 0.8],
  ['/contact', 0.08, 1],
  ['/blog/how-we-bake-sourdough-bread-for-three-days-without-any-hurry', 0.05, 1.9],
];

/** A number in [0, 1) that depends on the words only. */
function chance(...words: (string | number)[]): number {
  let hash = 2166136261;
  for (const char of words.join('|')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}

interface Asked {
  sites: string[];
  from: number;
  to: number;
  /** The share of page views that the filters keep. */
  kept: number;
  page: string | null;
}

function asked(query: URLSearchParams, now: number): Asked {
  const site = query.get('site');
  const hours = RANGE_HOURS[query.get('range') ?? '24h'] ?? 24;
  const from = query.has('from') ? Date.parse(query.get('from') ?? '') : Math.floor(now / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS;
  const to = Math.min(query.has('to') ? Date.parse(query.get('to') ?? '') : now, now);
  const page = query.get('page');
  const others = ['device', 'country', 'browser', 'navigation'].flatMap((name) => query.get(name) ?? []);
  const kept = others.reduce((share, value) => share * (0.15 + 0.5 * chance(value)), 1);
  return { sites: site === null ? Object.keys(SITES) : [site], from: Math.floor(from / HOUR_MS) * HOUR_MS, to, kept, page };
}

const pagesOf = (page: string | null): typeof PAGES => (page === null ? PAGES : PAGES.filter(([path]) => path === page));

/** Page views of a site and a page in the hour that starts at `hour`. */
function viewsIn(site: string, path: string, weight: number, hour: number, question: Asked): number {
  const day = 0.35 + 0.65 * Math.max(0, Math.sin(((new Date(hour).getUTCHours() - 5) / 24) * 2 * Math.PI));
  const full = (SITES[site]?.size ?? 0) * weight * day * (0.6 + 0.8 * chance(site, path, hour)) * question.kept;
  const part = Math.min(1, Math.max(0, (question.to - hour) / HOUR_MS));
  return Math.floor(full * part + chance(hour, path));
}

type Cell = { site: string; path: string; hour: number; views: number; slowness: number };

function cells(question: Asked): Cell[] {
  const list: Cell[] = [];
  for (const site of question.sites) {
    const known = SITES[site];
    if (known === undefined || known.size === 0) {
      continue;
    }
    for (const [path, weight, factor] of pagesOf(question.page)) {
      for (let hour = question.from; hour < question.to; hour += HOUR_MS) {
        const spike = chance('spike', Math.floor(hour / (6 * HOUR_MS))) > 0.85 ? 1.6 : 1;
        const slowness = known.slowness * factor * spike * (0.9 + 0.2 * chance(site, hour));
        list.push({ site, path, hour, views: viewsIn(site, path, weight, hour, question), slowness });
      }
    }
  }
  return list;
}

const binOf = (value: number): number => Math.max(0, Math.ceil(Math.log(Math.max(value, SMALLEST) / SMALLEST) / Math.log(GAMMA)));
const valueOf = (bin: number): number => (bin === 0 ? 0 : (SMALLEST * 2 * GAMMA ** bin) / (GAMMA + 1));

type Bins = Map<number, number>;

/** The histogram of a metric over cells: a few draws per cell, weighted to its page views. */
function binsOf(metric: Metric, list: Cell[]): Bins {
  const shape = SHAPES[metric];
  const bins: Bins = new Map();
  for (const cell of list) {
    const measured = Math.round(cell.views * shape.measured);
    for (let n = 0; n < measured; n += 1) {
      const [a, b] = [chance(metric, cell.site, cell.path, cell.hour, n), chance(n, cell.hour, metric, cell.path)];
      const normal = Math.sqrt(-2 * Math.log(a + 1e-9)) * Math.cos(2 * Math.PI * b);
      const bin = binOf(shape.middle * cell.slowness * Math.exp(normal * shape.width));
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    }
  }
  return new Map([...bins].sort(([a], [b]) => a - b));
}

const total = (bins: Bins): number => [...bins.values()].reduce((sum, n) => sum + n, 0);

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

function quantile(bins: Bins): { p75: number; low: number; high: number } | null {
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

const unitOf = (metric: Metric): string => (metric === 'CLS' ? '' : 'ms');
const sumViews = (list: Cell[]): number => list.reduce((sum, cell) => sum + cell.views, 0);
const ratingOf = (metric: Metric, value: number | undefined): Rating | null => (value === undefined ? null : rate(value, SHAPES[metric]));

function vitalOf(metric: Metric, list: Cell[]): object {
  const bins = binsOf(metric, list);
  const found = quantile(bins);
  const { good, poor } = SHAPES[metric];
  const tally = { good: 0, 'needs-improvement': 0, poor: 0 };
  const distribution: Bucket[] = [];
  for (const [bin, n] of bins) {
    tally[rate(valueOf(bin), SHAPES[metric])] += n;
    distribution.push({ from: bin === 0 ? 0 : SMALLEST * GAMMA ** (bin - 1), to: SMALLEST * GAMMA ** bin, count: n });
  }
  return {
    metric,
    unit: unitOf(metric),
    count: total(bins),
    p75: found?.p75 ?? null,
    p75_low: found?.low ?? null,
    p75_high: found?.high ?? null,
    rating: ratingOf(metric, found?.p75),
    thresholds: { good, poor },
    good: tally.good,
    needs_improvement: tally['needs-improvement'],
    poor: tally.poor,
    distribution,
  };
}

function seriesOf(metric: Metric, list: Cell[], question: Asked): object {
  const step = question.to - question.from > 168 * HOUR_MS ? 'day' : 'hour';
  const length = step === 'day' ? 24 * HOUR_MS : HOUR_MS;
  const points = [];
  for (let start = Math.floor(question.from / length) * length; start < question.to; start += length) {
    const part = list.filter((cell) => cell.hour >= start && cell.hour < start + length);
    // One hour in forty is a gap, to see how gaps look.
    const bins = chance('gap', start) < 0.025 ? new Map<number, number>() : binsOf(metric, part);
    points.push({ start: new Date(start).toISOString(), views: sumViews(part), count: total(bins), p75: quantile(bins)?.p75 ?? null });
  }
  return { metric, unit: unitOf(metric), step, points };
}

function slowestOf(metric: Metric, list: Cell[], limit: number): object {
  const groups = new Map<string, Cell[]>();
  for (const cell of list) {
    const name = `${cell.site} ${cell.path}`;
    const group = groups.get(name) ?? [];
    group.push(cell);
    groups.set(name, group);
  }
  const pages = [...groups.values()].map((part) => {
    const bins = binsOf(metric, part);
    const p75 = quantile(bins)?.p75;
    return {
      site: part[0]?.site,
      page: part[0]?.path,
      views: sumViews(part),
      count: total(bins),
      p75: p75 ?? null,
      rating: ratingOf(metric, p75),
    };
  });
  pages.sort((a, b) => (b.p75 ?? 0) - (a.p75 ?? 0));
  return { metric, unit: unitOf(metric), pages: pages.filter((page) => page.count > 0).slice(0, limit) };
}

function sharesOf(list: Cell[], limit: number): object {
  const views = sumViews(list);
  const channels = ['whatsapp', 'copy', 'native', 'email', 'unknown'].map((channel, index) => ({
    channel,
    shares: channel === 'unknown' ? 0 : Math.floor((views / 60) * chance(channel)),
    visits: Math.floor((views / (30 + 20 * index)) * (0.4 + chance('visits', channel))),
  })).filter((row) => row.shares + row.visits > 0);
  const links = channels.flatMap((row) =>
    Array.from({ length: Math.min(row.channel === 'unknown' ? 1 : row.shares, 5) }, (_, n) => ({
      site: list[n]?.site,
      id: `k${Math.floor(chance(row.channel, n) * 36 ** 8).toString(36).padStart(8, '0')}Q`,
      channel: row.channel,
      page: row.channel === 'unknown' ? null : PAGES[n % PAGES.length]?.[0],
      parent: n % 3 === 1 ? `k${Math.floor(chance(row.channel, n - 1) * 36 ** 8).toString(36).padStart(8, '0')}Q` : null,
      at: row.channel === 'unknown' ? null : new Date((list[0]?.hour ?? 0) + n * 1_234_567).toISOString(),
      visits: Math.floor(row.visits / (n + 2)),
    })),
  );
  links.sort((a, b) => b.visits - a.visits);
  const sum = (key: 'shares' | 'visits'): number => channels.reduce((all, row) => all + row[key], 0);
  return { shares: sum('shares'), visits: sum('visits'), channels, links: links.slice(0, limit) };
}

function activityOf(list: Cell[]): object {
  const views = sumViews(list);
  const rows = (...names: [string, number][]): object[] =>
    names.map(([name, share]) => ({ name, count: Math.floor(views * share) })).filter((row) => row.count > 0);
  return {
    views,
    leads: rows(['table', 0.021], ['newsletter', 0.008]),
    conversions: rows(['order', 0.034], ['booking', 0.012]),
    errors: rows(["TypeError: Cannot read properties of undefined (reading 'price')", 0.006], ['ReferenceError: map is not defined', 0.002]),
    custom: rows(['filter', 0.11], ['gallery-open', 0.05], ['video-play', 0.01]),
  };
}

function dimensionsOf(list: Cell[]): object {
  const views = sumViews(list);
  const split = (...parts: [string, number][]): object[] =>
    parts.map(([value, share]) => ({ value, views: Math.round(views * share) })).filter((row) => row.views > 0);
  return {
    page: split(...PAGES.map(([path, weight]): [string, number] => [path, weight])),
    device: split(['phone', 0.68], ['desktop', 0.27], ['tablet', 0.04], ['unknown', 0.01]),
    country: split(['DE', 0.6], ['AT', 0.2], ['CH', 0.12], ['unknown', 0.08]),
    browser: split(['Chrome', 0.55], ['Safari', 0.33], ['Firefox', 0.08], ['Edge', 0.04]),
    navigation: split(['navigate', 0.7], ['back-forward-cache', 0.14], ['reload', 0.09], ['back-forward', 0.05], ['prerender', 0.02]),
  };
}

function sitesOf(question: Asked): object {
  const sites = Object.keys(SITES).map((site) => ({
    site,
    template: 'aurora',
    build: '2.3.1',
    added: '2026-06-01T08:00:00Z',
    views: sumViews(cells({ ...question, sites: [site] })),
  }));
  return { sites };
}

/** The answer to `GET /api/v1/<name>`, or null if there is no such address. */
export function answer(name: string, query: URLSearchParams, now: number): object | null {
  const question = asked(query, now);
  const head = { site: query.get('site'), from: new Date(question.from).toISOString(), to: new Date(question.to).toISOString() };
  const metric = METRICS.find((known) => known === query.get('metric')) ?? 'LCP';
  const limit = Number(query.get('limit') ?? 20);
  const bodies: Record<string, () => object> = {
    sites: () => sitesOf({ ...question, page: null, kept: 1 }),
    vitals: () => {
      const list = cells(question);
      return { views: sumViews(list), vitals: METRICS.map((each) => vitalOf(each, list)) };
    },
    series: () => seriesOf(metric, cells(question), question),
    pages: () => slowestOf(metric, cells(question), limit),
    shares: () => sharesOf(cells(question), limit),
    activity: () => activityOf(cells(question)),
    dimensions: () => dimensionsOf(cells(question)),
  };
  const body = bodies[name];
  return body === undefined ? null : { ...head, ...body() };
}
