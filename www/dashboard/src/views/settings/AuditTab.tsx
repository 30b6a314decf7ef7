// In: who changed what. Out: a table, page by page. Never: an entry left out between two pages.

import { useState } from 'preact/hooks';
import type { Audit, AuditEntry } from '../../api/admin.ts';
import { get } from '../../api/client.ts';
import { dateTime } from '../../format/time.ts';
import { useAction } from '../../state/action.ts';
import { useResource } from '../../state/useResource.ts';
import { accessText as text } from '../../text/access.ts';
import { FormFailure } from '../Form.tsx';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

const FIRST = '/api/v1/audit?limit=100';

const COLUMNS: Column<AuditEntry>[] = [
  { name: text.at, cell: ({ at }) => <time dateTime={at}>{dateTime(at)}</time> },
  { name: text.who, cell: ({ who }) => who },
  { name: text.action, cell: ({ action }) => <code>{action}</code> },
  { name: text.what, cell: ({ what }) => <span class="path">{what}</span> },
];

export function AuditTab() {
  const first = useResource<Audit>(FIRST, 0);
  const [more, setMore] = useState<Audit | null>(null);
  const action = useAction();
  const entries = (of: Audit): AuditEntry[] => [...of.entries, ...(more?.entries ?? [])];
  const next = (of: Audit): string | null => (more === null ? of.next : more.next);
  const load = (after: string): void =>
    void action.run(async () => {
      const answer = await get<Audit>(`${FIRST}&after=${encodeURIComponent(after)}`, AbortSignal.timeout(20_000));
      setMore({ entries: [...(more?.entries ?? []), ...answer.entries], next: answer.next });
    });
  return (
    <Panel id="audit" title={text.audit} note={text.auditNote} shown={first} isEmpty={(of) => of.entries.length === 0} empty={text.noAudit}>
      {(of) => {
        const after = next(of);
        return (
          <>
            <Table
              caption={text.audit}
              columns={COLUMNS}
              rows={entries(of)}
              keyOf={({ at, who, action: done, what }) => `${at} ${who} ${done} ${what}`}
              dataOf={({ at, who, action: done, what }) => ({ 'data-testid': 'audit-row', 'data-at': at, 'data-who': who, 'data-action': done, 'data-what': what })}
            />
            {after !== null && (
              <button type="button" class="button" data-testid="audit-more" disabled={action.busy} onClick={() => load(after)}>
                {text.more}
              </button>
            )}
            <FormFailure action={action} />
          </>
        );
      }}
    </Panel>
  );
}
