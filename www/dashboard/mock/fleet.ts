// In: a question about the fleet. Out: a plausible answer in the format of docs/api.md. Never: part of the built
// dashboard.

import type { Builds, Figure, Figures, FleetChange, FleetSite, Summary, SummaryDay } from '../src/api/fleet.ts';
import { METRICS, type Metric } from '../src/api/types.ts';
import { chance } from './chance.ts';
import { asked, HOUR_MS, LEAST, ratingOf, SHAPES, type Asked } from './draw.ts';
import { fleetOf, type MockSite } from './sites.ts';

const DAY_MS = 24 * HOUR_MS;

/** How the middle of a site's figures differs from that of single page views. */
const TUNED: Partial<Record<Metric, number>> = { LCP: 0.88, INP: 0.72, CLS: 0.32 };

/** The figures of a site without drawing each page view. */
function figureOf(metric: Metric, of: MockSite, views: number, factor: number): Figure {
  const { middle, width, measured } = SHAPES[metric];
  const count = Math.round(views * measured);
  const p75 = (TUNED[metric] ?? 1) * middle * Math.exp(0.674 * width) * of.slowness * factor * (0.9 + 0.2 * chance(metric, of.site));
  const half = (1.3 * width) / Math.sqrt(Math.max(count, 1));
  const known = count >= LEAST;
  const at = (value: number): number | null => (known ? Math.round(value * 1e4) / 1e4 : null);
  return { count, p75: at(p75), p75_low: at(p75 * Math.exp(-half)), p75_high: at(p75 * Math.exp(half)), rating: known ? ratingOf(metric, p75) : null };
}

function figuresOf(of: MockSite, views: number, factor: number): Figures {
  return Object.fromEntries(METRICS.map((metric) => [metric, figureOf(metric, of, views, factor)])) as Figures;
}

/** Whether a site passes: LCP and CLS must be known. */
function passesOf(vitals: Figures): boolean | null {
  const { LCP, INP, CLS } = vitals;
  if (LCP.rating === null || CLS.rating === null) {
    return null;
  }
  return [LCP, INP, CLS].every(({ rating }) => rating === null || rating === 'good');
}

function siteOf(of: MockSite, question: Asked, compare: boolean): FleetSite {
  const hours = (question.to - question.from) / HOUR_MS;
  const views = Math.round(of.size * hours * 0.6 * question.kept);
  const viewsBefore = Math.round(views * (0.75 + 0.4 * chance('before', of.site)));
  const steps = hours > 48 ? Math.min(30, Math.ceil(hours / 24)) : Math.max(1, Math.min(24, Math.ceil(hours)));
  const spark = Array.from({ length: steps }, (_, index) => Math.round((views / steps) * (0.5 + chance(of.site, 'spark', index) * 0.7 + 0.3 * Math.sin(index / 3))));
  const vitals = figuresOf(of, views, 1);
  const then = compare ? { views: viewsBefore, vitals: figuresOf(of, viewsBefore, 0.82 + 0.32 * chance('then', of.site)) } : null;
  return { site: of.site, template: of.template, build: of.build, views, passes: passesOf(vitals), vitals, previous: then, spark };
}

function keyOf(sort: string, metric: Metric): (site: FleetSite) => number | string {
  if (sort === 'site') {
    return ({ site }) => site;
  }
  if (sort === 'change') {
    return ({ vitals, previous }) => (vitals[metric].p75 ?? -Infinity) - (previous?.vitals[metric].p75 ?? 0);
  }
  return (site) => (sort === 'views' ? site.views : (site.vitals[sort as Metric].p75 ?? -Infinity));
}

function sitesOf(query: URLSearchParams, question: Asked, metric: Metric): object {
  const compare = query.get('compare') === 'previous';
  const [template, build, search] = [query.get('template'), query.get('build'), query.get('search') ?? ''];
  const wanted = fleetOf().filter((of) => (template === null || of.template === template) && (build === null || of.build === build) && of.site.includes(search));
  const sites = wanted.map((of) => siteOf(of, question, compare));
  const key = keyOf(query.get('sort') ?? 'views', metric);
  const sign = (query.get('order') ?? 'desc') === 'asc' ? 1 : -1;
  sites.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -sign : x > y ? sign : a.site.localeCompare(b.site);
  });
  const start = Number(query.get('after') ?? 0);
  const end = start + Number(query.get('limit') ?? 100);
  const step = question.to - question.from > 2 * DAY_MS ? 'day' : 'hour';
  return { total: sites.length, sites: sites.slice(start, end), spark_step: step, next: end < sites.length ? String(end) : null };
}

/** All page views as one site's: the middle of all. */
function together(question: Asked, sites: FleetSite[], factor: number): Figures {
  const views = sites.reduce((sum, site) => sum + site.views, 0);
  return figuresOf({ site: `all${question.kept}`, template: '', build: '', size: 0, slowness: 1.02 }, views, factor);
}

function passing(sites: FleetSite[]): Omit<Summary, 'days' | 'metrics' | 'previous' | 'from' | 'to' | 'site'> {
  const measured = sites.filter((site) => site.passes !== null);
  const good = measured.filter((site) => site.passes);
  const views = (list: FleetSite[]): number => list.reduce((sum, site) => sum + site.views, 0);
  return {
    views: views(sites),
    sites: sites.length,
    sites_measured: measured.length,
    sites_passing: good.length,
    views_measured: views(measured),
    views_on_passing_sites: views(good),
  };
}

