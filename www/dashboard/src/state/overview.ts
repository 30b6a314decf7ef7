// In: a selection and a counter of refreshes. Out: what each panel of the overview shows. Never: a
// request for a selection that is no longer the one shown.

import { useEffect, useMemo, useReducer } from 'preact/hooks';
import { addressesOf } from '../api/addresses.ts';
import { get } from '../api/client.ts';
import type { Activity, Dimensions, Pages, Series, Shares, Sites, Vitals } from '../api/types.ts';
import { Resource, type Shown } from './resource.ts';
import type { Selection } from './selection.ts';

/** Everything the overview shows. */
export interface Overview {
  sites: Shown<Sites>;
  dimensions: Shown<Dimensions>;
  vitals: Shown<Vitals>;
  series: Shown<Series>;
  pages: Shown<Pages>;
  shares: Shown<Shares>;
  activity: Shown<Activity>;
}

function useResource<T>(address: string, turn: number): Shown<T> {
  const resource = useMemo(() => new Resource<T>(get), []);
  const [, render] = useReducer((n: number) => n + 1, 0);
  useEffect(() => resource.subscribe(() => render(undefined)), [resource]);
  useEffect(() => void resource.show(address), [resource, address]);
  useEffect(() => void (turn > 0 && resource.refresh()), [resource, turn]);
  return resource.under(address);
}

/** Loads the overview of a selection, and again whenever `turn` grows. */
export function useOverview(selection: Selection, turn: number): Overview {
  const addresses = addressesOf(selection);
  return {
    sites: useResource(addresses.sites, turn),
    dimensions: useResource(addresses.dimensions, turn),
    vitals: useResource(addresses.vitals, turn),
    series: useResource(addresses.series, turn),
    pages: useResource(addresses.pages, turn),
    shares: useResource(addresses.shares, turn),
    activity: useResource(addresses.activity, turn),
  };
}

/** How far the overview is. */
export interface Progress {
  /** Whether something has not been answered yet. */
  loading: boolean;
  /** Panels whose latest request failed. */
  failed: number;
  /** When the oldest data on show came, in ms since 1970; null if there is none. */
  oldest: number | null;
}

/** Sums up the states of an overview's parts. */
export function progressOf(overview: Overview): Progress {
  const parts: Shown<unknown>[] = Object.values(overview);
  const times = parts.flatMap((part) => (part.state === 'ready' ? [part.at] : []));
  return {
    loading: parts.some((part) => part.state === 'loading'),
    failed: parts.filter((part) => part.state === 'failed' || (part.state === 'ready' && part.failure !== null)).length,
    oldest: times.length === 0 ? null : Math.min(...times),
  };
}
