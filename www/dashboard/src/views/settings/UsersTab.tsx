// In: the users. Out: a table in which roles can be changed, and a form that adds one. Never: a way to remove oneself by
// accident.

import { useState } from 'preact/hooks';
import { ROLES, type Role, type Session, type User, type Users } from '../../api/admin.ts';
import { send } from '../../api/client.ts';
import { dateTime } from '../../format/time.ts';
import { useAction } from '../../state/action.ts';
import { useResource } from '../../state/useResource.ts';
import { accessText as text } from '../../text/access.ts';
import { Field, Form, FormFailure } from '../Form.tsx';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { Table, type Column } from '../Table.tsx';
import { Remove } from './Remove.tsx';

const addressOf = (name: string): string => `/api/v1/users/${encodeURIComponent(name)}`;

function AddUser({ onDone }: { onDone: () => void }) {
  const action = useAction();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const submit = async (): Promise<void> => {
    await send<User>('POST', '/api/v1/users', { name, role, password });
    setName('');
    setPassword('');
    onDone();
  };
  return (
    <section class="panel" aria-labelledby="add-user">
      <h2 id="add-user">{text.addUser}</h2>
      <p class="note">{text.rolesNote}</p>
      <Form action={action} testId="add-user" label={text.addUser} submit={text.add} onSubmit={submit}>
        <Field label={text.name} value={name} onValue={setName} testId="add-user-name" />
        <Picker label={text.role} testId="add-user-role" choices={ROLES} chosen={role} nameOf={(one) => text.roles[one]} onChoice={setRole} />
        <Field label={text.password} value={password} onValue={setPassword} testId="add-user-password" type="password" autocomplete="new-password" hint={text.passwordHint} minLength={12} />
      </Form>
    </section>
  );
}

export function UsersTab({ session }: { session: Session }) {
  const [turn, setTurn] = useState(0);
  const again = (): void => setTurn((n) => n + 1);
  const users = useResource<Users>('/api/v1/users', turn);
  const action = useAction();
  const change = (name: string, role: Role): void =>
    void action.run(async () => {
      await send('PATCH', addressOf(name), { role });
      again();
    });
  const remove = (name: string) => async (): Promise<void> => {
    await send('DELETE', addressOf(name));
    again();
  };
  const isSelf = (name: string): boolean => session.user?.name === name;
  const columns: Column<User>[] = [
    { name: text.name, cell: ({ name }) => <span class="path">{name}</span> },
    {
      name: text.role,
      cell: ({ name, role }) =>
        isSelf(name) ? text.roles[role] : <Picker label={text.changeRole(name)} testId="user-role" choices={ROLES} chosen={role} nameOf={(one) => text.roles[one]} onChoice={(next) => change(name, next)} />,
    },
    { name: text.created, cell: ({ created }) => <time dateTime={created}>{dateTime(created)}</time> },
    { name: text.lastSeen, cell: (user) => (user.last_seen === null ? text.never : <time dateTime={user.last_seen}>{dateTime(user.last_seen)}</time>) },
    { name: text.state, cell: ({ locked }) => <span class={locked ? 'ink-poor' : undefined}>{locked ? text.locked : text.active}</span> },
    { name: text.remove, cell: ({ name }) => !isSelf(name) && <Remove what={name} action={action} onRemove={remove(name)} /> },
  ];
  return (
    <>
      <AddUser onDone={again} />
      <FormFailure action={action} />
      <Panel id="users" title={text.users} shown={users} isEmpty={(of) => of.users.length === 0} empty={text.noUsers}>
        {(of) => (
          <Table
            caption={text.users}
            columns={columns}
            rows={of.users}
            keyOf={({ name }) => name}
            dataOf={({ name, role, created, last_seen, locked }) => ({ 'data-testid': 'user-row', 'data-name': name, 'data-role': role, 'data-created': created, 'data-last-seen': last_seen ?? '', 'data-locked': String(locked) })}
          />
        )}
      </Panel>
    </>
  );
}
