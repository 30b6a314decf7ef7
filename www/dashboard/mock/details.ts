// In: page views that were drawn. Out: what the API tells of their shares, events, dimensions and causes. Never: part of
// the built dashboard.

import type { Breakdown, BreakdownLine, Figure } from '../src/api/fleet.ts';
import type { Metric } from '../src/api/types.ts';
import { chance } from './chance.ts';
import { binsOf, cells, LEAST, PAGES, quantile, ratingOf, sumViews, total, unitOf, type Asked, type Cell } from './draw.ts';
import { fleetOf } from './sites.ts';

/** The same question about the span of the same length before. */
export const before = (question: Asked): Asked => ({ ...question, from: question.from - (question.to - question.from), to: question.from });

/** The figures of a metric as reports other than `vitals` have them: without a p75 of too few. */
export function figureOf(metric: Metric, list: Cell[]): Figure {
  const bins = binsOf(metric, list);
  const found = total(bins) < LEAST ? null : quantile(bins);
  return { count: total(bins), p75: found?.p75 ?? null, p75_low: found?.low ?? null, p75_high: found?.high ?? null, rating: ratingOf(metric, found?.p75) };
}

export function sharesOf(list: Cell[], limit: number): object {
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

export function activityOf(list: Cell[]): object {
  const views = sumViews(list);
  const rows = (...names: [string, number][]): object[] =>
    names.map(([name, share]) => ({ name, count: Math.floor(views * share) })).filter((row) => row.count > 0);
  return {
    views,
    leads: rows(['table', 0.021], ['newsletter', 0.008]),
    conversions: rows(['order', 0.034], ['booking', 0.012]),
    errors: rows(["TypeError: Cannot read properties of undefined (reading 'price')", 0.006], ['ReferenceError: map is not defined', 0.002]),
    calls: rows(['https://api.4site.pro/v1/tables/:n 503', 0.004], ['https://api.4site.pro/v1/menu', 0.03]),
    frames: rows(['https://bakery.4site.pro/app.js', 0.21], ['https://cdn.example.com/consent.js', 0.09]),
    scripts: rows(['https://bakery.4site.pro/app.js', 0.08], ['https://cdn.example.com/chat.js', 0.03]),
    not_restored: rows(['unload-listener', 0.03], ['response-cache-control-no-store', 0.01]),
    bots: rows(['googlebot', 0.05], ['lighthouse', 0.01]),
    custom: rows(['filter', 0.11], ['gallery-open', 0.05], ['video-play', 0.01]),
  };
}

export function dimensionsOf(list: Cell[]): object {
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

const ELEMENTS: Partial<Record<Metric, [string, number, number][]>> = {
  LCP: [['main>figure.hero>img', 0.62, 1.25], ['main>h1', 0.22, 0.7], ['section.menu>div:nth-of-type(2)>picture>img', 0.1, 1.6], ['div#cookie-banner>p', 0.06, 1.1]],
  INP: [['button#show-specials', 0.48, 1.5], ['nav>button.burger', 0.27, 0.8], ['form#table>input[name=date]', 0.18, 0.9], ['a.call', 0.07, 0.5]],
  CLS: [['aside.banner', 0.55, 1.4], ['main>figure.hero>img', 0.31, 0.8], ['footer>div.map', 0.14, 0.6]],
  FID: [['nav>button.burger', 0.7, 1], ['button#show-specials', 0.3, 1.2]],
};

const PARTS: Partial<Record<Metric, [string, number][]>> = {
  LCP: [['first-byte', 0.19], ['load-delay', 0.34], ['load-time', 0.32], ['render-delay', 0.15]],
  INP: [['input-delay', 0.22], ['processing', 0.53], ['presentation', 0.25], ['script', 0.41]],
  FCP: [['first-byte', 0.35], ['render-delay', 0.65]],
  TTFB: [['wait', 0.05], ['cache', 0.01], ['dns', 0.09], ['connect', 0.27], ['request', 0.58]],
};

/** The elements behind a metric's values, and its parts. */
export function causesOf(metric: Metric, list: Cell[], limit: number): object {
  const bins = binsOf(metric, list);
  const [count, p75] = [total(bins), quantile(bins)?.p75 ?? 0];
  const causes = (ELEMENTS[metric] ?? []).map(([element, share, factor]) => {
    const n = Math.round(count * share);
    const value = n < LEAST ? null : p75 * factor;
    return { element, count: n, p75: value, rating: value === null ? null : ratingOf(metric, value) };
  });
  const parts = (PARTS[metric] ?? []).map(([part, share]) => ({ part, count, mean_ms: Math.round(p75 * 0.8 * share * 10) / 10 }));
  return { metric, unit: unitOf(metric), causes: causes.filter((cause) => cause.count > 0).slice(0, limit), parts: count === 0 ? [] : parts };
}

/** The values of a dimension, each with its share of page views and how much slower it is. */
function valuesOf(by: string, question: Asked): [string, number, number][] {
  const groups = (of: 'template' | 'build' | 'site'): [string, number, number][] => {
    const sizes = new Map<string, { size: number; slowness: number }>();
    let all = 0;
    for (const site of fleetOf()) {
      const group = sizes.get(site[of]) ?? { size: 0, slowness: 0 };
      sizes.set(site[of], { size: group.size + site.size, slowness: group.slowness + site.slowness * site.size });
      all += site.size;
    }
    return [...sizes].map(([value, { size, slowness }]) => [value, size / all, size === 0 ? 1 : slowness / size]);
  };
  switch (by) {
    case 'page':
      return PAGES.filter(([path]) => question.page === null || path === question.page).map(([path, share, slow]) => [path, share, slow]);
    case 'device':
      return [['phone', 0.68, 1.15], ['desktop', 0.27, 0.7], ['tablet', 0.04, 1], ['unknown', 0.01, 1]];
    case 'country':
      return [['DE', 0.6, 1], ['AT', 0.2, 0.95], ['CH', 0.12, 0.9], ['US', 0.05, 1.9], ['unknown', 0.03, 1]];
    case 'browser':
      return [['Chrome', 0.55, 1.05], ['Safari', 0.33, 0.9], ['Firefox', 0.08, 1], ['Edge', 0.04, 1]];
    case 'navigation':
      return [['navigate', 0.7, 1.1], ['back-forward-cache', 0.14, 0.2], ['reload', 0.09, 0.9], ['back-forward', 0.05, 0.7], ['prerender', 0.02, 0.15]];
    default:
      return groups(by === 'build' || by === 'site' ? by : 'template');
  }
}

/** A metric by the values of one dimension. */
export function breakdownOf(metric: Metric, by: string, question: Asked, compare: boolean, limit: number): Partial<Breakdown> {
  const figures = (of: Asked): Figure & { views: number } => {
    const list = cells(of);
    return { ...figureOf(metric, list), views: sumViews(list) };
  };
  const lines = valuesOf(by, question)
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([value, share, slow]): BreakdownLine => {
      const of = { ...question, kept: question.kept * share, slow };
      return { value, ...figures(of), previous: compare ? figures({ ...before(of), slow: slow * (0.85 + 0.3 * chance('then', value)) }) : null };
    });
  return { metric, unit: unitOf(metric) as '' | 'ms', by: by as Breakdown['by'], lines: lines.filter((line) => line.views > 0).sort((a, b) => b.views - a.views) };
}
