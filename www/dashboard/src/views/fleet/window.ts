// In: how many rows a table has, and the box it scrolls in. Out: the rows to draw now, and the room of the others.
// Never: ten thousand rows in the document.

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualizerOptions } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** The rows to draw, and the heights above and below them, in CSS pixels. */
export interface Window {
  rows: number[];
  above: number;
  below: number;
}

/** Rows drawn beyond both edges, so that scrolling by a row finds them there. */
const BEYOND = 8;
/** The height of a box that was not laid out yet. */
const FIRST_HEIGHT = 600;

export function useWindow(count: number, rowHeight: number, box: RefObject<HTMLElement | null>): Window {
  const [, render] = useReducer((n: number) => n + 1, 0);
  const options: VirtualizerOptions<HTMLElement, HTMLElement> = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: BEYOND,
    initialRect: { width: 0, height: FIRST_HEIGHT },
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => render(undefined),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtual.setOptions(options);
  useEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0], items[items.length - 1]];
  return {
    rows: items.map(({ index }) => index),
    above: first?.start ?? 0,
    below: last === undefined ? 0 : virtual.getTotalSize() - last.end,
  };
}
