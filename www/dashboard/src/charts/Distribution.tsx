// In: a vital. Out: its histogram, the shares of its ratings as one bar, and both as a table. Never:
// a share that can only be told by its colour.

import { RATINGS, type Rating, type Vital } from '../api/types.ts';
import { count, percent } from '../format/number.ts';
import { mark, vital } from '../format/vital.ts';
import { text } from '../text/en.ts';
import { Shape } from '../views/Rating.tsx';
import { Export } from '../views/Export.tsx';
import { Scroll } from '../views/Scroll.tsx';
import { columnsOf, positionOf, type Column } from './histogram.ts';

/** Height of the histogram's drawing, in its own units. */
const HEIGHT = 40;

/** Puts an element at a share of its parent's width. Set through the object model, as the policy asks. */
const at = (share: number) => ({ left: `${share * 100}%` });

export function Histogram({ of }: { of: Vital }) {
  const columns = columnsOf(of.distribution, of.thresholds);
  const highest = Math.max(1, ...columns.map((column) => column.count));
  const place = (value: number): number => positionOf(value, columns, of.thresholds);
  const label = of.p75 === null ? text.notRated : text.histogramLabel(text.metricNames[of.metric], vital(of.p75, of.unit));
  return (
    <div class="histogram">
      <svg viewBox={`0 0 ${columns.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {columns.map((column, index) => {
          const height = (column.count / highest) * (HEIGHT - 1);
          return column.count === 0 ? null : (
            <rect
              key={column.from}
              class={`fill-${column.rating}`}
              x={index + 0.08}
              width={0.84}
              y={HEIGHT - Math.max(height, 0.8)}
              height={Math.max(height, 0.8)}
            />
          );
        })}
      </svg>
      {of.p75 !== null && <span class="histogram-p75" style={at(place(of.p75))} aria-hidden="true" />}
      <div class="histogram-axis" aria-hidden="true">
        <span style={at(0)}>0</span>
        <span style={at(place(of.thresholds.good))}>{mark(of.thresholds.good, of.unit)}</span>
        <span style={at(place(of.thresholds.poor))}>{mark(of.thresholds.poor, of.unit)}</span>
      </div>
    </div>
  );
}

/** Page views of each rating. */
export function ratingCounts(of: Vital): Record<Rating, number> {
  return { good: of.good, 'needs-improvement': of.needs_improvement, poor: of.poor };
}

export function RatingShares({ of }: { of: Vital }) {
  const counts = ratingCounts(of);
  return (
    <div class="shares">
      <div class="shares-bar" aria-hidden="true">
        {RATINGS.map((rating) =>
          counts[rating] === 0 ? null : (
            <span key={rating} class={`back-${rating}`} style={{ flexGrow: String(counts[rating]) }} />
          ),
        )}
      </div>
      <ul class="shares-legend">
        {RATINGS.map((rating) => (
          <li key={rating} data-testid={`share-${of.metric}-${rating}`} data-value={counts[rating]}>
            <Shape rating={rating} /> {text.ratings[rating]} <b>{percent(counts[rating], of.count)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

const columnName = (column: Column, of: Vital): string =>
  column.to === null
    ? text.above(mark(column.from, of.unit))
    : text.upTo(mark(column.from, of.unit), mark(column.to, of.unit));

export function DistributionTable({ of }: { of: Vital }) {
  const columns = columnsOf(of.distribution, of.thresholds).filter((column) => column.count > 0);
  return (
    <details class="alternative">
      <summary>
        {text.asTable}
        <span class="unseen">: {text.distributionCaption(of.metric)}</span>
      </summary>
      <Scroll label={text.distributionCaption(of.metric)}>
        <table>
          <caption class="unseen">{text.distributionCaption(of.metric)}</caption>
          <thead>
            <tr>
              <th scope="col">{of.metric}</th>
              <th scope="col">{text.rating}</th>
              <th scope="col" class="number">
                {text.views}
              </th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column.from}>
                <th scope="row">{columnName(column, of)}</th>
                <td>{text.ratings[column.rating]}</td>
                <td class="number">{count(column.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Export
        name={text.distributionCaption(of.metric)}
        rows={() => columns.map(({ from, to, rating, count: views }) => ({ metric: of.metric, unit: of.unit, from, to, rating, views }))}
      />
    </details>
  );
}
