// Events that wait, and the batches that they leave in: JSON of `shared/schema/batch.v1.json`.
//
// In: vitals as numbers and when to post from the wasm, events of the page. Out: bodies to post. The
// wasm decides what leaves and when; nothing here may make a batch larger than the collector takes,
// and an event that was put into a batch is never put into another one.

import { postLast, postSoon } from './post.js';

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
  if (wasm.tell(soon, performance.now())) events.push(JSON.stringify(event));
};

/** Keeps an error, unless it was told before, is one too many or says nothing. */
export const tellFault = (error) => {
  const text = JSON.stringify({ error });
  if (error.message && faults.length < 10 && !faults.includes(text)) {
    faults.push(text);
    tell({ error });
  }
};

// ---- what the wasm calls -------------------------------------------------------------------

export const guarded = (act) => (...args) => {
  try {
    return act(...args);
  } catch { /* after a trap the wasm refuses every call, and the page lives on */ }
};

export const later = (ms) => setTimeout(guarded(() => wasm.send(0, performance.now())), ms);

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
  const frame = JSON.stringify({
    v: 1,
    site: context.site,
    id: context.id(),
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
  (leaving ? postLast : postSoon)(context.endpoint, `${frame.slice(0, -1)},"events":[${told}]}`);
};
