// In: what the viewer selected. Out: the addresses that answer it. Never: two spellings of one
// question (the address is also the key under which an answer is kept).

import { FILTERS, type Metric } from './types.ts';
import type { Dimension } from './fleet.ts';
import type { Period, Selection } from '../state/selection.ts';

/** One address for each part of the page on vitals. */
export interface Addresses {
  dimensions: string;
  vitals: string;
  series: string;
  builds: string;
  breakdown: string;
  pages: string;
  causes: string;
  shares: string;
  activity: string;
}

/** Rows asked for in tables. */
const ROWS = 20;
/** Values asked for in a breakdown. */
const LINES = 50;
/** Sites asked for at once in the fleet's table. */
export const SITES_AT_ONCE = 1000;

/** One address per panel of the growth page. */
export interface GrowthAddresses {
  cohorts: string;
  funnel: string;
  channels: string;
  tree: string;
  cycle: string;
  leads: string;
  slow: string;
  templates: string;
  revenueChannels: string;
  forecast: string;
  partners: string;
}

/** One address per part of the page on the fleet. */
export interface FleetAddresses {
  dimensions: string;
  /** The table's first rows. */
  sites: string;
  /** The sites with most page views. */
  busiest: string;
  cohorts: string;
}

/** One address per part of the overview. */
export interface HomeAddresses {
  summary: string;
  changes: string;
  alerts: string;
  activity: string;
  ready: string;
  cohorts: string;
  funnel: string;
  funnelBefore: string;
  leads: string;
  leadsBefore: string;
  revenue: string;
  revenueBefore: string;
}

type Parameters = [string, string][];

function periodOf(period: Period): Parameters {
  return period.kind === 'range'
    ? [['range', period.range]]
    : [
        ['from', period.from],
        ['to', period.to],
      ];
}

function address(name: string, parameters: Parameters): string {
  const query = new URLSearchParams(parameters).toString();
  return `/api/v1/${name}${query === '' ? '' : `?${query}`}`;
}

/** The same question for a file: without a limit it has all lines. */
export function asCsv(question: string): string {
  const [path = '', query] = question.split('?');
  const parameters = new URLSearchParams(query);
  parameters.delete('limit');
  parameters.set('format', 'csv');
  return `${path}?${parameters.toString()}`;
}

const siteOf = ({ site }: Selection): Parameters => (site === null ? [] : [['site', site]]);
const compareOf = ({ compare }: Selection): Parameters => (compare ? [['compare', 'previous']] : []);

function filtersOf({ filters }: Selection): Parameters {
  return FILTERS.flatMap((filter): Parameters => {
    const value = filters[filter];
    return value === undefined ? [] : [[filter, value]];
  });
}

/** The sites with their page views, for the list to choose from: by the period only, so that it has every site. */
export function sitesAddress(selection: Selection): string {
  return address('sites', periodOf(selection.period));
}

/** The dimensions that vitals can be broken down by: all sites have no pages in common. */
export const vitalsDimensions = ({ site }: Selection): readonly Dimension[] =>
  site === null ? ['site', 'device', 'country', 'browser', 'navigation'] : ['page', 'device', 'country', 'browser', 'navigation'];

/** The dimension that vitals are broken down by. */
export function vitalsBy(selection: Selection): Dimension {
  const offered = vitalsDimensions(selection);
  return offered.find((one) => one === selection.by) ?? offered[0] ?? 'device';
}

/** The dimension of the fleet's cohorts. */
export const cohortsBy = ({ by }: Selection): Dimension =>
  by === 'build' || by === 'country' || by === 'device' || by === 'browser' ? by : 'template';

/**
 * The addresses for a selection. Dimensions are asked for with the period and the site only, so that
 * their pickers always offer every choice.
 */
export function addressesOf(selection: Selection): Addresses {
  const period = periodOf(selection.period);
  const site = siteOf(selection);
  const all = [...site, ...period, ...filtersOf(selection)];
  const metric: [string, Metric] = ['metric', selection.metric];
  const compare = compareOf(selection);
  const rows: [string, string] = ['limit', String(ROWS)];
  return {
    dimensions: address('dimensions', [...site, ...period]),
    vitals: address('vitals', [...all, ...compare]),
    series: address('series', [...all, metric, ...compare]),
    builds: address('builds', [...site, ...period]),
    breakdown: address('breakdown', [...all, metric, ['by', vitalsBy(selection)], ['limit', String(LINES)], ...compare]),
    pages: address('pages', [...all, metric, rows]),
    causes: address('causes', [...all, metric, rows]),
    shares: address('shares', [...all, rows]),
    activity: address('activity', all),
  };
}

