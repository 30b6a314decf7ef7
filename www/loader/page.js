// The page's side of the wasm: reads the performance timeline and the document.
//
// In: the loader's context and the wasm's functions. Out: numbers for the wasm, events for batches.
// It decides nothing about values; and whatever fails here must not reach the page, so every way in
// is guarded.

import { changed, guarded, label, open, settle, tell, tellFault } from './batch.js';
import { dropWaiting, postWaiting } from './post.js';
import { remember } from './referral.js';
import { address, isId, message, name, properties, selector } from './texts.js';

let wasm;
let context;
// The share that brought this visitor, if one did.
let parent;

// The kinds of `report` in beacon/src/browser.rs.
const FIRST_PAINT = 0, LARGEST_PAINT = 1, SHIFT = 2, EVENT = 3, FIRST_INPUT = 4, NAVIGATION = 5,
  INPUT = 6, HIDDEN = 7, PAINTED = 8, COUNTED = 9;

// ---- what the document says ----------------------------------------------------------------

const entry = (kind, a, b = 0, c = 0, d = 0, e = 0, node, text = '') =>
  wasm.report(kind, a, b, c, d, e, label(text), label(selector(node)), performance.now());

const handlers = {
  paint: (paint) => {
    if (paint.name == 'first-contentful-paint') entry(FIRST_PAINT, paint.startTime);
  },
  'largest-contentful-paint': ({ startTime, url, element }) => {
    const resource = url && performance.getEntriesByName(url, 'resource')[0];
    entry(LARGEST_PAINT, startTime, resource ? resource.requestStart || resource.startTime : 0,
      resource?.responseEnd, 0, 0, element, address(url));
  },
  'layout-shift': ({ hadRecentInput, startTime, value, sources }) => {
    if (!hadRecentInput) {
      entry(SHIFT, startTime, value, 0, 0, 0, sources?.find((source) => source.node)?.node);
    }
  },
  event: (event) => {
    const first = event.entryType == 'first-input';
    if (first || event.interactionId) {
      entry(first ? FIRST_INPUT : EVENT, event.startTime, event.duration, event.processingStart,
        event.processingEnd, event.interactionId, event.target, name(event.name));
    }
  },
};
handlers['first-input'] = handlers.event;

const observers = [];

const observe = (type) => {
  const handle = handlers[type];
  const observer = new PerformanceObserver((list) => {
    // Safari calls back before the entry's own task has ended.
    const entries = list.getEntries();
    queueMicrotask(guarded(() => {
      entries.forEach(handle);
      changed();
    }));
  });
  observer.observe({ type, buffered: true, durationThreshold: 40 });
  observers.push(() => observer.takeRecords().forEach(handle));
};

// ---- the view's life -----------------------------------------------------------------------

const interactions = () => performance.interactionCount ?? -1;

/** What is known of a view from its beginning, in the words of the wire format. */
const facts = () => {
  const host = document.referrer && new URL(document.referrer).hostname;
  const speed = navigator.connection?.effectiveType;
  return {
    ...context.facts(context),
    ref: host || undefined,
    conn: /^(slow-2g|[234]g)$/.test(speed) ? speed : undefined,
  };
};

/** The bits of the metrics that this browser knows, in the numbers of `foresight_shared::Metric`. */
const abilities = (types) => {
  const has = (type) => types.includes(type);
  const inp = has('event') && 'interactionId' in PerformanceEventTiming.prototype;
  return [has('largest-contentful-paint'), inp, has('first-input'), has('layout-shift'),
    has('paint'), has('navigation')].reduce((bits, able, metric) => bits | able << metric, 0);
};

const supported = () => self.PerformanceObserver?.supportedEntryTypes || [];

/** Begins the document's first view, or a later one in the same document. */
const begin = (revived, start, hidden, seq, known) => {
  open(wasm, context, known);
  wasm.begin(revived, start, hidden, interactions(), seq, abilities(supported()));
  changed();
};

