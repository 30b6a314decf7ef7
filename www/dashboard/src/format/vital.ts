// In: values of metrics, in the API's units. Out: text with a unit people read: s from one second
// on, ms below, a plain score for CLS. Never: a value without its unit, or two units in one interval.

import type { Rating, Thresholds, Unit } from '../api/types.ts';
import { decimal, trimmed } from './number.ts';

/** How a value is written: its divisor, its unit and its digits after the point. */
interface Scale {
  divisor: number;
  unit: string;
  digits: number;
}

/** A value and its unit, apart, so that the unit can be set smaller. */
export interface Written {
  number: string;
  unit: string;
}

function scaleOf(value: number, unit: Unit): Scale {
  if (unit === '') {
    return { divisor: 1, unit: '', digits: value < 1 ? 3 : 2 };
  }
  // What would be rounded to 1,000 ms is written as 1.00 s.
  if (value >= 999.5) {
    return { divisor: 1000, unit: 's', digits: value >= 9995 ? 1 : 2 };
  }
  return { divisor: 1, unit: 'ms', digits: value >= 99.95 ? 0 : 1 };
}

const join = (number: string, unit: string): string => (unit === '' ? number : `${number}\u00a0${unit}`);

/** A value, number and unit apart: `1.73` and `s`. */
export function written(value: number, unit: Unit, locale?: string): Written {
  const scale = scaleOf(value, unit);
  return { number: decimal(value / scale.divisor, scale.digits, locale), unit: scale.unit };
}

/** A value with its unit: `1.73 s`, `212 ms`, `0.073`. */
export function vital(value: number, unit: Unit, locale?: string): string {
  const { number, unit: symbol } = written(value, unit, locale);
  return join(number, symbol);
}

/** A threshold or an axis mark, without trailing zeros: `2.5 s`, `200 ms`, `0.1`. */
export function mark(value: number, unit: Unit, locale?: string): string {
  const scale = scaleOf(value, unit);
  return join(trimmed(value / scale.divisor, 3, locale), scale.unit);
}

/** An interval in one unit, that of `value` inside it: `1.69–1.80 s`. */
export function interval(low: number, value: number, high: number, unit: Unit, locale?: string): string {
  const scale = scaleOf(value, unit);
  const [from, to] = [low, high].map((end) => decimal(end / scale.divisor, scale.digits, locale));
  return join(`${from}–${to}`, scale.unit);
}

/** Rates a value: a threshold belongs to the better rating. */
export function rate(value: number, thresholds: Thresholds): Rating {
  if (value <= thresholds.good) {
    return 'good';
  }
  return value <= thresholds.poor ? 'needs-improvement' : 'poor';
}
