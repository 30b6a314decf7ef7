// First input delay, which web-vitals had until version 4. In: the page's callback and options. Out:
// one call of it, for the document's first view: the browser tells of no other first input.

import { Ask } from './ask.ts';
import { firstHidden, watch, whenActivated } from './life.js';
import { meter } from './metric.js';
import { loadState, observe } from './observe.js';
import { target } from './target.js';

/** Calls `tell` for the first input. */
export const fid = (tell, options) => whenActivated(() => {
  watch();
  const own = meter('FID', tell, options, ({ entries: [entry] }) => ({
    eventTarget: target(entry.target, options),
    eventType: entry.name,
    eventTime: entry.startTime,
    eventEntry: entry,
    loadState: loadState(entry.startTime),
  }));
  observe(['first-input'], ([entry]) => {
    if (own.ask(Ask.FIRST_INPUT, entry.startTime, entry.processingStart, firstHidden())) {
      own.update([entry]);
      own.report(true);
    }
  });
});
