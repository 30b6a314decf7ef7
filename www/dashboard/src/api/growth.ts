// The answers about growth, as docs/api.md describes them; docs/growth.md defines each figure. In:
// nothing. Out: types. Never: a field that docs/api.md does not name. Null: not known.

import type { Metric, Rating, Unit } from './types.ts';

/** The windows of the viral coefficient, in days. */
export const WINDOWS = ['7', '14', '30'] as const;
export type WindowDays = (typeof WINDOWS)[number];

export const COHORT_STEPS = ['week', 'day'] as const;
export type CohortStep = (typeof COHORT_STEPS)[number];

/** What may come of a page view. */
export const OUTCOMES = ['lead', 'share', 'generation'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What every answer about growth repeats. `to` is exclusive. */
export interface Span {
  from: string;
  to: string;
}

/** How much of a window has passed: for all owners, some of them, none. */
export type CohortState = 'mature' | 'partial' | 'immature';

/** The viral coefficient of a cohort within so many days, and its parts. */
export interface Window {
  days: number;
  state: CohortState;
  owners: number;
  /** Owners whose window has passed; what follows is about them. */
  observed: number;
  active: number;
  shares: number;
  conversions: number;
  /** What is known already, of all owners. */
  conversions_so_far: number;
  k: number | null;
  k_low: number | null;
  k_high: number | null;
  i: number | null;
  c: number | null;
}

export interface Cohort {
  start: string;
  owners: number;
  windows: Window[];
}

export interface Cohorts extends Span {
  step: CohortStep;
  cohorts: Cohort[];
  together: Window[];
  conversions: Record<string, number>;
}

/** The steps of the funnel, in their order. */
export const STEPS = ['shares', 'visits', 'opened', 'generated', 'qualified', 'with_lead'] as const;
export type FunnelStep = (typeof STEPS)[number];

export interface FunnelLine extends Record<FunnelStep, number> {
  value: string;
}

export interface Funnel extends Span {
  by: string | null;
  funnel: FunnelLine[];
}

export interface Depth {
  depth: number;
  count: number;
  qualified: number;
}

export interface Tree extends Span {
  shares: Depth[];
  owners: Depth[];
}

export interface Cycle extends Span {
  within_days: number;
  conversions: number;
  p50_ms: number | null;
  p90_ms: number | null;
}

export interface LeadsLine {
  value: string;
  visits: number;
  opened: number;
  observed: number;
  confirmed: number;
  observed_percent: number | null;
  confirmed_percent: number | null;
  quality: { average: number | null; classes: number[] };
}

export interface Leads extends Span {
  leads: LeadsLine[];
  sources: { source: string; confirmed: number; average: number | null }[];
}

/** A band of a metric's values, and how often something came of its page views. */
export interface Band {
  rating: Rating;
  from: number;
  /** Null: without end. */
  to: number | null;
  /** Whether the others are compared with it. */
  reference: boolean;
  views: number;
  outcomes: number;
  percent: number | null;
  percent_low: number | null;
  percent_high: number | null;
  /** The percent less the reference's, among views of one device class and country. */
  adjusted: number | null;
  adjusted_low: number | null;
  adjusted_high: number | null;
  /** The ratio to the reference's, likewise. */
  ratio: number | null;
  ratio_low: number | null;
  ratio_high: number | null;
}

export interface Slow extends Span {
  metric: Metric;
  unit: Unit;
  outcome: Outcome;
  views: number;
  outcomes: number;
  unknown: number;
  strata: number;
  bands: Band[];
  finer: Band[];
}
