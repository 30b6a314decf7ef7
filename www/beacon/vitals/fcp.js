// First contentful paint. In: the page's callback and options. Out: calls of it, as web-vitals has
// them. What was painted while nobody could see it must never be told.

import { Ask } from './ask.ts';
import { activation, afterPaint, firstHidden, navigation, onRestore, restored, watch, whenActivated } from './life.js';
import { meter, parts } from './metric.js';
import { loadState, observe, softly } from './observe.js';

/** Calls `tell` for the first contentful paint of each view. */
export const fcp = (tell, options) => {
  let soft;

  const explain = ({ entries: [fcpEntry], navigationType }) => {
    const entry = navigation();
    const named = (firstByte) => parts(own.ask, ['timeToFirstByte', 'firstByteToFCP'], firstByte);
    if (navigationType == 'soft-navigation') {
      return { ...named(), loadState: 'complete', navigationEntry: soft };
    }
    return fcpEntry && entry
      ? { ...named(entry.responseStart), loadState: loadState(fcpEntry.startTime), navigationEntry: entry, fcpEntry }
      : { ...named(), loadState: loadState(restored) };
  };

  let own;
  whenActivated(() => {
    watch();
    own = meter('FCP', tell, options, explain);

    const painted = (at, start, hidden, entries) => {
      if (own.ask(Ask.PAINT, at, start, hidden)) {
        own.update(entries);
        own.report(true);
      }
    };

    const observer = observe(['paint'], (entries) => {
      const entry = entries.find(({ name }) => name == 'first-contentful-paint');
      if (!entry) return;
      observer.disconnect();
      if (entry.navigationId) own.metric.navigationId = entry.navigationId;
      painted(entry.startTime, activation(), firstHidden(), [entry]);
    });
    if (observer) {
      onRestore((time) => {
        own.begin();
        afterPaint(() => painted(performance.now(), time, Infinity));
      });
    }

    if (softly(options)) {
      observe(['soft-navigation'], (entries) => entries.forEach((entry) => {
        own.begin(soft = entry);
        painted(entry.presentationTime || entry.paintTime || 0, entry.startTime, Infinity);
      }), options);
    }
  });
};
