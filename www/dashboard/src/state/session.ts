// In: who the collector says is signed in. Out: the session, and ways to begin and to end it. Never: numbers asked
// for before it is known whether they may be.

import { useCallback, useEffect, useState } from 'preact/hooks';
import { ROLES, type Role, type Session } from '../api/admin.ts';
import { failureFrom, get, listenSignedOut, send, setSecret } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';

const ADDRESS = '/api/v1/session';
/** A collector without a login has no such address. */
const OPEN: Session = { user: null, login: 'off', setup: false, oidc: false, csrf: '' };

export type SessionState = { state: 'loading' } | { state: 'failed'; failure: Failure } | { state: 'ready'; session: Session };

/** The session and what can be done about it. */
export interface SessionDesk {
  shown: SessionState;
  /** Takes over an answer that began a session. */
  begin: (session: Session) => void;
  leave: () => Promise<void>;
  again: () => void;
}

/** Whether the one who is signed in may do what `role` may. Without a login everybody may. */
export function may(session: Session, role: Role): boolean {
  return session.login === 'off' || (session.user !== null && ROLES.indexOf(session.user.role) >= ROLES.indexOf(role));
}

async function load(): Promise<SessionState> {
  try {
    return { state: 'ready', session: await get<Session>(ADDRESS, AbortSignal.timeout(30_000)) };
  } catch (cause) {
    const failure = failureFrom(cause);
    return failure.status === 404 ? { state: 'ready', session: OPEN } : { state: 'failed', failure };
  }
}

export function useSession(): SessionDesk {
  const [shown, setShown] = useState<SessionState>({ state: 'loading' });
  const show = useCallback((next: SessionState) => {
    setSecret(next.state === 'ready' ? next.session.csrf : '');
    setShown(next);
  }, []);
  const again = useCallback(() => void load().then(show), [show]);
  useEffect(() => {
    listenSignedOut(again);
    again();
  }, [again]);
  const begin = useCallback((session: Session) => show({ state: 'ready', session }), [show]);
  const leave = useCallback(async () => {
    await send('DELETE', ADDRESS);
    again();
  }, [again]);
  return { shown, begin, leave, again };
}
