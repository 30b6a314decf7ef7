// In: the query of the page's address. Out: what the viewer selected, and the query for it. Never:
// a selection that its own address does not bring back, or an exception for an odd address.

import { DIMENSIONS, ORDERS, SORTS, type Dimension, type Order, type Sort } from '../api/fleet.ts';
import { COHORT_STEPS, OUTCOMES, WINDOWS, type CohortStep, type Outcome, type WindowDays } from '../api/growth.ts';
import { FILTERS, METRICS, RANGES, type Filter, type Metric, type Range } from '../api/types.ts';

/** A range that ends now, or a fixed period. Times are RFC 3339 in UTC; `to` is exclusive. */
export type Period = { kind: 'range'; range: Range } | { kind: 'between'; from: string; to: string };

export const VIEWS = ['overview', 'fleet', 'site', 'growth', 'live', 'settings'] as const;
/** The pages of the dashboard. */
export type View = (typeof VIEWS)[number];

export const TABS = ['sites', 'users', 'tokens', 'retention', 'audit', 'account'] as const;
/** The parts of the settings. */
export type Tab = (typeof TABS)[number];

/** What the dashboard shows. All of it is in the address. */
export interface Selection {
  view: View;
  /** A site's host, or null for all sites. Only the vitals and growth are about one site. */
  site: string | null;
  period: Period;
  /** Whether the span before is shown too. */
  compare: boolean;
  filters: Partial<Record<Filter, string>>;
  /** The metric of trends, breakdowns and the scatter. */
  metric: Metric;
  /** What page views are broken down by; null: what the page begins with. */
  by: Dimension | null;
  /** A part of the host of the sites in the fleet's table. */
  search: string;
  sort: Sort;
  order: Order;
  /** Only sites of this template and of this build, in the fleet's table. */
  template: string | null;
  build: string | null;
  tab: Tab;
  /** The window of the viral coefficient, in days. */
  days: WindowDays;
  /** How long a cohort comes in. */
  step: CohortStep;
  /** What slowness is compared by. */
  outcome: Outcome;
}

/** The range that a page has if none is named. */
const DEFAULT_RANGE: Record<View, Range> = { overview: '24h', fleet: '7d', site: '24h', growth: '90d', live: '1h', settings: '24h' };

/** The pages that can be about one site. */
const OF_SITE: readonly View[] = ['site', 'growth'];

/** What an address without a query selects. */
export const DEFAULT: Selection = {
  view: 'overview',
  site: null,
  period: { kind: 'range', range: DEFAULT_RANGE.overview },
  compare: false,
  filters: {},
  metric: 'LCP',
  by: null,
  search: '',
  sort: 'views',
  order: 'desc',
  template: null,
  build: null,
  tab: 'sites',
  days: '7',
  step: 'week',
  outcome: 'lead',
};

function oneOf<T extends string>(words: readonly T[], text: string | null): T | null {
  return words.find((word) => word === text) ?? null;
}

/** The time in RFC 3339, UTC, without fractions of a second; null if it is none. */
export function instant(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT/.test(text)) {
    return null;
  }
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().replace(/\.\d+Z$/, 'Z');
}

function periodFrom(query: URLSearchParams, view: View): Period {
  const from = instant(query.get('from'));
  const to = instant(query.get('to'));
  if (from !== null && to !== null && from < to) {
    return { kind: 'between', from, to };
  }
  const range = oneOf(RANGES, query.get('range'));
  return { kind: 'range', range: range ?? DEFAULT_RANGE[view] };
}

/** Reads a query such as `?view=site&site=bakery.4site.pro&range=7d`. What it cannot read is the default. */
export function parse(search: string): Selection {
  const query = new URLSearchParams(search);
  const filters: Partial<Record<Filter, string>> = {};
  for (const filter of FILTERS) {
    const value = query.get(filter);
    if (value !== null && value !== '') {
      filters[filter] = value;
    }
  }
  const site = query.get('site') || null;
  // An address with a site and no view is one of the time when there was one page only.
  const view = oneOf(VIEWS, query.get('view')) ?? (site === null ? DEFAULT.view : 'site');
  return {
    view,
    site: OF_SITE.includes(view) ? site : null,
    period: periodFrom(query, view),
    compare: query.get('compare') === 'previous',
    filters,
    metric: oneOf(METRICS, query.get('metric')) ?? DEFAULT.metric,
    by: oneOf(DIMENSIONS, query.get('by')),
    search: query.get('search') ?? '',
    sort: oneOf(SORTS, query.get('sort')) ?? DEFAULT.sort,
    order: oneOf(ORDERS, query.get('order')) ?? DEFAULT.order,
    template: query.get('template') || null,
    build: query.get('build') || null,
    tab: oneOf(TABS, query.get('tab')) ?? DEFAULT.tab,
    days: oneOf(WINDOWS, query.get('days')) ?? DEFAULT.days,
    step: oneOf(COHORT_STEPS, query.get('step')) ?? DEFAULT.step,
    outcome: oneOf(OUTCOMES, query.get('outcome')) ?? DEFAULT.outcome,
  };
}

/** The query of a selection: empty for the default one, else with its `?`. */
export function search(selection: Selection): string {
  const query = new URLSearchParams();
  if (selection.view !== DEFAULT.view) {
    query.set('view', selection.view);
  }
  if (selection.site !== null && OF_SITE.includes(selection.view)) {
    query.set('site', selection.site);
  }
  if (selection.period.kind === 'between') {
    query.set('from', selection.period.from);
    query.set('to', selection.period.to);
  } else if (selection.period.range !== DEFAULT_RANGE[selection.view]) {
    query.set('range', selection.period.range);
  }
  if (selection.compare) {
    query.set('compare', 'previous');
  }
  for (const filter of FILTERS) {
    const value = selection.filters[filter];
    if (value !== undefined) {
      query.set(filter, value);
    }
  }
  for (const name of ['metric', 'by', 'search', 'sort', 'order', 'template', 'build', 'tab', 'days', 'step', 'outcome'] as const) {
    const value = selection[name];
    if (value !== null && value !== DEFAULT[name]) {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The selection with one filter set, or taken away if `value` is null. */
export function withFilter(selection: Selection, filter: Filter, value: string | null): Selection {
  const { [filter]: _, ...others } = selection.filters;
  return { ...selection, filters: value === null ? others : { ...others, [filter]: value } };
}

/** Whether any filter beside site and period is set. */
export function isFiltered(selection: Selection): boolean {
  return Object.keys(selection.filters).length > 0;
}

/** The selection on another page: with that page's own range unless another was chosen, and without filters. */
export function withView(selection: Selection, view: View): Selection {
  const { period, site, metric } = selection;
  const isUsual = period.kind === 'range' && period.range === DEFAULT_RANGE[selection.view];
  const own: Period = { kind: 'range', range: DEFAULT_RANGE[view] };
  const { days, step, outcome } = selection;
  const kept = { metric, days, step, outcome, site: OF_SITE.includes(view) ? site : null };
  return { ...DEFAULT, ...kept, view, period: isUsual ? own : period };
}

/** The vitals of a site in the same period, with the same filters except the page: paths belong to one site. */
export function drill(selection: Selection, site: string | null): Selection {
  const { period, compare, metric, filters } = withFilter(selection, 'page', null);
  return { ...DEFAULT, view: 'site', site, period, compare, metric, filters };
}

/** The selection for another site: on the same page if that can be about one. */
export function withSite(selection: Selection, site: string | null): Selection {
  if (!OF_SITE.includes(selection.view)) {
    return site === null ? selection : drill(selection, site);
  }
  return { ...withFilter(selection, 'page', null), site };
}
