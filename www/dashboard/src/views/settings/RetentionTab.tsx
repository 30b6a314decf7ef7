// In: the collector's settings. Out: what is kept for how long, and which collector this is. Never: a setting that seems
// to be changeable here.

import type { Settings } from '../../api/admin.ts';
import { count } from '../../format/number.ts';
import { useResource } from '../../state/useResource.ts';
import { accessText as text } from '../../text/access.ts';
import { Panel } from '../Panel.tsx';
import { Table } from '../Table.tsx';

const KEEPS = ['keep_hours_days', 'keep_single_days', 'keep_days'] as const;

export function RetentionTab() {
  const settings = useResource<Settings>('/api/v1/settings', 0);
  return (
    <>
      <Panel id="retention" title={text.retention} note={text.retentionNote} shown={settings}>
        {(of) => (
          <Table
            caption={text.retention}
            columns={[
              { name: text.what, cell: (keep) => text.keeps[keep] },
              { name: text.keptFor, number: true, cell: (keep) => text.days(count(of[keep]), of[keep]) },
              { name: text.setting, cell: (keep) => <code>{keep}</code> },
            ]}
            rows={[...KEEPS]}
            keyOf={(keep) => keep}
            dataOf={(keep) => ({ 'data-testid': 'keep-row', 'data-setting': keep, 'data-days': of[keep] })}
          />
        )}
      </Panel>
      <Panel id="about" title={text.about} shown={settings}>
        {(of) => (
          <dl class="facts">
            <dt>{text.version}</dt>
            <dd data-testid="version">{of.version}</dd>
            <dt>{text.publicUrl}</dt>
            <dd>{of.public_url ?? text.notSet}</dd>
          </dl>
        )}
      </Panel>
    </>
  );
}
