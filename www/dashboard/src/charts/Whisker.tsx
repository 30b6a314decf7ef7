// In: a value with its interval, and the scale that a column of them shares. Out: a dot on a bar, in a
// cell of a table that holds the same numbers. Never: a chart whose numbers cannot be read.

/** The ends of a scale. */
export interface Scale {
  low: number;
  high: number;
}

export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/**
 * A scale that holds every value and `also`, and the intervals as far as they are not much wider than that:
 * of few, an interval may be so wide that nothing else could be read.
 */
export function scaleOf(all: Estimate[], also: number[]): Scale {
  const numbers = (list: (number | null)[]): number[] => list.filter((one): one is number => one !== null);
  const values = [...numbers(all.map(({ value }) => value)), ...also];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(high - low, Math.abs(high), 1e-9);
  const ends = numbers(all.flatMap((one) => [one.low, one.high]));
  return {
    low: Math.min(low, ...ends.filter((end) => end >= low - room)),
    high: Math.max(high, ...ends.filter((end) => end <= high + room)),
  };
}

/** Where a value stands on a scale, from 0 to 1; what is beyond stands at its end. */
export function place(value: number, { low, high }: Scale): number {
  return high > low ? Math.min(Math.max((value - low) / (high - low), 0), 1) : 0.5;
}

const part = (share: number): string => `${share * 100}%`;

interface Props {
  of: Estimate;
  scale: Scale;
  /** A value that is marked for comparison. */
  mark?: number;
  /** A rating's colour; the accent's if absent. */
  rating?: string;
  /** Drawn hollow: it says less than the others. */
  isPartial?: boolean;
}

export function Whisker({ of, scale, mark, rating, isPartial }: Props) {
  const { value, low, high } = of;
  const colour = rating === undefined ? 'back-accent' : `back-${rating}`;
  return (
    <span class="whisker" aria-hidden="true">
      {mark !== undefined && <span class="whisker-mark" style={{ left: part(place(mark, scale)) }} />}
      {low !== null && high !== null && (
        <span
          class={`whisker-bar ${colour}`}
          style={{ left: part(place(low, scale)), width: part(place(high, scale) - place(low, scale)) }}
        />
      )}
      {value !== null && (
        <span class={`whisker-dot ${colour}${isPartial ? ' whisker-hollow' : ''}`} style={{ left: part(place(value, scale)) }} />
      )}
    </span>
  );
}

/** A bar for a part of the largest of a column. */
export function Bar({ share }: { share: number }) {
  return (
    <span class="bar" aria-hidden="true">
      {share > 0 && <span class="bar-part" style={{ width: part(Math.min(Math.max(share, 0), 1)) }} />}
    </span>
  );
}
