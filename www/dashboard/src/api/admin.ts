// The answers about who is signed in, and about what an administrator keeps, as docs/api.md describes them. In:
// nothing. Out: types. Never: a field that docs/api.md does not name.

export const ROLES = ['viewer', 'analyst', 'admin'] as const;
/** What somebody may do; each role may do what those before it may. */
export type Role = (typeof ROLES)[number];

export interface Session {
  /** Null: not signed in. */
  user: { name: string; role: Role } | null;
  login: 'required' | 'off';
  /** Whether there is no user yet. */
  setup: boolean;
  /** Whether one can sign in by single sign-on. */
  oidc: boolean;
  /** Goes with every request that changes something. */
  csrf: string;
}

export interface User {
  name: string;
  role: Role;
  created: string;
  last_seen: string | null;
  locked: boolean;
}

export interface Users {
  users: User[];
}

export const SCOPES = ['read', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Token {
  id: string;
  name: string;
  scopes: Scope[];
  created: string;
  last_used: string | null;
  expires: string | null;
}

export interface Tokens {
  tokens: Token[];
}

/** A token that was just made. `token` is told once. */
export interface NewToken extends Token {
  token: string;
}

export interface AuditEntry {
  at: string;
  who: string;
  action: string;
  what: string;
}

export interface Audit {
  entries: AuditEntry[];
  next: string | null;
}

export interface Snippet {
  site: string;
  token: string;
  snippet: string;
}

export interface Settings {
  keep_hours_days: number;
  keep_single_days: number;
  keep_days: number;
  public_url: string | null;
  version: string;
}
