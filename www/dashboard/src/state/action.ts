// In: something to do that the collector may refuse. Out: whether it is under way, and why it failed. Never: the same
// thing done twice by two clicks.

import { useCallback, useRef, useState } from 'preact/hooks';
import { failureFrom } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';

export interface Action {
  busy: boolean;
  failure: Failure | null;
  /** Does it, unless something is under way; tells whether it was done. */
  run: (what: () => Promise<void>) => Promise<boolean>;
}

export function useAction(): Action {
  const running = useRef(false);
  const [state, setState] = useState<{ busy: boolean; failure: Failure | null }>({ busy: false, failure: null });
  const run = useCallback(async (what: () => Promise<void>) => {
    if (running.current) {
      return false;
    }
    running.current = true;
    setState({ busy: true, failure: null });
    let failure: Failure | null = null;
    try {
      await what();
    } catch (cause) {
      failure = failureFrom(cause);
    }
    running.current = false;
    setState({ busy: false, failure });
    return failure === null;
  }, []);
  return { ...state, run };
}
