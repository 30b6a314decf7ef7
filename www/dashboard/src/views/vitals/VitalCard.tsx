// In: one vital, the page views it was taken from, and whether it is selected. Out: a card with p75,
// its interval, its rating and its distribution. Never: a number without unit and sample size.

import { LEAST_COUNT, type Vital } from '../../api/types.ts';
import { DistributionTable, Histogram, RatingShares } from '../../charts/Distribution.tsx';
import { count } from '../../format/number.ts';
import { interval, mark, rate, vital, written } from '../../format/vital.ts';
import { text } from '../../text/en.ts';
import { ChangeText } from '../Figure.tsx';
import { RatingWord } from '../Rating.tsx';

interface Props {
  of: Vital;
  views: number;
  selected: boolean;
  onSelect: () => void;
}

/** The threshold that the interval crosses, if it crosses one: the rating is then not certain. */
function crossed(of: Vital): number | null {
  if (of.p75_low === null || of.p75_high === null) {
    return null;
  }
  const low = rate(of.p75_low, of.thresholds);
  const high = rate(of.p75_high, of.thresholds);
  if (low === high) {
    return null;
  }
  return low === 'good' ? of.thresholds.good : of.thresholds.poor;
}

function Value({ of }: { of: Vital }) {
  if (of.p75 === null) {
    return (
      <p class="value" data-testid={`p75-${of.metric}`} data-value="">
        <span class="value-none">{of.count === 0 ? text.notRated : text.tooFew}</span>
      </p>
    );
  }
  const { number, unit } = written(of.p75, of.unit);
  return (
    <p class="value" data-testid={`p75-${of.metric}`} data-value={of.p75}>
      <span class="value-number">{number}</span> <span class="value-unit">{unit === '' ? text.score : unit}</span>{' '}
      <span class="value-what">{text.p75}</span>
    </p>
  );
}

function Certainty({ of }: { of: Vital }) {
  if (of.p75 === null || of.p75_low === null || of.p75_high === null) {
    return null;
  }
  const threshold = crossed(of);
  return (
    <p class="fine" data-testid={`interval-${of.metric}`} data-low={of.p75_low} data-high={of.p75_high}>
      {text.interval(interval(of.p75_low, of.p75, of.p75_high, of.unit))}
      {threshold !== null && <span class="unsure">{text.unsure(mark(threshold, of.unit))}</span>}
    </p>
  );
}

/** The span before, and how much changed. */
function Before({ of }: { of: Vital }) {
  if (of.previous === undefined || of.previous === null) {
    return null;
  }
  const { p75, count: samples } = of.previous;
  return (
    <p class="fine" data-testid={`before-${of.metric}`} data-p75={p75 ?? ''} data-count={samples}>
      {text.beforeWas(p75 === null ? text.tooFew.toLowerCase() : vital(p75, of.unit), count(samples))} <ChangeText now={of} before={of.previous} unit={of.unit} />
    </p>
  );
}

/** The vital without figures of too few page views. */
const known = (of: Vital): Vital => (of.count < LEAST_COUNT ? { ...of, p75: null, p75_low: null, p75_high: null, rating: null } : of);

export function VitalCard({ of: all, views, selected, onSelect }: Props) {
  const of = known(all);
  const heading = `card-${of.metric}`;
  return (
    <article
      class={selected ? 'card card-selected' : 'card'}
      aria-labelledby={heading}
      data-testid={`card-${of.metric}`}
      data-selected={selected}
    >
      <header class="card-head">
        <h3 id={heading}>
          <button type="button" class="card-pick" aria-pressed={selected} title={text.showTrend(of.metric)} onClick={onSelect}>
            {of.metric}
            <span class="card-name">{text.metricNames[of.metric]}</span>
          </button>
        </h3>
        <RatingWord rating={of.rating} testId={`rating-${of.metric}`} />
      </header>
      <Value of={of} />
      <Certainty of={of} />
      <p class="fine" data-testid={`count-${of.metric}`} data-value={of.count}>
        {text.samples(count(of.count), count(views), views)}
      </p>
      <Before of={of} />
      {of.p75 === null ? (
        <p class="nothing">{of.count === 0 ? text.noSamples : text.tooFewBody}</p>
      ) : (
        <>
          <Histogram of={of} />
          <RatingShares of={of} />
          <DistributionTable of={of} />
        </>
      )}
      <p class="fine card-says">{text.metricSays[of.metric]}</p>
    </article>
  );
}
