// In: the API's tokens. Out: a table, a form that makes one, and the new one, once. Never: a token shown again.

import { useState } from 'preact/hooks';
import { SCOPES, type NewToken, type Scope, type Token, type Tokens } from '../../api/admin.ts';
import { send } from '../../api/client.ts';
import { dateTime } from '../../format/time.ts';
import { useAction } from '../../state/action.ts';
import { useResource } from '../../state/useResource.ts';
import { accessText as text } from '../../text/access.ts';
import { CopyLine } from '../CopyLine.tsx';
import { Field, Form, FormFailure } from '../Form.tsx';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { Table, type Column } from '../Table.tsx';
import { Remove } from './Remove.tsx';

function AddToken({ onDone }: { onDone: () => void }) {
  const action = useAction();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [day, setDay] = useState('');
  const [made, setMade] = useState<NewToken | null>(null);
  const submit = async (): Promise<void> => {
    const scopes: Scope[] = scope === 'admin' ? ['read', 'admin'] : ['read'];
    const expires = day === '' ? {} : { expires: `${day}T23:59:59Z` };
    setMade(await send<NewToken>('POST', '/api/v1/tokens', { name, scopes, ...expires }));
    setName('');
    onDone();
  };
  return (
    <section class="panel" aria-labelledby="add-token">
      <h2 id="add-token">{text.addToken}</h2>
      <p class="note">{text.tokensNote}</p>
      <Form action={action} testId="add-token" label={text.addToken} submit={text.make} onSubmit={submit}>
        <Field label={text.name} value={name} onValue={setName} testId="add-token-name" />
        <Picker label={text.scope} testId="add-token-scope" choices={SCOPES} chosen={scope} nameOf={(one) => text.scopes[one]} onChoice={setScope} />
        <Field label={text.expires} value={day} onValue={setDay} testId="add-token-expires" type="date" hint={text.expiresHint} required={false} />
      </Form>
      {made !== null && (
        <div class="notice notice-new" role="status">
          <p>{text.tokenOnce}</p>
          <CopyLine line={made.token} testId="new-token" />
        </div>
      )}
    </section>
  );
}

const when = (time: string | null) => (time === null ? text.never : <time dateTime={time}>{dateTime(time)}</time>);

export function TokensTab() {
  const [turn, setTurn] = useState(0);
  const again = (): void => setTurn((n) => n + 1);
  const tokens = useResource<Tokens>('/api/v1/tokens', turn);
  const action = useAction();
  const remove = (id: string) => async (): Promise<void> => {
    await send('DELETE', `/api/v1/tokens/${encodeURIComponent(id)}`);
    again();
  };
  const columns: Column<Token>[] = [
    { name: text.name, cell: ({ name }) => <span class="path">{name}</span> },
    { name: text.scope, cell: ({ scopes }) => text.scopes[scopes.includes('admin') ? 'admin' : 'read'] },
    { name: text.created, cell: ({ created }) => when(created) },
    { name: text.lastUsed, cell: ({ last_used }) => when(last_used) },
    { name: text.expires, cell: ({ expires }) => when(expires) },
    { name: text.remove, cell: ({ id, name }) => <Remove what={name} action={action} onRemove={remove(id)} /> },
  ];
  return (
    <>
      <AddToken onDone={again} />
      <FormFailure action={action} />
      <Panel id="tokens" title={text.tokens} shown={tokens} isEmpty={(of) => of.tokens.length === 0} empty={text.noTokens}>
        {(of) => (
          <Table
            caption={text.tokens}
            columns={columns}
            rows={of.tokens}
            keyOf={({ id }) => id}
            dataOf={({ id, name, scopes, created, last_used, expires }) => ({ 'data-testid': 'token-row', 'data-id': id, 'data-name': name, 'data-scopes': scopes.join(' '), 'data-created': created, 'data-last-used': last_used ?? '', 'data-expires': expires ?? '' })}
          />
        )}
      </Panel>
    </>
  );
}
