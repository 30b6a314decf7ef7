// In: the browser's address and history. Out: the selection, and a way to change it. Never: a
// change that back and forward do not undo and redo.

import { useCallback, useEffect, useState } from 'preact/hooks';
import { parse, search, type Selection } from './selection.ts';

/** Changes the selection and adds it to the history, or replaces the latest one there, as while typing. */
export type Select = (next: Selection, how?: 'push' | 'replace') => void;

/** The selection of the current address. */
export function useSelection(): [Selection, Select] {
  const [query, setQuery] = useState(location.search);
  useEffect(() => {
    const follow = (): void => setQuery(location.search);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const select = useCallback<Select>((next, how = 'push') => {
    const wanted = search(next);
    if (wanted !== location.search) {
      const address = `${location.pathname}${wanted}`;
      if (how === 'replace') {
        history.replaceState(null, '', address);
      } else {
        history.pushState(null, '', address);
      }
      setQuery(wanted);
    }
  }, []);
  return [parse(query), select];
}

/** Whether a click on a link is the dashboard's to handle: not one that opens a tab or a window. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
