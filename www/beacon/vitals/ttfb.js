// Time to first byte. In: the page's callback and options. Out: calls of it, as web-vitals has them:
// after the page has loaded, so that the navigation entry is complete.

import { Ask } from './ask.ts';
import { activation, navigation, onRestore, whenActivated } from './life.js';
import { meter, parts } from './metric.js';
import { observe, softly } from './observe.js';

const PARTS = ['waitingDuration', 'cacheDuration', 'dnsDuration', 'connectionDuration', 'requestDuration'];

const whenLoaded = (act) => {
  if (document.prerendering) whenActivated(() => whenLoaded(act));
  else if (document.readyState != 'complete') addEventListener('load', () => whenLoaded(act), true);
  // After the load event has ended.
  else setTimeout(act);
};

/** Calls `tell` for the first byte of each view. */
export const ttfb = (tell, options) => {
  const own = meter('TTFB', tell, options, ({ entries: [navigationEntry] }) =>
    ({ ...parts(own.ask, PARTS), navigationEntry }));

  whenLoaded(() => {
    const entry = navigation();
    if (!entry) return;
    own.ask(Ask.NAVIGATION, entry.workerStart || entry.fetchStart, entry.domainLookupStart,
      entry.connectStart, entry.connectEnd, entry.responseStart, activation(), performance.now());
    own.update([entry]);
    own.report(true);

    onRestore(() => {
      own.begin();
      own.report(true);
    });
    if (softly(options)) {
      observe(['soft-navigation'], (entries) => entries.forEach((soft) => {
        if (!soft.navigationId) return;
        own.begin(soft);
        own.update([soft]);
        own.report(true);
      }), options);
    }
  });
};
