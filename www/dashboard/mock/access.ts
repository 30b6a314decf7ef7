// In: requests about who is signed in, and what an administrator keeps. Out: plausible answers, in memory. Never: part
// of the built dashboard.
//
// The cookie `mock` chooses what there is: `required` (a login), `setup` (no user yet), else no login. Names are `admin`,
// `analyst` and `viewer`, the password is "correct horse battery", and the set-up secret is "first".

import { ROLES, SCOPES, type AuditEntry, type Role, type Session, type Token, type User } from '../src/api/admin.ts';
import { addSite, fleetOf } from './sites.ts';

export interface Ask {
  method: string;
  name: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  cookies: Record<string, string>;
  csrf: string | undefined;
}

export interface Said {
  status: number;
  body: object | null;
  cookie?: string;
}

const PASSWORD = 'correct horse battery';
const CSRF = 'mock-csrf';
const SINCE = '2026-06-01T08:00:00Z';

const users: User[] = [
  { name: 'admin', role: 'admin', created: SINCE, last_seen: '2026-11-30T21:40:00Z', locked: false },
  { name: 'analyst', role: 'analyst', created: SINCE, last_seen: '2026-11-29T07:12:00Z', locked: false },
  { name: 'viewer', role: 'viewer', created: SINCE, last_seen: null, locked: true },
];
const tokens: Token[] = [{ id: 't1', name: 'Weekly report', scopes: ['read'], created: SINCE, last_used: '2026-11-30T06:00:00Z', expires: null }];
const audit: AuditEntry[] = Array.from({ length: 130 }, (_, index) => ({
  at: new Date(Date.parse('2026-11-30T20:00:00Z') - index * 7_200_000).toISOString(),
  who: index % 3 === 0 ? 'admin' : 'command line',
  action: index % 2 === 0 ? 'site.add' : 'user.role',
  what: index % 2 === 0 ? `shop-${index}.4site.pro` : 'viewer: viewer to analyst',
}));

const problem = (status: number, code: string, detail: string, more: object = {}): Said => ({ status, body: { type: 'about:blank', title: code, status, code, detail, ...more } });
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function sessionOf({ cookies }: Ask): Session {
  const mode = cookies['mock'];
  const name = cookies['mock_user'] ?? '';
  const role = users.find((user) => user.name === name)?.role;
  const user = role === undefined ? null : { name, role };
  return { user, login: mode === 'required' || mode === 'setup' ? 'required' : 'off', setup: mode === 'setup' && user === null, oidc: false, csrf: CSRF };
}

const signedIn = (ask: Ask, name: string, status: number): Said => ({
  status,
  body: sessionOf({ ...ask, cookies: { ...ask.cookies, mock_user: name } }),
  cookie: `mock_user=${name}; Path=/; HttpOnly; SameSite=Strict`,
});

function begin(ask: Ask): Said {
  const name = text(ask.body['name']);
  const user = users.find((one) => one.name === name);
  if (user?.locked) {
    return { ...problem(429, 'locked', 'too many wrong passwords: try again later') };
  }
  return user === undefined || ask.body['password'] !== PASSWORD ? problem(401, 'wrong_password', 'the name or the password is wrong') : signedIn(ask, name, 200);
}

function setUp(ask: Ask): Said {
  if (ask.body['secret'] !== 'first') {
    return problem(401, 'setup_invalid', 'the link is not good');
  }
  const name = text(ask.body['name']);
  if (!users.some((user) => user.name === name)) {
    users.push({ name, role: 'admin', created: new Date().toISOString(), last_seen: null, locked: false });
  }
  return signedIn(ask, name, 201);
}

const snippetOf = (site: string): object => ({ site, token: `fs1_${site.length}_mock`, snippet: `<script async src="https://rum.4site.pro/beacon.js" data-site="fs1_${site.length}_mock"></script>` });

function addUser({ body }: Ask): Said {
  const name = text(body['name']);
  if (users.some((user) => user.name === name)) {
    return problem(409, 'user_exists', 'there is a user of this name', { field: 'name', rule: 'must be new' });
  }
  const user: User = { name, role: ROLES.find((role) => role === body['role']) ?? 'viewer', created: new Date().toISOString(), last_seen: null, locked: false };
  users.push(user);
  return { status: 201, body: user };
}

