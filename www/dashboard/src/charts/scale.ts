// In: values, and the ends of an axis in pixels or units. Out: where a value stands, and marks that people read well.
// Never: a mark outside the axis.

/** Places a value on an axis. */
export type Place = (value: number) => number;

/** A linear axis from `low` to `high`; what is beyond stands at its end. */
export function linear(low: number, high: number, from: number, to: number): Place {
  const width = high > low ? high - low : 1;
  return (value) => from + Math.min(Math.max((value - low) / width, 0), 1) * (to - from);
}

/** A logarithmic axis; values below `low` stand at its start. */
export function logarithmic(low: number, high: number, from: number, to: number): Place {
  const place = linear(Math.log(low), Math.log(high), from, to);
  return (value) => place(Math.log(Math.max(value, low)));
}

/** Powers of ten, with 3 between them where there are few, from `low` to `high`. */
export function decades(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const steps = last - first > 3 ? [1] : [1, 3];
  const marks: number[] = [];
  for (let power = first; power <= last; power += 1) {
    marks.push(...steps.map((step) => step * 10 ** power));
  }
  return marks.filter((mark) => mark >= low && mark <= high);
}

/** About `wanted` round marks from 0 to `high`. */
export function rounds(high: number, wanted: number): number[] {
  const rough = high / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const marks: number[] = [];
  for (let index = 0; index * step <= high + 1e-9; index += 1) {
    // Without the tail that adding up decimals leaves.
    marks.push(Number((index * step).toPrecision(12)));
  }
  return marks;
}

/** The line through the points of a sparkline, in a box of `width` and `height`. */
export function sparkLine(values: number[], width: number, height: number): string {
  const top = Math.max(1, ...values);
  const x = linear(0, Math.max(values.length - 1, 1), 1, width - 1);
  const y = linear(0, top, height - 1.5, 1.5);
  return values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('');
}
