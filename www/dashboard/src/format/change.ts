// In: a figure and the one of the span before. Out: how much it changed, and in which direction. Never: a change
// called certain while the intervals of both still overlap.

import type { Figure } from '../api/fleet.ts';
import type { Unit } from '../api/types.ts';
import { NOTHING } from './number.ts';
import { vital } from './vital.ts';

export interface Change {
  /** Now less before, in the metric's unit. */
  difference: number;
  /** The difference as a part of what was before; null if that was 0. */
  part: number | null;
  /** Lower is better for every metric. */
  direction: 'better' | 'worse' | 'same';
  /** Whether the intervals of both lie apart. */
  certain: boolean;
}

type Estimated = Pick<Figure, 'p75' | 'p75_low' | 'p75_high'>;

/** How a figure changed; null if one of both is not known. */
export function changeOf(now: Estimated, before: Estimated | null | undefined): Change | null {
  if (now.p75 === null || before === null || before === undefined || before.p75 === null) {
    return null;
  }
  const difference = now.p75 - before.p75;
  const known = now.p75_low !== null && now.p75_high !== null && before.p75_low !== null && before.p75_high !== null;
  const apart = known && ((now.p75_low ?? 0) > (before.p75_high ?? 0) || (now.p75_high ?? 0) < (before.p75_low ?? 0));
  return {
    difference,
    part: before.p75 === 0 ? null : difference / before.p75,
    direction: difference === 0 ? 'same' : difference > 0 ? 'worse' : 'better',
    certain: apart,
  };
}

/** A signed difference with its unit: `+120 ms`, `−0.021`. */
export function signed(difference: number, unit: Unit, locale?: string): string {
  if (difference === 0) {
    return `±${vital(0, unit, locale)}`;
  }
  return `${difference > 0 ? '+' : '−'}${vital(Math.abs(difference), unit, locale)}`;
}

/** A signed part in whole percent: `+8%`. */
export function signedPart(part: number | null, locale?: string): string {
  if (part === null) {
    return NOTHING;
  }
  const sign = part > 0 ? '+' : part < 0 ? '−' : '±';
  return sign + new Intl.NumberFormat(locale ?? (typeof navigator === 'undefined' ? undefined : navigator.language), { style: 'percent', maximumFractionDigits: 0 }).format(Math.abs(part));
}

/** The difference of two shares, in points of a hundred; null if one is of nothing. */
export function points(part: number, whole: number, partBefore: number, wholeBefore: number): number | null {
  return whole === 0 || wholeBefore === 0 ? null : (part / whole - partBefore / wholeBefore) * 100;
}
