// In: how to load a page's code. Out: the page once it is there. Never: a blank while the next page's code is on its
// way, or one that failed to load and says nothing.

import type { ComponentType } from 'preact';
import { useEffect, useReducer, useState } from 'preact/hooks';

/** A page whose code is loaded when it is first shown. */
export interface Lazy<P> {
  loaded: ComponentType<P> | null;
  load: () => Promise<void>;
}

export function lazy<P>(load: () => Promise<ComponentType<P>>): Lazy<P> {
  const page: Lazy<P> = {
    loaded: null,
    load: async () => {
      page.loaded = await load();
    },
  };
  return page;
}

/** Loads a page's code, and draws again once it is there. `failed` is whether it could not be loaded. */
export function useLazy<P>(page: Lazy<P>): { Page: ComponentType<P> | null; failed: boolean } {
  const [failed, setFailed] = useState(false);
  const [, render] = useReducer((n: number) => n + 1, 0);
  const drawn = page.loaded;
  useEffect(() => {
    if (page.loaded !== null) {
      // It may have come between the drawing and this, asked for by somebody else.
      if (drawn === null) {
        render(undefined);
      }
      return;
    }
    setFailed(false);
    page.load().then(
      () => render(undefined),
      () => setFailed(true),
    );
  }, [page]);
  return { Page: drawn, failed };
}
