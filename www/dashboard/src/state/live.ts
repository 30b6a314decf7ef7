// In: the stream of what passes by. Out: the last minute, the latest page views, and whether the stream is open. Never:
// a stream to a hidden tab, a list that grows without end, or a stream that ended and looks as if nothing happened.

import { useEffect, useState } from 'preact/hooks';
import type { LiveMinute, LiveView } from '../api/fleet.ts';

/** Page views kept. */
export const MOST_VIEWS = 60;
/** Minutes kept, one each 5 s. */
const MOST_MINUTES = 60;

/** A page view, and a number that no other one has. */
export type Seen = LiveView & { id: number };

export interface Live {
  state: 'connecting' | 'open' | 'lost' | 'paused';
  minute: LiveMinute | null;
  /** Page views of the last 60 s, as told each 5 s, oldest first. */
  recent: number[];
  /** Latest first. */
  views: Seen[];
  /** Page views that the collector left out since the page was opened. */
  skipped: number;
}

export const START: Live = { state: 'connecting', minute: null, recent: [], views: [], skipped: 0 };

let lastId = 0;

/** Adds what the collector told. */
export function withMinute(live: Live, minute: LiveMinute): Live {
  return { ...live, minute, recent: [...live.recent, minute.views].slice(-MOST_MINUTES) };
}

/** Adds page views, the latest one last. */
export function withViews(live: Live, views: LiveView[]): Live {
  const seen = views.map((view): Seen => {
    lastId += 1;
    return { ...view, id: lastId };
  });
  const skipped = views.reduce((sum, view) => sum + (view.skipped ?? 0), live.skipped);
  return { ...live, views: [...seen.reverse(), ...live.views].slice(0, MOST_VIEWS), skipped };
}

/** How long page views are gathered before they are drawn, in ms. */
const GATHER_MS = 500;

/** Listens until the returned function is called. */
function listen(change: (next: (live: Live) => Live) => void): () => void {
  const source = new EventSource('/api/v1/live');
  let gathered: LiveView[] = [];
  const timer = setInterval(() => {
    if (gathered.length > 0) {
      const views = gathered;
      gathered = [];
      change((live) => withViews(live, views));
    }
  }, GATHER_MS);
  source.onopen = () => change((live) => ({ ...live, state: 'open' }));
  source.onerror = () => change((live) => ({ ...live, state: source.readyState === EventSource.CLOSED ? 'lost' : 'connecting' }));
  source.addEventListener('minute', ({ data }: MessageEvent<string>) => change((live) => withMinute(live, JSON.parse(data) as LiveMinute)));
  source.addEventListener('view', ({ data }: MessageEvent<string>) => gathered.push(JSON.parse(data) as LiveView));
  return () => {
    clearInterval(timer);
    source.close();
  };
}

/** What passes by, unless it is paused or the tab is hidden. `turn` begins anew. */
export function useLive(isPaused: boolean, turn: number): Live {
  const [live, setLive] = useState<Live>(START);
  const [isVisible, setVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  useEffect(() => {
    if (isPaused || !isVisible) {
      setLive((now) => ({ ...now, state: 'paused' }));
      return undefined;
    }
    setLive((now) => ({ ...now, state: 'connecting' }));
    return listen(setLive);
  }, [isPaused, isVisible, turn]);
  return live;
}
