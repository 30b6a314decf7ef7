// Events that wait, and the batches that they leave in: JSON of `shared/schema/batch.v1.json`.
//
// In: vitals as numbers and when to post from the wasm, events of the page. Out: bodies to post. The
// wasm decides what leaves and when; nothing here may make a batch larger than the collector takes,
// and an event that was put into a batch is never put into another one.

import { postLast, postLater, postSoon } from './post.js';

// In the numbers of `foresight_shared::Metric` and `Part`.
const METRICS = ['LCP', 'INP', 'FID', 'CLS', 'FCP', 'TTFB'];
const PARTS = ['first-byte', 'load-delay', 'load-time', 'render-delay', 'input-delay', 'processing',
  'presentation', 'wait', 'cache', 'dns', 'connect', 'request'];
// The collector takes 64 KiB; an event is at most 20.
const FULL_BYTES = 40_000;
const FULL_EVENTS = 100;

let wasm;
let context;
let facts;
let events = [];
let labels = [];
let faults = [];
// The id of the next batch. It stays the same until that batch was posted, so that whatever else
// happens to a rehearsal of it, the two are counted once.
let id;

/** Another view begins: `known` is what its batches say of it. */
export const open = (exports, loaded, known) => {
  wasm = exports;
  context = loaded;
  facts = known;
  events = [];
  // Number 0 stands for no text.
  labels = [''];
  faults = [];
};

/** The number that stands for a text. A page that lives for days must not fill memory. */
export const label = (text) => {
  const known = labels.indexOf(text);
  return known >= 0 ? known : labels.length > 400 ? 0 : labels.push(text) - 1;
};

/** Keeps an event for the next batch, which leaves within seconds if it is to leave `soon`. */
export const tell = (event, soon = 0) => {
  if (!context.off && wasm.tell(soon, performance.now())) events.push(JSON.stringify(event));
  changed();
};

/** Keeps an error, unless it was told before, is one too many or says nothing. */
export const tellFault = (error) => {
  const text = JSON.stringify({ error });
  if (error.message && faults.length < 10 && !faults.includes(text)) {
    faults.push(text);
    tell({ error });
  }
};

export const guarded = (act) => (...args) => {
  try {
    return act(...args);
  } catch { /* after a trap the wasm refuses every call, and the page lives on */ }
};

// ---- if the page dies ----------------------------------------------------------------------

// What is told after so long is told again if the page dies: a batch's age must not be older.
const FRESH_MS = 300_000;
const CALM_MS = 400;

let rehearsing;
let withdraw;
let timer;
let soon;

/** Takes back what the browser was to send, or accepts that it has been sent. */
export const settle = () => {
  clearTimeout(timer);
  const [told, late] = withdraw ? [withdraw.told, withdraw()] : [];
  withdraw = undefined;
  if (late) {
    wasm.send(3, 0);
    events.splice(0, told);
    id = undefined;
  }
};

/** Has the browser send what there is to tell if the page crashes or its tab is killed. */
const rehearse = () => {
  soon = clearTimeout(soon);
  settle();
  // A hidden page has told everything.
  if (document.hidden || context.off) return;
  const kept = events;
  events = [...kept];
  rehearsing = true;
  wasm.send(2, performance.now());
  rehearsing = false;
  events = kept;
  if (withdraw) {
    withdraw.told = kept.length;
    timer = setTimeout(guarded(rehearse), FRESH_MS);
  }
};

/** There is more to tell, or another value. */
export const changed = () => {
  if (self.fetchLater) soon = soon || setTimeout(guarded(rehearse), CALM_MS);
};

// ---- what the wasm calls -------------------------------------------------------------------

export const later = (ms) => setTimeout(guarded(() => {
  settle();
  if (!context.off) wasm.send(0, performance.now());
  changed();
}), ms);

export const waiting = () => events.length;

export const vital = (metric, value, was, el, url, type, at, part, parts, ...ms) => {
  const why = {
    el: labels[el] || undefined,
    url: labels[url] || undefined,
    type: labels[type] || undefined,
    at: at < 0 ? undefined : at,
    parts: parts ? Object.fromEntries(PARTS.slice(part, part + parts).map((name, i) => [name, ms[i]]))
      : undefined,
  };
  events.push(JSON.stringify({ vital: {
    name: METRICS[metric],
    value,
    was: was < 0 ? undefined : was,
    why: parts || el || type || at >= 0 ? why : undefined,
  } }));
};

export const post = (seq, age, can, leaving) => {
  id = id || context.id();
  const frame = JSON.stringify({
    v: 1,
    site: context.site,
    id,
    sent: Date.now(),
    view: {
      id: context.view, seq, age, ...facts,
      can: can ? METRICS.filter((_, metric) => can >> metric & 1) : undefined,
    },
  });
  const told = [];
  for (let size = 0; events.length && size < FULL_BYTES && told.length < FULL_EVENTS;) {
    size += new Blob([events[0]]).size;
    told.push(events.shift());
  }
  const body = `${frame.slice(0, -1)},"events":[${told}]}`;
  if (rehearsing) {
    // More than one batch is more than browsers take; it will have been posted before long.
    if (!events.length) withdraw = postLater(context.endpoint, body);
    events = [];
  } else {
    id = undefined;
    (leaving ? postLast : postSoon)(context.endpoint, body);
  }
};
