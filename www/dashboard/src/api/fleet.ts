// The answers about the fleet, its changes and what passes by now, as docs/api.md describes them. In: nothing.
// Out: types. Never: a field that docs/api.md does not name. Durations are in ms, times RFC 3339 in UTC.

import type { Asked, Filter, Metric, Rating, Step, Unit, WithSmallGroups } from './types.ts';

/** The figures of one metric. Without enough page views there is a count only. */
export interface Figure {
  /** Page views that measured the metric. */
  count: number;
  p75: number | null;
  /** The 95% interval of `p75`. */
  p75_low: number | null;
  p75_high: number | null;
  rating: Rating | null;
}

export type Figures = Record<Metric, Figure>;

/** How much of the fleet passes Core Web Vitals. */
export interface Passing {
  views: number;
  sites: number;
  /** Sites with enough page views to be assessed. */
  sites_measured: number;
  sites_passing: number;
  /** Page views of the assessed sites. */
  views_measured: number;
  views_on_passing_sites: number;
}

export interface SummaryDay {
  start: string;
  views: number;
  sites_measured: number;
  sites_passing: number;
}

export interface Summary extends Asked, Passing {
  metrics: Figures;
  previous?: (Passing & { metrics: Figures }) | null;
  previous_from?: string | null;
  previous_to?: string | null;
  /** How long each of `days` is; a day if absent. */
  step?: 'day' | 'week';
  days: SummaryDay[];
}

/** What the fleet's sites can be sorted by. */
export const SORTS = ['views', 'site', 'LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'FID', 'change'] as const;
export type Sort = (typeof SORTS)[number];
export const ORDERS = ['desc', 'asc'] as const;
export type Order = (typeof ORDERS)[number];

export interface FleetSite {
  site: string;
  template: string | null;
  build: string | null;
  views: number;
  /** Null: too few page views to tell. */
  passes: boolean | null;
  vitals: Figures;
  previous?: { views: number; vitals: Figures } | null;
  /** Page views per `spark_step`, oldest first. */
  spark: number[];
}

export interface FleetSites extends Asked, WithSmallGroups {
  total: number;
  sites: FleetSite[];
  spark_step: Step;
  /** What `after` must be to get the next ones. */
  next: string | null;
}

/** What page views can be broken down by. */
export const DIMENSIONS = ['page', 'device', 'country', 'browser', 'navigation', 'site', 'template', 'build'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface BreakdownLine extends Figure {
  value: string;
  views: number;
  previous?: (Figure & { views: number }) | null;
}

export interface Breakdown extends Asked, WithSmallGroups {
  metric: Metric;
  unit: Unit;
  by: Dimension;
  lines: BreakdownLine[];
}

/** A build that was seen for the first time: a deploy. */
export interface Build {
  template: string;
  build: string;
  first_seen: string;
  sites: number;
}

export interface Builds extends Asked {
  builds: Build[];
}

/** What a change is about. Null: not narrowed down by it. */
export type Cohort = Record<Exclude<Filter, 'navigation'> | 'template' | 'build' | 'site' | 'script', string | null>;

/** A lasting change of a p75. */
export interface FleetChange {
  id: string;
  metric: Metric;
  cohort: Cohort;
  from_p75: number;
  to_p75: number;
  difference: number;
  difference_low: number;
  difference_high: number;
  unit: Unit;
  since: string;
  until: string | null;
  sites: number;
  views: number;
  direction: 'worse' | 'better';
  rating_before: Rating;
  rating_after: Rating;
}

export interface Changes {
  changes: FleetChange[];
}

/** A named part of a metric, with its mean: means of parts add up, percentiles do not. */
export interface CausePart {
  part: string;
  count: number;
  mean_ms: number;
}

export interface Cause {
  element: string;
  count: number;
  p75: number | null;
  rating: Rating | null;
}

export interface Causes extends Asked, WithSmallGroups {
  metric: Metric;
  unit: Unit;
  causes: Cause[];
  /** Absent where the collector does not tell. */
  parts?: CausePart[];
}

/** The last 60 s, as the stream of what passes by tells. */
export interface LiveMinute {
  at: string;
  views: number;
  metrics: Partial<Record<Metric, { count: number; p75: number | null; rating: Rating | null }>>;
}

/** One page view. Of whom it is, and what it measured, administrators are told only. `skipped` is how many were left out before it. */
export interface LiveView {
  at: string;
  site: string;
  page: string;
  device: string | null;
  country: string | null;
  browser: string | null;
  metrics: Partial<Record<Metric, number>>;
  skipped?: number;
}

/** An alert that fires. */
export interface Alert {
  id: string;
  name: string;
  severity: string | null;
  site: string | null;
  summary: string | null;
  description: string | null;
  since: string;
  runbook_url: string | null;
}

export interface Alerts {
  state: 'off' | 'known' | 'unreachable';
  at: string | null;
  alerts: Alert[];
  more: number;
}

/** Whether the collector takes batches and reaches its database. */
export interface Ready {
  ready: boolean;
  parts?: Record<string, string>;
}
