// In: a vital's distribution (many narrow buckets). Out: some twenty columns of equal width whose
// edges include both thresholds, so that each column has one rating. Never: a count lost or made up.

import type { Bucket, Rating, Thresholds } from '../api/types.ts';
import { rate } from '../format/vital.ts';

/** A column. The last one holds everything from `from` on and has no end. */
export interface Column {
  from: number;
  to: number | null;
  count: number;
  rating: Rating;
}

/** Columns are shown up to this multiple of the "poor" threshold. */
const REACH = 1.5;
/** The fewest columns before the open one. */
const FEWEST = 20;

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** The width of a column: it divides both thresholds and gives at least `FEWEST` columns. */
export function columnWidth(thresholds: Thresholds): number {
  // Thresholds have at most three decimals; whole numbers keep the divisor exact.
  const [good, poor] = [thresholds.good, thresholds.poor].map((value) => Math.round(value * 1000)) as [number, number];
  const divisor = commonDivisor(poor, good);
  const parts = Math.max(1, Math.ceil((FEWEST * divisor) / (REACH * poor)));
  return divisor / parts / 1000;
}

/**
 * Sorts buckets into columns by their middle. Buckets are 2% wide, so that one that lies across an
 * edge is off by 1% at most.
 */
export function columnsOf(distribution: Bucket[], thresholds: Thresholds): Column[] {
  const width = columnWidth(thresholds);
  const closed = Math.ceil((REACH * thresholds.poor) / width - 1e-9);
  const columns = Array.from({ length: closed + 1 }, (_, index): Column => {
    const from = index * width;
    const open = index === closed;
    const middle = from + width / 2;
    return { from, to: open ? null : from + width, count: 0, rating: rate(middle, thresholds) };
  });
  for (const bucket of distribution) {
    const middle = (bucket.from + bucket.to) / 2;
    // A value on an edge belongs to the column below, as a threshold belongs to the better rating.
    const index = Math.max(0, Math.ceil(middle / width) - 1);
    const column = columns[Math.min(index, closed)];
    if (column !== undefined) {
      column.count += bucket.count;
    }
  }
  return columns;
}

/** Where a value stands on the columns' axis, from 0 to 1. */
export function positionOf(value: number, columns: Column[], thresholds: Thresholds): number {
  const whole = columns.length * columnWidth(thresholds);
  return Math.min(Math.max(value / whole, 0), 1);
}
