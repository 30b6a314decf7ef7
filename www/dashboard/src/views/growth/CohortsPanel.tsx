// In: cohorts and the window that is looked at. Out: K of all mature cohorts with its parts, and a table of
// cohorts with their intervals. Never: a cohort that could not be watched shown as one that brought nobody.

import { COHORT_STEPS, WINDOWS, type Cohort, type Cohorts, type CohortStep, type Window } from '../../api/growth.ts';
import { scaleOf, Whisker, type Scale } from '../../charts/Whisker.tsx';
import { count, decimal, NOTHING, percent } from '../../format/number.ts';
import { dayName } from '../../format/time.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import type { Selection } from '../../state/selection.ts';
import { growthText as text } from '../../text/growth.ts';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { Table, type Column } from '../Table.tsx';

/** A cohort and its window of the length that is looked at. */
interface Row {
  cohort: Cohort;
  window: Window;
}

const figure = (value: number | null): string => (value === null ? NOTHING : decimal(value, 2));
const ends = ({ k_low, k_high }: Window): string =>
  k_low === null || k_high === null ? NOTHING : `${decimal(k_low, 2)}–${decimal(k_high, 2)}`;
const estimateOf = ({ k, k_low, k_high }: Window) => ({ value: k, low: k_low, high: k_high });

/** Newest first; the cohorts without owners say nothing. */
export function rowsOf({ cohorts }: Cohorts, days: number): Row[] {
  const rows = cohorts.flatMap((cohort) => {
    const window = cohort.windows.find((one) => one.days === days);
    return window === undefined || cohort.owners === 0 ? [] : [{ cohort, window }];
  });
  return rows.reverse();
}

function Together({ window }: { window: Window }) {
  if (window.k === null) {
    return <p class="figure-none">{text.notYet}</p>;
  }
  return (
    <div class="figures">
      <div data-testid="k-together" data-value={window.k} data-low={window.k_low ?? ''} data-high={window.k_high ?? ''}>
        <p class="figure-number">
          {text.k} {decimal(window.k, 2)}
        </p>
        <p class="note">
          {window.k_low === null ? text.noInterval : `${text.interval} ${ends(window)}`}; {text.together(count(window.observed), window.observed)}
        </p>
        <p class="note" title={text.partsTitle}>
          {text.parts(percent(window.active, window.observed), figure(window.i), figure(window.c))}
        </p>
      </div>
    </div>
  );
}

const columnsOf = (step: CohortStep, scale: Scale): Column<Row>[] => [
  { name: text.cohortOf[step], cell: ({ cohort }) => <time dateTime={cohort.start}>{dayName(cohort.start)}</time> },
  {
    name: text.k,
    number: true,
    cell: ({ window }) => (window.k === null ? <span class="state-immature">{text.states.immature}</span> : decimal(window.k, 2)),
  },
  {
    name: text.interval,
    cell: ({ window }) => (
      <>
        <Whisker of={estimateOf(window)} scale={scale} mark={1} isPartial={window.state !== 'mature'} />
        <span class="under">{ends(window)}</span>
      </>
    ),
  },
  { name: text.state, cell: ({ window }) => <span class={`state-${window.state}`}>{text.states[window.state]}</span> },
  { name: text.owners, number: true, cell: ({ cohort }) => count(cohort.owners) },
  { name: text.observed, number: true, cell: ({ window }) => count(window.observed) },
  { name: text.conversions, number: true, cell: ({ window }) => (window.observed === 0 ? NOTHING : count(window.conversions)) },
  { name: text.soFar, number: true, cell: ({ window }) => count(window.conversions_so_far) },
  { name: text.i, number: true, cell: ({ window }) => figure(window.i) },
  { name: text.c, number: true, cell: ({ window }) => figure(window.c) },
];

interface Props {
  shown: Shown<Cohorts>;
  selection: Selection;
  select: Select;
}

function Content({ cohorts, selection }: { cohorts: Cohorts; selection: Selection }) {
  const days = Number(selection.days);
  const rows = rowsOf(cohorts, days);
  const scale = scaleOf(rows.map(({ window }) => estimateOf(window)), [0, 1]);
  const together = cohorts.together.find((window) => window.days === days);
  return (
    <>
      {together !== undefined && <Together window={together} />}
      <Table
        caption={`${text.cohorts}, ${text.windows[selection.days]}`}
        columns={columnsOf(cohorts.step, scale)}
        rows={rows}
        keyOf={({ cohort }) => cohort.start}
        dataOf={({ cohort, window }) => ({
          'data-testid': 'cohort-row',
          'data-start': cohort.start,
          'data-state': window.state,
          'data-owners': cohort.owners,
          'data-k': window.k ?? '',
          'data-low': window.k_low ?? '',
          'data-high': window.k_high ?? '',
        })}
      />
      <p class="note under-table">
        {text.axis(decimal(scale.low, 2), decimal(scale.high, 2))}. {text.cohortsHint}
      </p>
    </>
  );
}

export function CohortsPanel({ shown, selection, select }: Props) {
  const pickers = (
    <div class="pickers">
      <Picker
        label={text.window}
        testId="days-picker"
        choices={WINDOWS}
        chosen={selection.days}
        nameOf={(days) => text.windows[days]}
        onChoice={(days) => select({ ...selection, days })}
      />
      <Picker
        label={text.step}
        testId="step-picker"
        choices={COHORT_STEPS}
        chosen={selection.step}
        nameOf={(step) => text.steps[step]}
        onChoice={(step) => select({ ...selection, step })}
      />
    </div>
  );
  return (
    <Panel
      id="cohorts"
      title={text.cohorts}
      note={text.cohortsNote}
      shown={shown}
      actions={pickers}
      isEmpty={(cohorts) => cohorts.cohorts.every((cohort) => cohort.owners === 0)}
      empty={text.noCohorts}
    >
      {(cohorts) => <Content cohorts={cohorts} selection={selection} />}
    </Panel>
  );
}