function summaryOf(question: Asked): object {
  const sites = fleetOf().map((of) => siteOf(of, question, true));
  const then = sites.map((site): FleetSite => {
    const vitals = site.previous?.vitals ?? site.vitals;
    return { ...site, views: site.previous?.views ?? 0, vitals, passes: passesOf(vitals) };
  });
  const now = passing(sites);
  const days: SummaryDay[] = [];
  for (let start = Math.floor(question.from / DAY_MS) * DAY_MS; start < question.to; start += DAY_MS) {
    const factor = 0.9 + 0.2 * chance('day', start);
    const measured = Math.round(now.sites_measured * 0.9);
    days.push({ start: new Date(start).toISOString(), views: Math.round((now.views / Math.max(1, (question.to - question.from) / DAY_MS)) * factor), sites_measured: measured, sites_passing: Math.round(now.sites_passing * 0.88 * factor) });
  }
  const back = Math.max(7 * DAY_MS, question.to - question.from);
  const earlier = { previous_from: new Date(question.from - back).toISOString(), previous_to: new Date(question.to - back).toISOString() };
  return { ...now, ...earlier, metrics: together(question, sites, 1), previous: { ...passing(then), metrics: together(question, then, 0.97) }, days };
}

function buildsOf(question: Asked, site: string | null): Pick<Builds, 'builds'> {
  const of = fleetOf().find((one) => one.site === site);
  const all = [
    ['terra', '3.0.4', 0.18, 141],
    ['nova', '1.8.0', 0.46, 236],
    ['aurora', '2.3.1', 0.71, 312],
  ] as const;
  const builds = all.map(([template, build, share, sites]) => ({ template, build, first_seen: new Date(question.from + share * (question.to - question.from)).toISOString(), sites }));
  return { builds: of === undefined ? builds : builds.filter(({ template }) => template === of.template).map((build) => ({ ...build, sites: 1 })) };
}

/** A change that began some hours ago, narrowed down by `of`. */
function change(id: string, metric: Metric, of: Partial<FleetChange['cohort']>, from: number, to: number, now: number, hours: number): FleetChange {
  const none = { template: null, build: null, device: null, country: null, browser: null, site: null, page: null, script: null };
  const share = chance('reach', id);
  return {
    id,
    metric,
    cohort: { ...none, ...of },
    from_p75: from,
    to_p75: to,
    difference: to - from,
    difference_low: (to - from) * 0.8,
    difference_high: (to - from) * 1.2,
    unit: metric === 'CLS' ? '' : 'ms',
    since: new Date(now - hours * HOUR_MS).toISOString(),
    until: id === 'c4' ? new Date(now - 5 * HOUR_MS).toISOString() : null,
    sites: of.site === undefined ? Math.round(40 + 300 * share) : 1,
    views: Math.round(9000 + 90_000 * share),
    direction: to > from ? 'worse' : 'better',
    rating_before: ratingOf(metric, from) ?? 'good',
    rating_after: ratingOf(metric, to) ?? 'good',
  };
}

function changesOf(now: number): object {
  const changes = [
    change('c1', 'LCP', { template: 'aurora', build: '2.3.1', device: 'phone' }, 2180, 3350, now, 31),
    change('c2', 'INP', { script: 'https://cdn.example.com/chat.js' }, 168, 265, now, 52),
    change('c3', 'CLS', { site: 'bakery.4site.pro', page: '/menu' }, 0.06, 0.19, now, 12),
    change('c4', 'TTFB', { country: 'US' }, 640, 1450, now, 96),
    change('c5', 'LCP', { template: 'terra', build: '3.0.4' }, 3900, 2700, now, 140),
  ];
  return { changes: changes.sort((a, b) => b.views - a.views) };
}

function alertsOf(now: number): object {
  const since = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
  const alert = (id: string, name: string, severity: string, summary: string, description: string, minutes: number): object => ({
    id, name, severity, site: null, summary, description, since: since(minutes), runbook_url: `https://docs.example/runbooks/${name}.md`,
  });
  return {
    state: 'known',
    at: since(0),
    alerts: [
      alert('a1', 'CertificateExpires', 'critical', 'A certificate expires', 'rum.4site.pro: in 4 days.', 95),
      alert('a2', 'DiskFills', 'warning', 'A disk fills', 'db-1: full in 3 days at this rate.', 310),
    ],
    more: 0,
  };
}

/** The answer to `GET /api/v1/<name>`, or null if this file does not know the address. */
export function fleetAnswer(name: string, query: URLSearchParams, now: number): object | null {
  const question = asked(query, now);
  const metric = METRICS.find((known) => known === query.get('metric')) ?? 'LCP';
  const head = { site: query.get('site'), from: new Date(question.from).toISOString(), to: new Date(question.to).toISOString() };
  const bodies: Record<string, () => object> = {
    'fleet/sites': () => sitesOf(query, question, metric),
    'fleet/summary': () => summaryOf(question),
    builds: () => buildsOf(question, query.get('site')),
    changes: () => changesOf(now),
    alerts: () => alertsOf(now),
  };
  const body = bodies[name];
  return body === undefined ? null : { ...head, ...body() };
}
