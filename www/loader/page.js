// The page's side of the wasm: reads the performance timeline and the document.
//
// In: the loader's context and the wasm's functions. Out: numbers for the wasm, events for batches.
// It decides nothing about values; and whatever fails here must not reach the page, so every way in
// is guarded.

import { MEASURED, METRICS, SOON, attach, changed, counted, finish, guarded, label, open, settle, tell, times, unseen } from './batch.js';
import { call, error, forget, longFrame, notRestored } from './causes.js';
import { dropWaiting } from './post.js';
import { remember } from './referral.js';
import { moves } from './soft.js';
import { address, isId, name, properties, selector } from './texts.js';

let wasm;
let context;
// The share that brought this visitor, if one did, and the one that was told to have.
let parent;
let referred;
// The interaction that led to the present view, if it is a soft navigation.
let cause;
let path;

// The kinds of `report` in beacon/src/browser.rs.
const FIRST_PAINT = 0, LARGEST_PAINT = 1, SHIFT = 2, EVENT = 3, FIRST_INPUT = 4, NAVIGATION = 5,
  INPUT = 6, HIDDEN = 7, BEGIN = 9;

// ---- what the timeline says ----------------------------------------------------------------

const of = (node, texts) => label({ el: selector(node) || undefined, ...texts });

/** The largest paint until now: `at`, of an `element`, with the last request for its resource before. */
const paint = (at, { url, element }) => {
  const asked = ({ requestStart, startTime }) => requestStart || startTime;
  const resource = url && performance.getEntriesByName(url, 'resource')
    .filter((request) => asked(request) <= at).pop();
  wasm.report(LARGEST_PAINT, of(element, { url: address(url) || undefined }), at,
    resource ? asked(resource) : 0, resource ? resource.responseEnd : 0);
};

const input = (kind, event, known) => wasm.report(
  kind, known ? of(event.target, { type: name(event.name) }) : 0,
  event.startTime, event.duration, event.processingStart, event.processingEnd, event.interactionId,
);

const handlers = {
  paint: ({ name, startTime }) => {
    if (name == 'first-contentful-paint') wasm.report(FIRST_PAINT, 0, startTime);
  },
  'largest-contentful-paint': (entry) => paint(entry.startTime, entry),
  'layout-shift': ({ hadRecentInput, startTime, value, sources = [] }) => {
    const source = sources.find(({ node }) => node?.nodeType == 1) || sources[0];
    if (!hadRecentInput) wasm.report(SHIFT, of(source?.node), startTime, value);
  },
  event: (event) => input(EVENT, event, event.interactionId),
  'first-input': (event) => input(FIRST_INPUT, event, true),
  'long-animation-frame': longFrame,
  resource: call,
  'soft-navigation': (entry) => {
    move(entry.startTime, Infinity, new URL(entry.name).pathname);
    cause = entry.interactionId;
    wasm.report(FIRST_PAINT, 0, entry.presentationTime || entry.paintTime);
    const largest = entry.getLargestInteractionContentfulPaint?.();
    if (largest) handlers['interaction-contentful-paint'](largest);
  },
  'interaction-contentful-paint': ({ interactionId, largestContentfulPaint: entry }) => {
    if (entry && cause && interactionId == cause) paint(entry.renderTime, entry);
  },
};

const take = (entries) => {
  // Those of different types come in no order; they happened when they ended.
  const end = ({ startTime, duration }) => startTime + duration;
  entries.sort((a, b) => end(a) - end(b)).forEach(guarded((entry) => handlers[entry.entryType](entry)));
  changed();
};

const takeRecords = () => take(context.observer.takeRecords());

// ---- the view's life -----------------------------------------------------------------------

/** What is known of a view when it begins, besides what the loader says of it. */
const facts = () => {
  const { activationStart } = times();
  const speed = navigator.connection?.effectiveType;
  const nav = activationStart ? 'prerender' : document.wasDiscarded && 'restore';
  return {
    path: location.pathname.slice(0, 512),
    ref: (document.referrer && new URL(document.referrer).hostname) || undefined,
    conn: /^(slow-)?[2-4]g$/.test(speed) ? speed : undefined,
    ...nav && { nav },
  };
};

/** The metrics that this browser can measure in a view, as far as is known when it begins. */
const abilities = (revived) => {
  const supported = PerformanceObserver.supportedEntryTypes;
  const types = ['navigation', 'paint', 'largest-contentful-paint', revived || 'first-input', 'event',
    'layout-shift'];
  return METRICS.filter((name, i) => supported.includes(types[i])
    && (name != 'INP' || 'interactionId' in PerformanceEventTiming.prototype));
};

/** Begins the document's first view, or a later one, which is `revived` (1). */
const begin = (revived, start, hidden, known, ttfb) => {
  cause = 0;
  ({ path } = known);
  forget(context);
  open(start, known, abilities(revived), ttfb);
  if (hidden <= start) unseen();
  wasm.report(BEGIN, 0, start, hidden, counted(), revived);
  changed();
};

/** The view ends or is hidden; the page may be `shown` still. */
const leave = (shown) => {
  if (!shown) takeRecords();
  finish(shown);
};

