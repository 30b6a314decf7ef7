// In: the funnel of all shares, and by channel. Out: a table of steps with bars, and one of channels. Never: a
// part of nothing shown as 0%.

import { STEPS, type Funnel, type FunnelLine, type FunnelStep } from '../../api/growth.ts';
import { Bar } from '../../charts/Whisker.tsx';
import { count, decimal, NOTHING, percent } from '../../format/number.ts';
import type { Shown } from '../../state/resource.ts';
import { growthText as text } from '../../text/growth.ts';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

interface Step {
  step: FunnelStep;
  count: number;
  /** The step before; null for the first one, and for visits, which are no part of shares. */
  before: number | null;
  share: number;
}

/** The steps of a line. Bars are parts of the largest step. */
export function stepsOf(line: FunnelLine): Step[] {
  const largest = Math.max(1, ...STEPS.map((step) => line[step]));
  return STEPS.map((step, index) => {
    const before = STEPS[index - 1];
    return {
      step,
      count: line[step],
      before: before === undefined || step === 'visits' ? null : line[before],
      share: line[step] / largest,
    };
  });
}

const COLUMNS: Column<Step>[] = [
  { name: text.stepColumn, cell: ({ step }) => text.funnelSteps[step] },
  { name: text.count, number: true, cell: (row) => count(row.count) },
  { name: text.ofLargest, cell: ({ share }) => <Bar share={share} /> },
  { name: text.ofBefore, number: true, cell: ({ count: n, before }) => (before === null ? NOTHING : percent(n, before)) },
];

export function FunnelPanel({ shown }: { shown: Shown<Funnel> }) {
  return (
    <Panel
      id="funnel"
      title={text.funnel}
      note={text.funnelNote}
      shown={shown}
      isEmpty={({ funnel }) => funnel.length === 0}
      empty={text.noFunnel}
    >
      {({ funnel }) => (
        <Table
          caption={text.funnel}
          columns={COLUMNS}
          rows={funnel.flatMap(stepsOf)}
          keyOf={({ step }) => step}
          dataOf={({ step, count: n }) => ({ 'data-testid': 'funnel-row', 'data-step': step, 'data-count': n })}
        />
      )}
    </Panel>
  );
}

const CHANNELS: Column<FunnelLine>[] = [
  { name: text.channel, cell: (line) => line.value },
  { name: text.shares, number: true, cell: (line) => count(line.shares) },
  { name: text.visits, number: true, cell: (line) => count(line.visits) },
  { name: text.opened, number: true, cell: (line) => count(line.opened) },
  { name: text.generated, number: true, cell: (line) => count(line.generated) },
  { name: text.qualified, number: true, cell: (line) => count(line.qualified) },
  {
    name: text.perHundred,
    number: true,
    cell: (line) => (line.shares === 0 ? NOTHING : decimal((100 * line.qualified) / line.shares, 1)),
  },
];

export function ChannelsPanel({ shown }: { shown: Shown<Funnel> }) {
  return (
    <Panel
      id="channels"
      title={text.channels}
      note={text.channelsNote}
      shown={shown}
      isEmpty={({ funnel }) => funnel.length === 0}
      empty={text.noFunnel}
    >
      {({ funnel }) => (
        <Table
          caption={text.channels}
          columns={CHANNELS}
          rows={funnel}
          keyOf={(line) => line.value}
          dataOf={(line) => ({
            'data-testid': 'growth-channel-row',
            'data-channel': line.value,
            'data-shares': line.shares,
            'data-visits': line.visits,
            'data-qualified': line.qualified,
          })}
        />
      )}
    </Panel>
  );
}
