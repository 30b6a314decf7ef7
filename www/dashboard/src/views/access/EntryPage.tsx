// In: whether there is a user yet. Out: the way in: signing in, or making the first user. Never: a password kept after
// it was sent, or in an address.

import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../../api/admin.ts';
import { send } from '../../api/client.ts';
import { useAction } from '../../state/action.ts';
import { text as all } from '../../text/en.ts';
import { accessText as text } from '../../text/access.ts';
import { Field, Form } from '../Form.tsx';
import { Mark } from '../Header.tsx';

export interface EntryProps {
  setup: boolean;
  /** Whether there is single sign-on. */
  oidc: boolean;
  onSession: (session: Session) => void;
}

function SignIn({ onSession }: Pick<EntryProps, 'onSession'>) {
  const action = useAction();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (): Promise<void> => {
    try {
      onSession(await send<Session>('POST', '/api/v1/session', { name, password }));
    } finally {
      setPassword('');
    }
  };
  return (
    <Form action={action} testId="sign-in" label={text.signIn} submit={text.signIn} onSubmit={submit}>
      <Field label={text.name} value={name} onValue={setName} testId="sign-in-name" autocomplete="username" />
      <Field label={text.password} value={password} onValue={setPassword} testId="sign-in-password" type="password" autocomplete="current-password" />
    </Form>
  );
}

/** The secret of the link that the collector printed: `/#setup=…`, which no server sees. Empty: none. */
function secretOfLink(): string {
  return new URLSearchParams(location.hash.slice(1)).get('setup') ?? '';
}

function SetUp({ onSession }: Pick<EntryProps, 'onSession'>) {
  const action = useAction();
  const [secret, setSecret] = useState(secretOfLink);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (): Promise<void> => {
    const session = await send<Session>('POST', '/api/v1/setup', { secret, name, password });
    // It is good once: it has no place in the history.
    history.replaceState(null, '', `${location.pathname}${location.search}`);
    onSession(session);
  };
  return (
    <Form action={action} testId="set-up" label={text.setUp} submit={text.makeFirst} onSubmit={submit}>
      <Field label={text.secret} value={secret} onValue={setSecret} testId="set-up-secret" hint={text.secretHint} />
      <Field label={text.name} value={name} onValue={setName} testId="set-up-name" autocomplete="username" />
      <Field label={text.password} value={password} onValue={setPassword} testId="set-up-password" type="password" autocomplete="new-password" hint={text.passwordHint} minLength={12} />
    </Form>
  );
}

export function EntryPage({ setup, oidc, onSession }: EntryProps) {
  const title = setup ? text.setUp : text.signIn;
  useEffect(() => {
    document.title = all.title(title);
  }, [title]);
  return (
    <main class="entry">
      <section class="panel entry-panel" aria-labelledby="entry-title">
        <p class="brand">
          <Mark />
          {all.product}
        </p>
        <h1 id="entry-title">{title}</h1>
        <p class="note">{setup ? text.setUpNote : text.signInNote}</p>
        {setup ? <SetUp onSession={onSession} /> : <SignIn onSession={onSession} />}
        {oidc && (
          <p>
            <a class="button" href="/api/v1/session/oidc" data-testid="sign-in-oidc">
              {text.singleSignOn}
            </a>
          </p>
        )}
      </section>
    </main>
  );
}
