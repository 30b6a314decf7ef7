// In: who is signed in. Out: that, and a form that changes the password. Never: a form where there is no login.

import { useState } from 'preact/hooks';
import type { Session } from '../../api/admin.ts';
import { send } from '../../api/client.ts';
import { useAction } from '../../state/action.ts';
import { accessText as text } from '../../text/access.ts';
import { Field, Form } from '../Form.tsx';

function Password({ onSession }: { onSession: (session: Session) => void }) {
  const action = useAction();
  const [old, setOld] = useState('');
  const [wanted, setWanted] = useState('');
  const [done, setDone] = useState(false);
  const submit = async (): Promise<void> => {
    setDone(false);
    // The session is a new one, with a new secret.
    onSession(await send<Session>('PUT', '/api/v1/session/password', { old, new: wanted }));
    setOld('');
    setWanted('');
    setDone(true);
  };
  return (
    <>
      <h3>{text.changePassword}</h3>
      <Form action={action} testId="password" label={text.changePassword} submit={text.changePassword} onSubmit={submit}>
        <Field label={text.oldPassword} value={old} onValue={setOld} testId="password-old" type="password" autocomplete="current-password" />
        <Field label={text.newPassword} value={wanted} onValue={setWanted} testId="password-new" type="password" autocomplete="new-password" hint={text.passwordHint} minLength={12} />
      </Form>
      <p role="status" data-testid="password-done">
        {done ? text.passwordChanged : ''}
      </p>
    </>
  );
}

export function AccountTab({ session, onSession }: { session: Session; onSession: (session: Session) => void }) {
  const { user } = session;
  return (
    <section class="panel" aria-labelledby="account" data-testid="panel-account">
      <h2 id="account">{text.account}</h2>
      <p class="note">{user === null ? text.noLogin : text.accountNote(user.name, text.roles[user.role])}</p>
      {user !== null && <Password onSession={onSession} />}
    </section>
  );
}
