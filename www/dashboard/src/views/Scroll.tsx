// In: a table. Out: the same, in a box that scrolls if the table does not fit. Never: a stop of the
// Tab key at a box in which there is nothing to scroll.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { text } from '../text/en.ts';

export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const host = box.current;
    if (host === null) {
      return undefined;
    }
    const measure = (): void => setScrolls(host.scrollWidth > host.clientWidth || host.scrollHeight > host.clientHeight);
    const watch = new ResizeObserver(measure);
    watch.observe(host);
    for (const child of host.children) {
      watch.observe(child);
    }
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={box} class="scroll" {...(scrolls ? { tabIndex: 0, role: 'region', 'aria-label': text.scrolls(label) } : {})}>
      {children}
    </div>
  );
}
