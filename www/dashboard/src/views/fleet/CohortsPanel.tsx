// In: the fleet's page views by template, build, country, device or browser. Out: a table by cohort, with a whisker for
// each, that leads to its sites. Never: cohorts compared without their intervals.

import type { Breakdown, BreakdownLine, Dimension } from '../../api/fleet.ts';
import { asCsv, cohortsBy } from '../../api/addresses.ts';
import { METRICS } from '../../api/types.ts';
import { scaleOf, Whisker } from '../../charts/Whisker.tsx';
import { dimensionValue } from '../../format/names.ts';
import { count } from '../../format/number.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { withFilter, type Selection } from '../../state/selection.ts';
import { THRESHOLDS } from '../../state/worth.ts';
import { text as all } from '../../text/en.ts';
import { fleetText as text } from '../../text/fleet.ts';
import { ChangeText, FigureCell, lineData } from '../Figure.tsx';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { Table, type Column } from '../Table.tsx';
import { ViewLink } from '../ViewLink.tsx';

export const COHORTS = ['template', 'build', 'country', 'device', 'browser'] as const satisfies readonly Dimension[];

/** The fleet, narrowed down to a cohort. */
export function cohortOf(selection: Selection, by: Dimension, value: string): Selection {
  switch (by) {
    case 'template':
      return { ...selection, template: value };
    case 'build':
      return { ...selection, build: value };
    case 'site':
      return selection;
    default:
      return withFilter(selection, by, value);
  }
}

interface Props {
  address: string;
  shown: Shown<Breakdown>;
  selection: Selection;
  select: Select;
}

const nameOf = (by: Dimension, value: string): string => (by === 'country' ? dimensionValue('country', value) : value);

function columns({ lines, by, unit, metric }: Breakdown, { selection, select }: Pick<Props, 'selection' | 'select'>): Column<BreakdownLine>[] {
  const { good } = THRESHOLDS[metric];
  const estimate = (line: BreakdownLine) => ({ value: line.p75, low: line.p75_low, high: line.p75_high });
  const scale = scaleOf(lines.map(estimate), [good]);
  const change: Column<BreakdownLine> = {
    name: text.change(metric),
    number: true,
    cell: (line) => <ChangeText now={line} before={line.previous} unit={unit} />,
  };
  return [
    {
      name: text.dimensions[by],
      cell: ({ value }) => (
        <ViewLink to={cohortOf(selection, by, value)} select={select} testId="cohort-link">
          {nameOf(by, value)}
        </ViewLink>
      ),
    },
    { name: text.p75Of(metric), number: true, cell: (line) => <FigureCell of={line} unit={unit} /> },
    { name: text.intervalColumn, cell: (line) => <Whisker of={estimate(line)} scale={scale} mark={good} {...(line.rating === null ? {} : { rating: line.rating })} /> },
    ...(selection.compare ? [change] : []),
    { name: text.views, number: true, cell: (line) => count(line.views) },
  ];
}

export function CohortsPanel({ address, shown, selection, select }: Props) {
  const by = cohortsBy(selection);
  const { metric } = selection;
  const pickers = (
    <div class="pickers">
      <Picker
        label={text.cohortsBy}
        testId="by-picker"
        choices={COHORTS}
        chosen={COHORTS.find((one) => one === by) ?? 'template'}
        nameOf={(one) => text.dimensions[one]}
        onChoice={(next) => select({ ...selection, by: next })}
      />
      <Picker label={all.metric} testId="metric-picker" choices={METRICS} chosen={metric} nameOf={(one) => one} onChoice={(next) => select({ ...selection, metric: next })} />
    </div>
  );
  return (
    <Panel
      id="fleet-cohorts"
      title={text.cohorts(text.dimensions[by])}
      note={text.cohortsNote}
      shown={shown}
      actions={pickers}
      isEmpty={({ lines, small_groups }) => lines.length === 0 && small_groups === undefined}
      empty={text.noCohorts}
    >
      {(breakdown) => (
        <Table
          caption={text.cohorts(text.dimensions[by])}
          columns={columns(breakdown, { selection, select })}
          rows={breakdown.lines}
          keyOf={(line) => line.value}
          dataOf={(line) => ({ 'data-testid': 'fleet-cohort-row', 'data-by': by, 'data-metric': metric, ...lineData(line) })}
          csvAddress={asCsv(address)}
          smallGroups={breakdown.small_groups}
        />
      )}
    </Panel>
  );
}