const leave = () => {
  observers.forEach((take) => take());
  entry(COUNTED, interactions());
  settle();
  if (context.off) return;
  postWaiting();
  wasm.send(1, performance.now());
};

const hide = (event) => {
  if (event.type == 'pagehide' || document.visibilityState == 'hidden') {
    entry(HIDDEN, event.timeStamp);
    leave();
  }
};

/** Restored from the back/forward cache: a new view. */
const restore = ({ persisted, timeStamp }) => {
  if (!persisted) return;
  context.view = context.id();
  begin(1, timeStamp, Infinity, 0, { ...facts(), nav: 'back-forward-cache' });
  requestAnimationFrame(() => requestAnimationFrame(guarded(() => {
    entry(PAINTED, performance.now() - timeStamp);
  })));
  // Chromium makes the page visible a task later.
  setTimeout(guarded(() => {
    if (document.visibilityState == 'hidden') entry(HIDDEN, timeStamp);
  }));
};

/** Resolves when the visitor asks for a page that was rendered before. */
export const activated = () => new Promise((resolve) => {
  if (document.prerendering) document.addEventListener('prerenderingchange', resolve);
  else resolve();
});

/**
 * When the view was first hidden: what the browser recorded, or what the loader saw. A page is
 * hidden while it is rendered ahead; browsers that do so record what comes after.
 */
const firstHidden = (activation) => {
  const recorded = performance.getEntriesByType('visibility-state')
    .find(({ name, startTime }) => name == 'hidden' && startTime >= activation);
  return recorded ? recorded.startTime : activation ? Infinity : context.hidden;
};

// ---- calls of the page ---------------------------------------------------------------------

const SOON = 1;

const calls = {
  share: (channel, id) => {
    if (isId(id)) tell({ share: { channel: name(channel) || 'other', id, parent } }, SOON);
  },
  lead: (form) => tell({ lead: { form: name(form) || undefined } }, SOON),
  convert: (goal) => {
    goal = name(goal);
    if (goal) tell({ conversion: { name: goal } }, SOON);
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
  error: ({ message: text, filename, lineno, reason }) => tellFault({
    message: message(text || (reason?.message ? `${reason.name}: ${reason.message}` : reason)),
    source: address(filename) || undefined,
    line: lineno || undefined,
  }),
};

/** Starts the beacon: takes over from the loader. */
export const connect = (exports, loaded) => {
  wasm = exports;
  context = loaded;
  const times = performance.getEntriesByType('navigation')[0] || {};
  const activation = times.activationStart || 0;
  const known = facts();
  const reference = new URLSearchParams(location.search).get('ref');
  if (isId(reference)) parent = reference;
  begin(0, activation, firstHidden(activation), context.seq, known);
  // A reload of a landing page, or a way back to it, is no new visit.
  if (parent && /^(navigate|prerender)$/.test(known.nav)) {
    tell({ referral: { share: parent, landing: known.path } }, SOON);
  }
  // From here on the loader leaves the view to the wasm.
  context.seq = 1;
  entry(NAVIGATION, times.workerStart || times.fetchStart, times.domainLookupStart,
    times.connectStart, times.connectEnd, times.responseStart);

  context.observer?.takeRecords().forEach((event) => context.missed.push(event));
  context.observer?.disconnect();
  context.missed.forEach(guarded(handlers.event));
  Object.keys(handlers).filter((type) => supported().includes(type)).forEach(guarded(observe));

  context.call = guarded((call, ...details) => calls[call](...details));
  context.calls.forEach((queued) => context.call(...queued));

  const input = guarded(({ isTrusted, timeStamp }) => { if (isTrusted) entry(INPUT, timeStamp); });
  addEventListener('keydown', input, true);
  addEventListener('click', input, true);
  addEventListener('visibilitychange', guarded(hide), true);
  addEventListener('pagehide', guarded(hide), true);
  addEventListener('pageshow', guarded(restore), true);
};