/** The question for the fleet's table, but for where to go on. */
export function fleetAddressesOf(selection: Selection): FleetAddresses {
  const { search, template, build, sort, order, metric } = selection;
  const period = periodOf(selection.period);
  const all = [...period, ...filtersOf(selection)];
  const own: Parameters = [
    ...(template === null ? [] : [['template', template] as [string, string]]),
    ...(build === null ? [] : [['build', build] as [string, string]]),
    ...(search.trim() === '' ? [] : [['search', search.trim().toLowerCase()] as [string, string]]),
  ];
  // Without the span before, nothing has changed.
  const sorted = sort === 'change' && !selection.compare ? 'views' : sort;
  const by: Parameters = sorted === 'views' && order === 'desc' ? [] : [['sort', sorted], ['order', order]];
  const of: Parameters = sorted === 'change' ? [['metric', metric]] : [];
  const limit: [string, string] = ['limit', String(SITES_AT_ONCE)];
  const compare = compareOf(selection);
  return {
    dimensions: address('dimensions', period),
    sites: address('fleet/sites', [...all, ...own, ...by, ...of, limit, ...compare]),
    busiest: address('fleet/sites', [...all, ...own, limit, ...compare]),
    cohorts: address('breakdown', [...all, ['metric', metric], ['by', cohortsBy(selection)], ['limit', String(LINES)], ...compare]),
  };
}

const DAY_MS = 86_400_000;
/** Days of the figures of growth and money on the overview. */
export const BUSINESS_DAYS = 30;

/** The whole days before the last `BUSINESS_DAYS`, as many. */
function daysBefore(nowMs: number): Parameters {
  const end = (Math.floor(nowMs / DAY_MS) + 1 - BUSINESS_DAYS) * DAY_MS;
  const at = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
  return [
    ['from', at(end - BUSINESS_DAYS * DAY_MS)],
    ['to', at(end)],
  ];
}

/** Spans up to this are compared with the same hours of the same days of the week. */
const WEEKLY_MS = 8 * DAY_MS;

/** What the overview is compared with: a weekday with the same one, a month with the one before. */
export function comparedWith(period: Period): 'week' | 'previous' {
  if (period.kind === 'range') {
    return period.range === '30d' || period.range === '90d' ? 'previous' : 'week';
  }
  return Date.parse(period.to) - Date.parse(period.from) <= WEEKLY_MS ? 'week' : 'previous';
}

/** The addresses for the overview. Growth and money have days of their own. */
export function homeAddressesOf(selection: Selection, nowMs: number): HomeAddresses {
  const period = periodOf(selection.period);
  const now: Parameters = [['range', `${BUSINESS_DAYS}d`]];
  const before = daysBefore(nowMs);
  return {
    summary: address('fleet/summary', [...period, ['compare', comparedWith(selection.period)]]),
    alerts: address('alerts', []),
    changes: address('changes', [['range', '7d'], ['state', 'all'], ['direction', 'all']]),
    activity: address('activity', period),
    ready: '/api/ready',
    cohorts: address('growth/cohorts', [['range', '90d']]),
    funnel: address('growth/funnel', now),
    funnelBefore: address('growth/funnel', before),
    leads: address('growth/leads', now),
    leadsBefore: address('growth/leads', before),
    revenue: address('money/revenue', now),
    revenueBefore: address('money/revenue', before),
  };
}

/**
 * The addresses for the growth of a selection. Owners and shares are those of the whole fleet; leads,
 * what slowness costs and revenue may be asked for one site. Pages and devices apply to none of it.
 */
export function growthAddressesOf(selection: Selection): GrowthAddresses {
  const period = periodOf(selection.period);
  const site = siteOf(selection);
  return {
    cohorts: address('growth/cohorts', [...period, ['step', selection.step]]),
    funnel: address('growth/funnel', period),
    channels: address('growth/funnel', [...period, ['by', 'channel']]),
    tree: address('growth/tree', period),
    cycle: address('growth/cycle', period),
    leads: address('growth/leads', [...site, ...period]),
    slow: address('growth/slow', [...site, ...period, ['metric', selection.metric], ['outcome', selection.outcome]]),
    templates: address('money/revenue', [...site, ...period, ['by', 'template']]),
    revenueChannels: address('money/revenue', [...site, ...period, ['by', 'channel']]),
    forecast: address('money/forecast', []),
    partners: address('money/partners', [['limit', String(ROWS)]]),
  };
}
