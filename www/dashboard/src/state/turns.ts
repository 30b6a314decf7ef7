// In: the page's visibility and the viewer's wish. Out: a counter that grows when it is time to ask
// again. Never: requests from a hidden tab.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** Time between automatic refreshes, in ms. */
export const EVERY_MS = 10_000;

export interface Turns {
  /** Grows by one with each refresh. */
  turn: number;
  /** Refreshes by hand so far. */
  manual: number;
  /** Whether it refreshes by itself. */
  live: boolean;
  setLive: (live: boolean) => void;
  refresh: () => void;
}

/** Counts refreshes: one each `EVERY_MS` while the tab is visible, and one by hand. */
export function useTurns(): Turns {
  const [turn, setTurn] = useState(0);
  const [manual, setManual] = useState(0);
  const [live, setLive] = useState(true);
  const last = useRef(Date.now());
  const next = useCallback(() => {
    last.current = Date.now();
    setTurn((n) => n + 1);
  }, []);
  useEffect(() => {
    if (!live) {
      return undefined;
    }
    // One look each second, so that a tab that was hidden for long is refreshed when it is seen.
    const look = (): void => {
      if (document.visibilityState === 'visible' && Date.now() - last.current >= EVERY_MS) {
        next();
      }
    };
    const timer = setInterval(look, 1000);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [live, next]);
  const refresh = useCallback(() => {
    setManual((n) => n + 1);
    next();
  }, [next]);
  return { turn, manual, live, setLive, refresh };
}
