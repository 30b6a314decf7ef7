// The answers of the HTTP API, as docs/api.md describes them. In: nothing. Out: types.
// Never: a field that docs/api.md does not name. Durations are in ms, times are RFC 3339 in UTC.

import type { Figure } from './fleet.ts';

/** The metrics, in the order in which they are shown. */
export const METRICS = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'FID'] as const;
export type Metric = (typeof METRICS)[number];

/** What a metric's values count: milliseconds, or nothing for a score. */
export type Unit = 'ms' | '';

/** With fewer values a percentile says more about chance than about a site. The API has the same limit. */
export const LEAST_COUNT = 25;

export const RATINGS = ['good', 'needs-improvement', 'poor'] as const;
export type Rating = (typeof RATINGS)[number];

/** The ranges the API knows by name, all ending now. */
export const RANGES = ['1h', '24h', '7d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];

/** The parameters that keep only page views with one value. */
export const FILTERS = ['page', 'device', 'country', 'browser', 'navigation'] as const;
export type Filter = (typeof FILTERS)[number];

/** What every answer repeats. `to` is exclusive. */
export interface Asked {
  site: string | null;
  from: string;
  to: string;
}

/** Groups that are not told to the viewer, of too few page views each. */
export interface SmallGroups {
  groups: number;
  views: number;
}

/** A table of which small groups may be left out. */
export interface WithSmallGroups {
  small_groups?: SmallGroups;
}

export interface Site {
  site: string;
  template: string | null;
  build: string | null;
  added: string;
  views: number;
}

export interface Sites extends Asked {
  sites: Site[];
}

/** One bucket of a histogram that is not empty; `from` and `to` in the metric's unit. */
export interface Bucket {
  from: number;
  to: number;
  count: number;
}

/** "Good" is at most `good`, "poor" is above `poor`, in the metric's unit. */
export interface Thresholds {
  good: number;
  poor: number;
}

export interface Vital {
  metric: Metric;
  unit: Unit;
  /** Page views that measured the metric. */
  count: number;
  p75: number | null;
  /** The 95% interval of `p75`. */
  p75_low: number | null;
  p75_high: number | null;
  rating: Rating | null;
  thresholds: Thresholds;
  good: number;
  needs_improvement: number;
  poor: number;
  distribution: Bucket[];
  /** The span before, if it was asked for. */
  previous?: Figure | null;
}

export interface Vitals extends Asked {
  views: number;
  vitals: Vital[];
}

export type Step = 'hour' | 'day' | 'week';

export interface Point {
  start: string;
  views: number;
  count: number;
  p75: number | null;
}

export interface Series extends Asked {
  metric: Metric;
  unit: Unit;
  step: Step;
  points: Point[];
  /** The span before, point by point, if it was asked for. */
  previous?: Point[] | null;
  previous_from?: string | null;
  previous_to?: string | null;
}

export interface Page {
  site: string;
  page: string;
  views: number;
  count: number;
  p75: number | null;
  rating: Rating | null;
}

export interface Pages extends Asked, WithSmallGroups {
  metric: Metric;
  unit: Unit;
  pages: Page[];
}

export interface Channel {
  channel: string;
  shares: number;
  visits: number;
}

/** A shared link. A link that nobody reported is known only by its visits. */
export interface Link {
  site: string;
  id: string;
  channel: string;
  page: string | null;
  parent: string | null;
  at: string | null;
  visits: number;
}

export interface Shares extends Asked, WithSmallGroups {
  shares: number;
  visits: number;
  channels: Channel[];
  links: Link[];
}

export interface Tally {
  name: string;
  count: number;
}

/** The kinds of things that pages observe, in the order in which they are shown. */
export const ACTIVITIES = ['leads', 'conversions', 'errors', 'custom'] as const;
export type ActivityKind = (typeof ACTIVITIES)[number];

/** What made pages slow or broke them, beside the elements. */
export const TROUBLES = ['errors', 'calls', 'frames', 'scripts', 'not_restored'] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface Activity extends Asked, Record<ActivityKind | Trouble, Tally[]> {
  views: number;
  /** Page views by robots, which `views` does not include. */
  bots: Tally[];
}

export interface DimensionValue {
  value: string;
  views: number;
}

export interface Dimensions extends Asked, Record<Filter, DimensionValue[]> {
  /** Values that are not told to the viewer. */
  small_groups?: number;
}
