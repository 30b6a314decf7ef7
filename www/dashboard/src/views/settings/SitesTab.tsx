// In: the sites. Out: their snippets, and a form that adds one. Never: a snippet of another site than the named one.

import { useState } from 'preact/hooks';
import type { Session, Snippet } from '../../api/admin.ts';
import { get, send } from '../../api/client.ts';
import type { Site, Sites } from '../../api/types.ts';
import { count, NOTHING } from '../../format/number.ts';
import { dateTime } from '../../format/time.ts';
import { useAction } from '../../state/action.ts';
import { choicesOf } from '../../state/choices.ts';
import type { Shown } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { accessText as text } from '../../text/access.ts';
import { text as all } from '../../text/en.ts';
import { CopyLine } from '../CopyLine.tsx';
import { Field, Form, FormFailure } from '../Form.tsx';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';

function SnippetPanel({ of }: { of: Snippet }) {
  return (
    <section class="panel" aria-labelledby="snippet-title" data-testid="panel-snippet" data-site={of.site}>
      <h2 id="snippet-title">{text.snippetOf(of.site)}</h2>
      <p class="note">{text.snippetNote}</p>
      <CopyLine line={of.snippet} testId="snippet" />
    </section>
  );
}

function AddSite({ onSnippet }: { onSnippet: (snippet: Snippet) => void }) {
  const action = useAction();
  const [host, setHost] = useState('');
  const submit = async (): Promise<void> => {
    onSnippet(await send<Snippet>('POST', '/api/v1/sites', { host: host.trim().toLowerCase() }));
    setHost('');
  };
  return (
    <section class="panel" aria-labelledby="add-site">
      <h2 id="add-site">{text.addSite}</h2>
      <Form action={action} testId="add-site" label={text.addSite} submit={text.add} onSubmit={submit}>
        <Field label={text.host} value={host} onValue={setHost} testId="add-site-host" hint={text.hostHint} />
      </Form>
    </section>
  );
}

export function SitesTab({ sites, session, onChange }: { sites: Shown<Sites>; session: Session; onChange: () => void }) {
  const [snippet, setSnippet] = useState<Snippet | null>(null);
  const [typed, setTyped] = useState('');
  const action = useAction();
  const show = (site: string): void => void action.run(async () => setSnippet(await get<Snippet>(`/api/v1/sites/${encodeURIComponent(site)}/snippet`, AbortSignal.timeout(20_000))));
  const columns: Column<Site>[] = [
    { name: text.site, cell: ({ site }) => <span class="path">{site}</span> },
    { name: text.template, cell: ({ template, build }) => [template ?? NOTHING, build].filter((one) => one !== null).join(' ') },
    { name: text.added, cell: ({ added }) => <time dateTime={added}>{dateTime(added)}</time> },
    { name: all.views, number: true, cell: ({ views }) => count(views) },
    {
      name: text.showSnippet,
      cell: ({ site }) => (
        <button type="button" class="button" data-testid="show-snippet" onClick={() => show(site)}>
          {text.showSnippet}
          <span class="unseen">: {site}</span>
        </button>
      ),
    },
  ];
  return (
    <>
      {may(session, 'admin') && (
        <AddSite
          onSnippet={(made) => {
            setSnippet(made);
            onChange();
          }}
        />
      )}
      <FormFailure action={action} />
      {snippet !== null && <SnippetPanel key={snippet.site} of={snippet} />}
      <Panel id="sites" title={text.sites} note={text.sitesNote} shown={sites} isEmpty={(of) => of.sites.length === 0} empty={text.noSites}>
        {(of) => {
          const found = choicesOf(of.sites, typed);
          return (
            <>
              <div class="form">
                <Field label={text.find} value={typed} onValue={setTyped} testId="find-site" required={false} />
              </div>
              <Table
                caption={text.sites}
                columns={columns}
                rows={found.sites}
                keyOf={({ site }) => site}
                dataOf={({ site, template, build, added, views }) => ({ 'data-testid': 'site-row', 'data-site': site, 'data-template': template ?? '', 'data-build': build ?? '', 'data-added': added, 'data-views': views })}
              />
              {found.more > 0 && <p class="note">{text.moreSites(count(found.more))}</p>}
            </>
          );
        }}
      </Panel>
    </>
  );
}
