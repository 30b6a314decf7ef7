// In: a series. Out: the columns that the chart draws, and the highest value of its axis. Never: a
// missing p75 drawn as zero, or the "good" threshold left off the chart.

import type { Series, Thresholds } from '../api/types.ts';

/** Columns of the trend: times in s since 1970, p75 (null: nothing measured), page views. */
export interface TrendData {
  times: number[];
  p75: (number | null)[];
  views: number[];
  /** p75 of the span before, step by step; empty if it was not asked for. */
  before: (number | null)[];
}

export function trendData(series: Series): TrendData {
  return {
    times: series.points.map((point) => Date.parse(point.start) / 1000),
    p75: series.points.map((point) => (point.count === 0 ? null : point.p75)),
    views: series.points.map((point) => point.views),
    before: series.previous ? series.points.map((_, index) => series.previous?.[index]?.p75 ?? null) : [],
  };
}

/** The top of the p75 axis: above the highest value, and above "good" where that is known. */
export function topOf(data: TrendData, thresholds: Thresholds | null): number {
  const highest = [...data.p75, ...data.before].reduce((top: number, value) => Math.max(top, value ?? 0), 0);
  if (thresholds === null) {
    return highest === 0 ? 1 : highest * 1.12;
  }
  const wanted = Math.max(highest * 1.12, thresholds.good * 1.2);
  // Once "poor" is near, show it whole: it says how far off the values are.
  return wanted > thresholds.poor * 0.8 ? Math.max(wanted, thresholds.poor * 1.08) : wanted;
}
