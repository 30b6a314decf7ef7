// In: a rating. Out: its word, its colour and its shape. Never: the colour alone.

import type { Rating } from '../api/types.ts';
import { text } from '../text/en.ts';

/** The shape of a rating: circle, square, triangle. The word must stand beside it. */
export function Shape({ rating }: { rating: Rating }) {
  return (
    <svg class={`shape fill-${rating}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">
      {rating === 'good' && <circle cx="6" cy="6" r="5" />}
      {rating === 'needs-improvement' && <rect x="1.5" y="1.5" width="9" height="9" />}
      {rating === 'poor' && <path d="M6 .8 11.5 11H.5Z" />}
    </svg>
  );
}

/** A rating in a row of text or a table; without one, that there is none. */
export function RatingWord({ rating, testId }: { rating: Rating | null; testId?: string }) {
  return (
    <span class={`rating ink-${rating ?? 'none'}`} data-testid={testId} data-value={rating ?? ''}>
      {rating !== null && <Shape rating={rating} />}
      {rating === null ? text.notRated : text.ratings[rating]}
    </span>
  );
}