function addToken({ body }: Ask): Said {
  const wanted = Array.isArray(body['scopes']) ? body['scopes'] : [];
  const token: Token = { id: `t${tokens.length + 1}_${Date.now()}`, name: text(body['name']), scopes: SCOPES.filter((scope) => wanted.includes(scope)), created: new Date().toISOString(), last_used: null, expires: text(body['expires']) || null };
  tokens.push(token);
  return { status: 201, body: { ...token, token: 'fsa_mockmockmockmockmockmock' } };
}

function remove<T>(list: T[], is: (one: T) => boolean): Said {
  const index = list.findIndex(is);
  if (index < 0) {
    return problem(404, 'not_found', 'there is none of this name');
  }
  list.splice(index, 1);
  return { status: 204, body: null };
}

function addHost({ body }: Ask): Said {
  const host = text(body['host']);
  if (!/^[a-z0-9.-]+\.[a-z]+$/.test(host)) {
    return problem(422, 'field_invalid', 'this is not a host', { field: 'host', rule: 'must be a host name' });
  }
  addSite(host);
  return { status: 201, body: snippetOf(host) };
}

function auditOf({ query }: Ask): Said {
  const start = Number(query.get('after') ?? 0);
  const end = start + Number(query.get('limit') ?? 100);
  return { status: 200, body: { entries: audit.slice(start, end), next: end < audit.length ? String(end) : null } };
}

function changeRole(name: string, { body }: Ask): Said {
  const user = users.find((one) => one.name === name);
  const role: Role | undefined = ROLES.find((one) => one === body['role']);
  if (user === undefined || role === undefined) {
    return problem(404, 'not_found', 'there is no such user');
  }
  user.role = role;
  return { status: 200, body: user };
}

/** What an administrator may ask. */
function administer(ask: Ask): Said | null {
  const { method, name } = ask;
  const [room, id = ''] = name.split('/').map(decodeURIComponent);
  const whole: Record<string, () => Said> = {
    'GET users': () => ({ status: 200, body: { users } }),
    'POST users': () => addUser(ask),
    'GET tokens': () => ({ status: 200, body: { tokens } }),
    'POST tokens': () => addToken(ask),
    'GET audit': () => auditOf(ask),
    'POST sites': () => addHost(ask),
  };
  const single: Record<string, () => Said> = {
    'PATCH users': () => changeRole(id, ask),
    'DELETE users': () => remove(users, (user) => user.name === id),
    'DELETE tokens': () => remove(tokens, (token) => token.id === id),
  };
  return (id === '' ? whole : single)[`${method} ${room}`]?.() ?? null;
}

const SETTINGS = { keep_hours_days: 35, keep_single_days: 100, keep_days: 400, public_url: 'https://rum.4site.pro', version: '0.2.0' };

/** The answer, or null if this file does not know the address. */
export function accessAnswer(ask: Ask): Said | null {
  const { method, name } = ask;
  const session = sessionOf(ask);
  const open: Record<string, () => Said> = {
    'GET session': () => ({ status: 200, body: session }),
    'POST session': () => begin(ask),
    'DELETE session': () => ({ status: 204, body: null, cookie: 'mock_user=; Path=/; Max-Age=0' }),
    'POST setup': () => setUp(ask),
  };
  const answered = open[`${method} ${name}`]?.();
  if (answered !== undefined) {
    return answered;
  }
  if (session.login === 'required' && session.user === null) {
    return problem(401, 'not_signed_in', 'sign in first');
  }
  if (method !== 'GET' && ask.csrf !== CSRF) {
    return problem(403, 'csrf_invalid', 'the header X-Foresight-CSRF is wrong');
  }
  if (name === 'session/password' && method === 'PUT') {
    return ask.body['old'] === PASSWORD ? { status: 200, body: session } : problem(401, 'wrong_password', 'the present password is wrong');
  }
  if (name === 'settings') {
    return { status: 200, body: SETTINGS };
  }
  const host = /^sites\/([^/]+)\/snippet$/.exec(name)?.[1];
  if (host !== undefined) {
    const site = decodeURIComponent(host);
    return fleetOf().some((one) => one.site === site) ? { status: 200, body: snippetOf(site) } : problem(404, 'not_found', 'there is no such site');
  }
  const isAdmin = session.login === 'off' || session.user?.role === 'admin';
  const isFor = /^(users|tokens|audit)(\/|$)/.test(name) || (name === 'sites' && method === 'POST');
  return isFor && !isAdmin ? problem(403, 'not_allowed', 'this needs the role admin') : administer(ask);
}
