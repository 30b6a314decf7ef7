// In: the page views of a selection by one dimension. Out: a table with a whisker for each value, that narrows the
// selection down to it. Never: a value that narrows down to something else.

import { asCsv, vitalsBy, vitalsDimensions } from '../../api/addresses.ts';
import type { Breakdown, BreakdownLine, Dimension } from '../../api/fleet.ts';
import { FILTERS, type Filter } from '../../api/types.ts';
import { scaleOf, Whisker } from '../../charts/Whisker.tsx';
import { dimensionValue } from '../../format/names.ts';
import { count } from '../../format/number.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { withFilter, withSite, type Selection } from '../../state/selection.ts';
import { THRESHOLDS } from '../../state/worth.ts';
import { text } from '../../text/en.ts';
import { ChangeText, FigureCell, lineData } from '../Figure.tsx';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { Table, type Column } from '../Table.tsx';
import { ViewLink } from '../ViewLink.tsx';

interface Props {
  address: string;
  shown: Shown<Breakdown>;
  selection: Selection;
  select: Select;
}

const isFilter = (by: Dimension): by is Filter => FILTERS.some((filter) => filter === by);

/** The selection narrowed down to one value of a breakdown. */
export function narrowed(selection: Selection, by: Dimension, value: string): Selection {
  return by === 'site' ? withSite(selection, value) : isFilter(by) ? withFilter(selection, by, value) : selection;
}

function columns({ lines, by, unit, metric }: Breakdown, { selection, select }: Pick<Props, 'selection' | 'select'>): Column<BreakdownLine>[] {
  const { good } = THRESHOLDS[metric];
  const estimate = (line: BreakdownLine) => ({ value: line.p75, low: line.p75_low, high: line.p75_high });
  const scale = scaleOf(lines.map(estimate), [good]);
  const change: Column<BreakdownLine> = { name: text.change, number: true, cell: (line) => <ChangeText now={line} before={line.previous} unit={unit} /> };
  return [
    {
      name: text.dimensionNames[by],
      cell: ({ value }) => (
        <ViewLink class="path" to={narrowed(selection, by, value)} select={select} testId="breakdown-link">
          {isFilter(by) ? dimensionValue(by, value) : value}
        </ViewLink>
      ),
    },
    { name: text.p75, number: true, cell: (line) => <FigureCell of={line} unit={unit} /> },
    { name: text.intervalColumn, cell: (line) => <Whisker of={estimate(line)} scale={scale} mark={good} {...(line.rating === null ? {} : { rating: line.rating })} /> },
    ...(selection.compare ? [change] : []),
    { name: text.views, number: true, cell: (line) => count(line.views) },
  ];
}

export function BreakdownPanel({ address, shown, selection, select }: Props) {
  const by = vitalsBy(selection);
  const { metric } = selection;
  const title = text.breakdown(metric, text.dimensionNames[by]);
  return (
    <Panel
      id="breakdown"
      title={title}
      note={text.breakdownNote}
      shown={shown}
      actions={<Picker label={text.breakdownBy} testId="by-picker" choices={vitalsDimensions(selection)} chosen={by} nameOf={(one) => text.dimensionNames[one]} onChoice={(next) => select({ ...selection, by: next })} />}
      isEmpty={({ lines, small_groups }) => lines.length === 0 && small_groups === undefined}
      empty={text.noBreakdown}
    >
      {(breakdown) => (
        <Table
          caption={title}
          columns={columns(breakdown, { selection, select })}
          rows={breakdown.lines}
          keyOf={(line) => line.value}
          dataOf={(line) => ({
            'data-testid': 'breakdown-row',
            'data-by': by,
            'data-metric': metric,
            ...lineData(line),
          })}
          csvAddress={asCsv(address)}
          smallGroups={breakdown.small_groups}
        />
      )}
    </Panel>
  );
}
