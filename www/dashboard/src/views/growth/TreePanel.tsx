// In: how deep shares and owners lead to one another, and how long that takes. Out: two tables and two times.
// Never: a time of conversions that could not be watched.

import type { Cycle, Depth, Tree } from '../../api/growth.ts';
import { Bar } from '../../charts/Whisker.tsx';
import { count } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import type { Shown } from '../../state/resource.ts';
import { growthText as text } from '../../text/growth.ts';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

const columnsOf = (name: string, largest: number): Column<Depth>[] => [
  { name: text.depth, cell: ({ depth }) => String(depth) },
  { name, number: true, cell: (row) => count(row.count) },
  { name: text.ofLargest, cell: (row) => <Bar share={row.count / largest} /> },
  { name: text.conversions, number: true, cell: ({ qualified }) => count(qualified) },
];

function Depths({ kind, title, name, rows }: { kind: string; title: string; name: string; rows: Depth[] }) {
  const largest = Math.max(1, ...rows.map((row) => row.count));
  return (
    <div class="kind">
      <h3>{title}</h3>
      <Table
        caption={title}
        columns={columnsOf(name, largest)}
        rows={rows}
        keyOf={({ depth }) => String(depth)}
        dataOf={({ depth, count: n }) => ({ 'data-testid': 'depth-row', 'data-kind': kind, 'data-depth': depth, 'data-count': n })}
      />
    </div>
  );
}

export function TreePanel({ shown }: { shown: Shown<Tree> }) {
  return (
    <Panel
      id="tree"
      title={text.tree}
      note={text.treeNote}
      shown={shown}
      isEmpty={({ shares, owners }) => shares.length === 0 && owners.length === 0}
      empty={text.noTree}
    >
      {({ shares, owners }) => (
        <div class="kinds">
          <Depths kind="shares" title={text.shareDepth} name={text.shares} rows={shares} />
          <Depths kind="owners" title={text.ownerDepth} name={text.owners} rows={owners} />
        </div>
      )}
    </Panel>
  );
}

function Time({ ms, says, testId }: { ms: number | null; says: string; testId: string }) {
  return (
    <div data-testid={testId} data-value={ms ?? ''}>
      <p class={ms === null ? 'figure-none' : 'figure-number'}>{ms === null ? text.noCycle : duration(ms)}</p>
      <p class="note">{says}</p>
    </div>
  );
}

export function CyclePanel({ shown }: { shown: Shown<Cycle> }) {
  const note = shown.state === 'ready' ? text.cycleNote(shown.data.within_days) : undefined;
  return (
    <Panel id="cycle" title={text.cycle} note={note} shown={shown}>
      {({ p50_ms, p90_ms, conversions }) => (
        <>
          <div class="figures">
            <Time ms={p50_ms} says={text.cycleP50} testId="cycle-p50" />
            <Time ms={p90_ms} says={text.cycleP90} testId="cycle-p90" />
          </div>
          <p class="note">{text.cycleOf(count(conversions), conversions)}</p>
        </>
      )}
    </Panel>
  );
}
