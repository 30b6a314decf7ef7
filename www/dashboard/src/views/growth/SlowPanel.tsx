// In: how often something came of page views, by how fast they were. Out: tables by rating, and finer, with
// intervals. Never: an association called a cause, or a rate without its sample size.

import { OUTCOMES, type Band, type Slow } from '../../api/growth.ts';
import { METRICS, type Unit } from '../../api/types.ts';
import { scaleOf, Whisker, type Scale } from '../../charts/Whisker.tsx';
import { count, decimal, NOTHING } from '../../format/number.ts';
import { mark } from '../../format/vital.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import type { Selection } from '../../state/selection.ts';
import { text as common } from '../../text/en.ts';
import { growthText as text } from '../../text/growth.ts';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { RatingWord } from '../Rating.tsx';
import { Table, type Column } from '../Table.tsx';

/** The values of a band in words. */
export function boundsOf({ from, to }: Band, unit: Unit): string {
  if (to === null) {
    return text.above(mark(from, unit));
  }
  return from === 0 ? text.below(mark(to, unit)) : text.between(mark(from, unit), mark(to, unit));
}

/** A number with its interval: `−1.20 (−2.00 to −0.40)`. */
function withEnds(value: number | null, low: number | null, high: number | null): string {
  if (value === null || low === null || high === null) {
    return NOTHING;
  }
  return `${decimal(value, 2)} (${decimal(low, 2)} to ${decimal(high, 2)})`;
}

const estimateOf = ({ percent, percent_low, percent_high }: Band) => ({ value: percent, low: percent_low, high: percent_high });

function columnsOf({ unit, outcome }: Slow, scale: Scale): Column<Band>[] {
  return [
    {
      name: text.band,
      cell: (band) => (
        <>
          <RatingWord rating={band.rating} />
          <span class="under">{boundsOf(band, unit)}</span>
        </>
      ),
    },
    { name: text.per100, number: true, cell: ({ percent }) => (percent === null ? NOTHING : decimal(percent, 2)) },
    {
      name: text.interval,
      cell: (band) => (
        <>
          <Whisker of={estimateOf(band)} scale={scale} rating={band.rating} />
          {band.percent_low !== null && band.percent_high !== null && (
            <span class="under">
              {decimal(band.percent_low, 2)}–{decimal(band.percent_high, 2)}
            </span>
          )}
        </>
      ),
    },
    { name: text.views, number: true, cell: ({ views }) => count(views) },
    { name: text.withOutcome(text.outcomes[outcome]), number: true, cell: ({ outcomes }) => count(outcomes) },
    {
      name: text.adjusted,
      number: true,
      cell: (band) => (band.reference ? text.reference : withEnds(band.adjusted, band.adjusted_low, band.adjusted_high)),
    },
    {
      name: text.ratio,
      number: true,
      cell: (band) => (band.reference ? '1' : withEnds(band.ratio, band.ratio_low, band.ratio_high)),
    },
  ];
}

function Bands({ slow, rows, kind, caption }: { slow: Slow; rows: Band[]; kind: string; caption: string }) {
  const scale = scaleOf(rows.map(estimateOf), [0]);
  return (
    <Table
      caption={caption}
      columns={columnsOf(slow, scale)}
      rows={rows}
      keyOf={({ from }) => String(from)}
      dataOf={(band) => ({
        'data-testid': 'band-row',
        'data-kind': kind,
        'data-rating': band.rating,
        'data-views': band.views,
        'data-outcomes': band.outcomes,
        'data-percent': band.percent ?? '',
        'data-adjusted': band.adjusted ?? '',
      })}
    />
  );
}

function Content({ slow }: { slow: Slow }) {
  return (
    <>
      <Bands slow={slow} rows={slow.bands} kind="rating" caption={text.slow} />
      <p class="note under-table">
        {text.strata(slow.strata)} {text.unknown(count(slow.unknown), count(slow.outcomes), slow.outcomes)}
      </p>
      <details class="alternative">
        <summary>{text.finer}</summary>
        <Bands slow={slow} rows={slow.finer} kind="finer" caption={text.finer} />
      </details>
    </>
  );
}

interface Props {
  shown: Shown<Slow>;
  selection: Selection;
  select: Select;
}

export function SlowPanel({ shown, selection, select }: Props) {
  const pickers = (
    <div class="pickers">
      <Picker
        label={text.metric}
        testId="metric-picker"
        choices={METRICS}
        chosen={selection.metric}
        nameOf={(metric) => `${metric} – ${common.metricNames[metric]}`}
        onChoice={(metric) => select({ ...selection, metric })}
      />
      <Picker
        label={text.outcome}
        testId="outcome-picker"
        choices={OUTCOMES}
        chosen={selection.outcome}
        nameOf={(outcome) => text.outcomes[outcome]}
        onChoice={(outcome) => select({ ...selection, outcome })}
      />
    </div>
  );
  return (
    <Panel
      id="slow"
      title={text.slow}
      note={text.slowNote}
      shown={shown}
      actions={pickers}
      isEmpty={({ views }) => views === 0}
      empty={text.noSlow}
    >
      {(slow) => <Content slow={slow} />}
    </Panel>
  );
}
