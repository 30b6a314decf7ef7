// In: a request to the API. Out: a plausible answer in the format of docs/api.md, the same one for
// the same question at the same time. Never: part of the built dashboard.
//
// Sites: `new.…` has no views, `slow.…` answers late, `broken.…` fails in some parts.

import { METRICS, type Bucket, type Metric } from '../src/api/types.ts';
import { rate } from '../src/format/vital.ts';
import { chance } from './chance.ts';
import { activityOf, before, breakdownOf, causesOf, dimensionsOf, figureOf, sharesOf } from './details.ts';
import {
  asked,
  binsOf,
  cells,
  GAMMA,
  HOUR_MS,
  quantile,
  ratingOf,
  SHAPES,
  SMALLEST,
  sumViews,
  total,
  unitOf,
  valueOf,
  type Asked,
  type Cell,
} from './draw.ts';
import { fleetOf } from './sites.ts';

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

function seriesOf(metric: Metric, list: Cell[], question: Asked): { points: object[] } & Record<string, unknown> {
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

function sitesOf(question: Asked): object {
  const hours = Math.max(1, (question.to - question.from) / HOUR_MS);
  const sites = fleetOf().map(({ site, template, build, size }) => ({
    site,
    template,
    build,
    added: '2026-06-01T08:00:00Z',
    views: Math.round(size * hours * 0.6),
  }));
  return { sites };
}

function vitalsOf(question: Asked, compare: boolean): object {
  const list = cells(question);
  const then = compare ? cells(before(question)) : [];
  const vitals = METRICS.map((each) => ({ ...vitalOf(each, list), previous: compare ? figureOf(each, then) : null }));
  return { views: sumViews(list), vitals };
}

/** The answer to `GET /api/v1/<name>`, or null if there is no such address. */
export function answer(name: string, query: URLSearchParams, now: number): object | null {
  const question = asked(query, now);
  const head = { site: query.get('site'), from: new Date(question.from).toISOString(), to: new Date(question.to).toISOString() };
  const metric = METRICS.find((known) => known === query.get('metric')) ?? 'LCP';
  const limit = Number(query.get('limit') ?? 20);
  const compare = query.get('compare') === 'previous';
  const bodies: Record<string, () => object> = {
    sites: () => sitesOf({ ...question, page: null, kept: 1 }),
    vitals: () => vitalsOf(question, compare),
    series: () => ({
      ...seriesOf(metric, cells(question), question),
      previous: compare ? seriesOf(metric, cells(before(question)), before(question)).points : null,
      ...(compare ? { previous_from: new Date(before(question).from).toISOString(), previous_to: head.from } : {}),
    }),
    breakdown: () => breakdownOf(metric, query.get('by') ?? 'page', question, compare, limit),
    causes: () => causesOf(metric, cells(question), limit),
    pages: () => slowestOf(metric, cells(question), limit),
    shares: () => sharesOf(cells(question), limit),
    activity: () => activityOf(cells(question)),
    dimensions: () => dimensionsOf(cells(question)),
  };
  const body = bodies[name];
  return body === undefined ? null : { ...head, ...body() };
}
