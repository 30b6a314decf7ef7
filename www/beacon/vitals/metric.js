// What a callback gets: the metric of one view, and the moments at which it is told.
//
// In: a metric's name, the page's callback and options, and a function that explains the value. Out:
// calls of that callback. The numbers are the wasm's; entries and elements are handed on as they are.

import { Ask } from './ask.ts';
import { activation, navigation, restored } from './life.js';
import { instance } from './wasm.js';

// The numbers of `foresight_shared::Metric` and of `Rating`.
const METRICS = ['LCP', 'INP', 'FID', 'CLS', 'FCP', 'TTFB'];
const RATINGS = ['good', 'needs-improvement', 'poor'];

const id = () => `v6-${Date.now()}-${1e12 + Math.floor(Math.random() * 9e12)}`;

const kind = (entry) => restored >= 0 ? 'back-forward-cache'
  : !entry ? 'navigate'
  : document.prerendering || activation() > 0 ? 'prerender'
  : document.wasDiscarded ? 'restore'
  : (entry.type || 'navigate').replace(/_/g, '-');

/** How many interactions the browser has counted; negative if it does not count. */
export const interactions = () => performance.interactionCount ?? -1;

const create = (name, value, navigationType, from) => {
  const entry = navigation();
  return {
    name,
    value,
    rating: 'good',
    delta: 0,
    entries: [],
    id: id(),
    navigationType: navigationType || kind(entry),
    navigationId: from?.navigationId || entry?.navigationId || 0,
    navigationInteractionId: from?.navigationInteractionId,
    navigationURL: from?.navigationURL || entry?.name,
    navigationStartTime: from?.navigationStartTime || 0,
  };
};

/**
 * Opens a meter.
 *
 * @param {string} name the metric's
 * @param {(metric: object) => void} tell the page's callback
 * @param {object} options its options
 * @param {(metric: object) => object} explain the attribution
 */
export const meter = (name, tell, { reportAllChanges }, explain) => {
  const { open, ask } = instance();
  open(METRICS.indexOf(name), reportAllChanges ? 1 : 0);
  const own = {
    ask,
    metric: create(name, ask(Ask.VALUE)),
    /** Begins a view that was restored, or that `entry` says was navigated to softly. */
    begin(entry) {
      const { metric } = own;
      ask(Ask.BEGIN, interactions());
      own.metric = create(name, ask(Ask.VALUE), entry ? 'soft-navigation' : 'back-forward-cache', entry ? {
        navigationId: entry.navigationId,
        navigationInteractionId: entry.interactionId,
        navigationURL: entry.name,
        navigationStartTime: entry.startTime,
      } : { ...metric, navigationStartTime: restored });
    },
    /** Takes over the wasm's value and the entries that made it. */
    update(entries) {
      own.metric.value = ask(Ask.VALUE);
      if (entries) own.metric.entries = entries;
    },
    /** Tells the value, if it is news; `last` says that it may be final. */
    report(last) {
      const rating = ask(Ask.TELL, last ? 1 : 0);
      if (rating < 0) return;
      const { metric } = own;
      metric.delta = ask(Ask.DELTA);
      metric.rating = RATINGS[rating];
      metric.attribution = explain(metric);
      tell(metric);
    },
  };
  return own;
};

/** The parts of a metric's value under their names, given what the wasm cannot know. */
export const parts = (ask, names, firstByte = 0, request = 0, loaded = 0) => {
  ask(Ask.EXPLAIN, firstByte, request, loaded);
  return Object.fromEntries(names.map((name, part) => [name, ask(part)]));
};