const hide = ({ type, timeStamp }) => {
  if (type == 'pagehide' || document.hidden) {
    wasm.report(HIDDEN, 0, timeStamp);
    leave();
  }
};

/** The document goes on as another view. */
const renew = (...view) => {
  context.view = context.id();
  begin(1, ...view);
};

/** Restored from the back/forward cache. */
const restore = ({ persisted, timeStamp }) => {
  if (!persisted) return;
  renew(timeStamp, Infinity, { ...facts(), nav: 'back-forward-cache' });
  requestAnimationFrame(() => requestAnimationFrame(guarded(() => {
    const now = performance.now();
    for (const kind of [FIRST_PAINT, LARGEST_PAINT, INPUT]) wasm.report(kind, 0, now, 0, 0);
  })));
  // Chromium makes the page visible a task later.
  setTimeout(guarded(() => {
    if (document.hidden) {
      wasm.report(HIDDEN, 0, timeStamp);
      unseen();
    }
  }));
};

/** Another address without another document: the view until then is told. */
const move = (start, hidden, path) => {
  leave(1);
  renew(start, hidden, {
    ...facts(), path: path.slice(0, 512), nav: 'soft-navigation', ref: location.hostname,
  });
};

/** Resolves when the visitor asks for a page that was rendered before. */
export const activated = () => new Promise((resolve) => {
  if (document.prerendering) document.addEventListener('prerenderingchange', resolve);
  else resolve();
});

/**
 * When the view was first hidden, as the browser recorded it. Elsewhere a page that was hidden when
 * the loader began (it has told nothing then) or the beacon, or since, counts as hidden from the start.
 * A page is hidden while it is rendered ahead; browsers that do so record what comes after.
 */
const firstHidden = (activation) => {
  const recorded = performance.getEntriesByType('visibility-state')
    .find(({ name, startTime }) => name == 'hidden' && startTime >= activation);
  if (recorded) return recorded.startTime;
  return activation || !(document.hidden || context.pinged || !context.told) ? Infinity : 0;
};

// ---- calls of the page ---------------------------------------------------------------------

/** A share brought the visitor here. */
const arrive = (share) => {
  const { nav, path: landing } = facts();
  parent = share;
  // A reload of a landing page, or a way back to it, is no new visit.
  if (share != referred && times().type == 'navigate' && nav != 'restore') {
    tell({ referral: { share: referred = share, landing } }, SOON);
  }
};

const calls = {
  share: (channel, id) => {
    if (isId(id)) tell({ share: { channel: name(channel) || 'other', id, parent } }, MEASURED);
  },
  lead: (form) => tell({ lead: { form: name(form) || undefined } }, MEASURED),
  convert: (goal) => {
    goal = name(goal);
    if (goal) tell({ conversion: { name: goal } }, MEASURED);
  },
  referral: (share) => {
    if (isId(share)) arrive(share);
  },
  track: (event, props) => {
    event = name(event);
    const pairs = wasm.pairs?.(props) || Object.entries(props || {});
    if (event) tell({ custom: { name: event, props: properties(pairs) } });
  },
  consent: ({ measure, referral }) => {
    if (measure != null) context.off = !measure;
    // What the browser holds must not be sent any more, and what was not told can be.
    changed();
    if (context.off) {
      dropWaiting();
      settle();
    }
    if (referral != null) parent = remember(referral, parent, context.referralDays);
  },
  error,
};

/** Starts the beacon: takes over from the loader. */
export const connect = (exports, loaded) => {
  wasm = exports;
  context = loaded;
  attach(exports, loaded);
  const navigation = times();
  const activation = navigation.activationStart || 0;
  const known = facts();
  const reference = new URLSearchParams(location.search).get('ref');
  // From here on the loader leaves the view to the wasm; it counts one that cannot be measured at all.
  const { supportedEntryTypes } = PerformanceObserver;
  context.first = 0;
  begin(0, activation, firstHidden(activation), known, context.told && navigation.responseStart);
  if (isId(reference)) arrive(reference);
  wasm.report(NAVIGATION, 0, navigation.workerStart || navigation.fetchStart, navigation.domainLookupStart,
    navigation.connectStart, navigation.connectEnd, navigation.responseStart, performance.now());
  notRestored(navigation.notRestoredReasons);

  // Safari calls back before the entry's own task has ended.
  context.take = (list) => queueMicrotask(guarded(() => take(list.getEntries())));
  take(context.early.flatMap((list) => list.getEntries()));
  for (const type of supportedEntryTypes) {
    if (/inp|content|shift|frame|soft|reso/.test(type)) context.observer.observe({ type, buffered: true });
  }

  context.call = guarded((call, ...details) => calls[call](...details));
  context.calls.forEach((queued) => context.call(...queued));

  const on = (types, act) => types.forEach((type) => addEventListener(type, guarded(act), true));
  on(['keydown', 'click'], ({ isTrusted, timeStamp }) => { if (isTrusted) wasm.report(INPUT, 0, timeStamp); });
  on(['visibilitychange', 'pagehide', 'freeze', 'load'], hide);
  on(['pageshow'], restore);
  if (!supportedEntryTypes.includes('soft-navigation')) {
    moves(on, guarded(() => {
      if (facts().path != path) move(performance.now(), 0, location.pathname);
    }));
  }
};
