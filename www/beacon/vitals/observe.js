// Observers of the performance timeline.
//
// In: types of entries. Out: their entries, also those from before, in the order in which they ended.
// Types that the browser does not know are left out.

import { navigation } from './life.js';

const supported = (type) => self.PerformanceObserver?.supportedEntryTypes?.includes(type);

/** Calls `act` with the entries of these types; returns nothing if the browser knows none of them. */
export const observe = (types, act, options) => {
  types = types.filter(supported);
  if (!types.length) return;
  try {
    const observer = new PerformanceObserver((list) => {
      // Safari calls back before the entry's own task has ended.
      queueMicrotask(() => act(sorted(list.getEntries(), types)));
    });
    types.forEach((type) => observer.observe({ type, buffered: true, ...options }));
    return observer;
  } catch { /* the browser has the name of the type and not the type */ }
};

// Entries of different types come in no order.
const sorted = (entries, { length }) => length > 1
  ? entries.sort((a, b) => a.startTime + a.duration - b.startTime - b.duration)
  : entries;

/** Whether soft navigations are wanted, and the browser tells of them as Chromium 151 does. */
export const softly = ({ reportSoftNavs }) => reportSoftNavs && supported('soft-navigation')
  && 'getLargestInteractionContentfulPaint' in (self.PerformanceSoftNavigation?.prototype ?? {});

/** The state of the document at a time. */
export const loadState = (time) => {
  const entry = navigation();
  if (document.readyState == 'loading') return 'loading';
  if (!entry) return 'complete';
  const before = (mark) => !mark || time < mark;
  return time < entry.domInteractive ? 'loading'
    : before(entry.domContentLoadedEventStart) ? 'dom-interactive'
    : before(entry.domComplete) ? 'dom-content-loaded'
    : 'complete';
};
