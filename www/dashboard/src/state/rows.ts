// In: the first rows of a long table, and the way to the next ones. Out: the rows so far, and a way to ask for more.
// Never: rows of another question than the one that is shown.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { FleetSite, FleetSites } from '../api/fleet.ts';
import { failureFrom, get } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';

export interface Rows {
  sites: FleetSite[];
  /** Whether there are more than these. */
  more: boolean;
  loading: boolean;
  failure: Failure | null;
  load: () => void;
}

interface Rest {
  /** The first answer that these rows follow. */
  of: FleetSites;
  sites: FleetSite[];
  next: string | null;
  loading: boolean;
  failure: Failure | null;
}

const restOf = (of: FleetSites): Rest => ({ of, sites: [], next: of.next, loading: false, failure: null });

/** The rows of `first`, the answer to `address`, and those that were asked for after it. */
export function useRows(address: string, first: FleetSites): Rows {
  const [kept, setRest] = useState<Rest>(() => restOf(first));
  const rest = kept.of === first ? kept : restOf(first);
  const running = useRef<AbortController | null>(null);
  useEffect(() => {
    setRest(restOf(first));
    return () => {
      running.current?.abort();
      running.current = null;
    };
  }, [first]);
  const load = useCallback(() => {
    if (rest.next === null || running.current !== null) {
      return;
    }
    const control = new AbortController();
    running.current = control;
    setRest({ ...rest, loading: true, failure: null });
    const end = (next: Rest): void => {
      if (running.current === control) {
        running.current = null;
        setRest(next);
      }
    };
    get<FleetSites>(`${address}&after=${encodeURIComponent(rest.next)}`, control.signal).then(
      (answer) => end({ ...rest, sites: [...rest.sites, ...answer.sites], next: answer.next, loading: false, failure: null }),
      (cause: unknown) => end({ ...rest, loading: false, failure: failureFrom(cause) }),
    );
  }, [address, rest]);
  return { sites: [...first.sites, ...rest.sites], more: rest.next !== null, loading: rest.loading, failure: rest.failure, load };
}
