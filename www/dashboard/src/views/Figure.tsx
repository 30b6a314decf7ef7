// In: a figure of a metric. Out: its p75 with rating and sample size, or that there are too few page views; and how
// it changed. Never: a number without unit and sample size, or one of too few page views.

import type { BreakdownLine, Figure } from '../api/fleet.ts';
import type { Unit } from '../api/types.ts';
import { changeOf, signed, signedPart, type Change } from '../format/change.ts';
import { count } from '../format/number.ts';
import { interval, vital } from '../format/vital.ts';
import { text } from '../text/en.ts';
import { Shape } from './Rating.tsx';

/** What a metric counts, where an answer does not say it. */
export const unitOf = (metric: string): Unit => (metric === 'CLS' ? '' : 'ms');

/** The whole of a figure in words, for a title. */
export function figureWords(of: Figure, unit: Unit): string {
  if (of.p75 === null) {
    return of.count === 0 ? text.noSamples : text.tooFewOf(count(of.count), of.count);
  }
  const ends = of.p75_low === null || of.p75_high === null ? '' : `, ${text.interval(interval(of.p75_low, of.p75, of.p75_high, unit))}`;
  const rating = of.rating === null ? '' : `${text.ratings[of.rating]}, `;
  return `${rating}${text.p75} ${vital(of.p75, unit)}${ends}, ${text.ofViews(count(of.count), of.count)}`;
}

/** A figure in a cell of a table: value and rating, and under it the sample size. */
export function FigureCell({ of, unit }: { of: Figure; unit: Unit }) {
  if (of.p75 === null) {
    return (
      <span class="figure-cell" title={figureWords(of, unit)}>
        <span class="ink-none">{of.count === 0 ? text.notRated : text.tooFew}</span>
        <span class="under">{text.n(count(of.count))}</span>
      </span>
    );
  }
  return (
    <span class="figure-cell" title={figureWords(of, unit)}>
      <span class={`figure-value ink-${of.rating ?? 'none'}`}>
        {of.rating !== null && <Shape rating={of.rating} />}
        {of.rating !== null && <span class="unseen">{text.ratings[of.rating]}, </span>}
        {vital(of.p75, unit)}
      </span>
      <span class="under">{text.n(count(of.count))}</span>
    </span>
  );
}

const INK: Record<Change['direction'], string> = { better: 'ink-good', worse: 'ink-poor', same: 'ink-none' };
const ARROW: Record<Change['direction'], string> = { better: '↓', worse: '↑', same: '=' };

/** How a figure changed: a sign, the difference, the part, and whether that is certain. */
export function ChangeText({ now, before, unit }: { now: Figure; before: Figure | null | undefined; unit: Unit }) {
  const change = changeOf(now, before);
  if (change === null) {
    return <span class="ink-none">{text.notComparable}</span>;
  }
  return (
    <span class={`change ${change.certain ? INK[change.direction] : 'ink-none'}`}>
      <span aria-hidden="true">{ARROW[change.direction]}</span> {signed(change.difference, unit)} ({signedPart(change.part)}){' '}
      <span class="under">{change.certain ? text.directions[change.direction] : text.notCertain}</span>
    </span>
  );
}

/** A line as tests read it and as files hold it. */
export const lineData = (line: BreakdownLine): Record<`data-${string}`, string | number> => ({
  'data-value': line.value,
  'data-p75': line.p75 ?? '',
  'data-p75-low': line.p75_low ?? '',
  'data-p75-high': line.p75_high ?? '',
  'data-rating': line.rating ?? '',
  'data-count': line.count,
  'data-views': line.views,
  ...(line.previous ? { 'data-p75-before': line.previous.p75 ?? '' } : {}),
});
