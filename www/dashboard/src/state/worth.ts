// In: the fleet's sites and a metric. Out: those whose slowness most page views meet. Never: a site whose figure comes
// from too few page views to be told.

import type { FleetSite } from '../api/fleet.ts';
import type { Metric, Thresholds } from '../api/types.ts';

/** What "good" and "poor" are, per metric: https://web.dev/articles/vitals. */
export const THRESHOLDS: Record<Metric, Thresholds> = {
  LCP: { good: 2500, poor: 4000 },
  INP: { good: 200, poor: 500 },
  CLS: { good: 0.1, poor: 0.25 },
  FCP: { good: 1800, poor: 3000 },
  TTFB: { good: 800, poor: 1800 },
  FID: { good: 100, poor: 300 },
};

export interface Worth {
  of: FleetSite;
  p75: number;
  /** Page views times how far p75 is above "good", as a part of it. */
  weight: number;
}

/** How much fixing a site would be worth; null if its p75 is not known. */
export function worthOf(of: FleetSite, metric: Metric): Worth | null {
  const { p75 } = of.vitals[metric];
  if (p75 === null) {
    return null;
  }
  const { good } = THRESHOLDS[metric];
  return { of, p75, weight: of.views * Math.max(0, p75 / good - 1) };
}

/** The sites that are most worth fixing, at most `most`. */
export function worthFixing(sites: FleetSite[], metric: Metric, most: number): Worth[] {
  return sites
    .flatMap((site) => worthOf(site, metric) ?? [])
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, most);
}
