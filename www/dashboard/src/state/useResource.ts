// In: an address and a counter of refreshes. Out: what there is to show of it. Never: a request for an
// address that is no longer the one shown.

import { useEffect, useMemo, useReducer } from 'preact/hooks';
import { get } from '../api/client.ts';
import { Failure, isWithheld } from '../api/failure.ts';
import { Resource, type Shown } from './resource.ts';

/** What stands for something that is not asked for, as the collector would refuse it. */
const FOR_ANALYSTS: Shown<never> = { state: 'failed', failure: new Failure('not_allowed', 'needs the role analyst', 403) };

/** Loads an address, and again whenever `turn` grows. Null: nothing is asked for. */
export function useResource<T>(address: string | null, turn: number): Shown<T> {
  const resource = useMemo(() => new Resource<T>(get), []);
  const [, render] = useReducer((n: number) => n + 1, 0);
  useEffect(() => resource.subscribe(() => render(undefined)), [resource]);
  useEffect(() => void (address !== null && resource.show(address)), [resource, address]);
  useEffect(() => void (turn > 0 && address !== null && resource.refresh()), [resource, turn]);
  return address === null ? { state: 'loading' } : resource.under(address);
}

/** Loads what only analysts may read, if the viewer is one. */
export function useForAnalysts<T>(isAnalyst: boolean, address: string, turn: number): Shown<T> {
  const shown = useResource<T>(isAnalyst ? address : null, turn);
  return isAnalyst ? shown : FOR_ANALYSTS;
}

/** How far a page is. */
export interface Progress {
  /** Whether something has not been answered yet. */
  loading: boolean;
  /** Panels whose latest request failed. */
  failed: number;
  /** When the oldest data on show came, in ms since 1970; null if there is none. */
  oldest: number | null;
}

/** Sums up the states of a page's parts. */
export function progressOf(all: object): Progress {
  const parts: Shown<unknown>[] = [...new Set<Shown<unknown>>(Object.values(all))];
  const times = parts.flatMap((part) => (part.state === 'ready' ? [part.at] : []));
  return {
    loading: parts.some((part) => part.state === 'loading'),
    failed: parts.filter((part) => (part.state === 'failed' && !isWithheld(part.failure)) || (part.state === 'ready' && part.failure !== null)).length,
    oldest: times.length === 0 ? null : Math.min(...times),
  };
}
