// In: what pages observed. Out: one table for each kind. Never: an observed lead called a confirmed one.

import type { Activity, ActivityKind, Tally, Trouble } from '../../api/types.ts';
import { count, decimal, NOTHING } from '../../format/number.ts';
import type { Shown } from '../../state/resource.ts';
import { text } from '../../text/en.ts';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

const columns = (views: number): Column<Tally>[] => [
  { name: text.name, cell: (row) => <span class="event-name">{row.name}</span> },
  { name: text.count, number: true, cell: (row) => count(row.count) },
  { name: text.per100, number: true, cell: (row) => (views === 0 ? NOTHING : decimal((row.count / views) * 100, 1)) },
];

export function Kind({ kind, activity }: { kind: ActivityKind | Trouble; activity: Activity }) {
  const rows = activity[kind];
  return (
    <div class="kind">
      <h3>{text.activityNames[kind]}</h3>
      {rows.length === 0 ? (
        <p class="nothing">{text.noActivity[kind]}</p>
      ) : (
        <Table
          caption={text.activityNames[kind]}
          columns={columns(activity.views)}
          rows={rows}
          keyOf={(row) => row.name}
          dataOf={(row) => ({
            'data-testid': 'activity-row',
            'data-kind': kind,
            'data-name': row.name,
            'data-count': row.count,
          })}
        />
      )}
    </div>
  );
}

/** Errors stand among what is wrong. */
const SHOWN = ['leads', 'conversions', 'custom'] as const satisfies readonly ActivityKind[];

export function ActivityPanel({ shown }: { shown: Shown<Activity> }) {
  const note = shown.state === 'ready' ? text.activityNote(count(shown.data.views), shown.data.views) : undefined;
  return (
    <Panel id="activity" title={text.activity} note={note} shown={shown}>
      {(activity) => (
        <div class="kinds">
          {SHOWN.map((kind) => (
            <Kind key={kind} kind={kind} activity={activity} />
          ))}
        </div>
      )}
    </Panel>
  );
}
