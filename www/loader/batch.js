// What of a view is to tell, and the batches that it leaves in: JSON of `shared/schema/batch.v1.json`.
//
// In: events of the page, and the wasm, which is asked for each vital. Out: bodies to post. A view is
// counted once; what was told is never told again, except a vital with a new value, which names the
// one it replaces. No batch may be larger than the collector takes, and an event that was put into
// one is never put into another.

import { script, scriptIn } from './frames.js';
import { postLast, postSoon, postWaiting } from './post.js';

// In the order of `ORDER` in beacon/src/vitals.
export const METRICS = ['TTFB', 'FCP', 'LCP', 'FID', 'INP', 'CLS'];
const PARTS = {
  TTFB: ['wait', 'cache', 'dns', 'connect', 'request'],
  FCP: ['first-byte', 'render-delay'],
  LCP: ['first-byte', 'load-delay', 'load-time', 'render-delay'],
  INP: ['input-delay', 'processing', 'presentation'],
};
// The kinds of `report` in beacon/src/browser.rs.
const COUNTED = 8, READ = 10;
// The collector takes 64 KiB and a hundred events; one event is at most 20 KiB.
const FULL_BYTES = 40_000;
const FULL_EVENTS = 100;
// So many events do not wait for the page to be hidden.
const CROWD = 50;
// How long a share, a referral, a lead or a conversion waits for company.
const PATIENCE_MS = 2000;
// What is told soon, and takes along what was measured: only then is it known how fast a view was in which
// something came of it.
export const SOON = 1;
export const MEASURED = 2;
// Numbers that old, and of so many batches, the collector would not take.
const AGE_MS = 604_800_000;
const SEQUENCE = 10_000;

let wasm;
let context;
// What the view's batches say of it, and when it began.
let facts;
let start;
let labels;
/**
 * What of the view was told and what is to tell: the number of the next batch, the metrics that can be
 * measured unless that was told, the values told, the events and long frames that wait.
 */
let state;
// The id of the next batch. It stays the same until that batch was posted, so that whatever else
// happens to a rehearsal of it, the two are counted once.
let id;

/** Connects to the wasm and the loader. */
export const attach = (exports, loaded) => {
  wasm = exports;
  context = loaded;
};

/**
 * Another view begins, at `began`. `known` is what its batches say of it, `able` names the metrics
 * that it can have. Of the document's first view the loader may have told `ttfb`, or has the browser
 * tell it if the page dies.
 */
export const open = (began, known, able, ttfb) => {
  start = began;
  facts = known;
  labels = ['{}'];
  state = { seq: 0, able, can: able, last: {}, queue: [] };
  rehearsed = { ...state, seq: 1, last: { ...ttfb && { TTFB: ms(ttfb) } }, waited: 0 };
  if (context.pinged) state = rehearsed;
  withdraw = context.withdraw;
  context.pinged = context.withdraw = undefined;
};

/** Nobody has seen the view from its first moment: nothing painted can be measured in it. */
export const unseen = () => {
  state.can = state.able = state.able.filter((name) => /TTFB|INP/.test(name));
};

/** The number that stands for what is to say of an entry. A page that lives for days must not fill memory. */
export const label = (texts) => {
  const text = JSON.stringify(texts);
  const known = labels.indexOf(text);
  return known >= 0 ? known : labels.length > 400 ? 0 : labels.push(text) - 1;
};

/** A long animation frame is told with others, as a sum. */
export const frame = (entry) => {
  const { count = 0, blocking = 0, longest = 0, script: worst } = state.frames || {};
  const longer = entry.duration > longest;
  state.frames = {
    count: count + 1,
    blocking: blocking + entry.blockingDuration,
    longest: longer ? entry.duration : longest,
    script: longer ? script([entry], 0)[1] : worst,
  };
};

/** Keeps an event for the next batch, which leaves within seconds if it is to leave `soon`, `SOON` or `MEASURED`. */
export const tell = (event, soon) => {
  const { queue } = state;
  if (!context.off && queue.length < FULL_EVENTS) queue.push(JSON.stringify(event));
  if (queue.length >= CROWD) later(0);
  else if (soon && !timer) later(PATIENCE_MS, soon > SOON);
  changed();
};

export const guarded = (act) => (...args) => {
  try {
    return act(...args);
  } catch { /* after a trap the wasm refuses every call, and the page lives on */ }
};

// ---- what there is to tell -----------------------------------------------------------------

/** Durations are told in tenths of a ms, so that a value that hardly changed is not told again. */
const rounded = (value, limit, scale = 10) =>
  Math.round(Math.min(Math.max(value, 0), limit) * scale) / scale;
export const ms = (value) => rounded(value, 600_000);
const score = (value) => rounded(value, 1000, 10_000);

/** When what happened to the document. */
export const times = () => performance.getEntriesByType('navigation')[0];

/** How far the document had loaded at that time. */
const load = (at) => {
  const before = (mark) => at < (times()?.[mark] || Infinity);
  return before('domInteractive') ? 'loading'
    : before('domContentLoadedEventStart') ? 'dom-interactive'
    : before('domComplete') ? 'dom-content-loaded' : 'complete';
};

/** Tells a metric's value if it differs from what was told. What a browser cannot measure is not 0. */
const news = (name, metric) => {
  const [value, cause, at, shift, ...times] =
    new Float64Array(wasm.memory.buffer, wasm.report(READ, 0, metric), 9);
  const { last, queue, able } = state;
  const told = name == 'CLS' ? score(value) : ms(value);
  const was = last[name];
  if (isNaN(value) || told === was || !able.includes(name)) return;
  state.last = { ...last, [name]: told };
  const known = at >= 0;
  const parts = PARTS[name] && Object.fromEntries(PARTS[name].map((part, i) => [part, ms(times[i])]));
  // The longest script of the frames in which the interaction was handled.
  const [ran, source] = name == 'INP' && known ? scriptIn(at, at + times[0] + times[1]) : [];
  if (ran > 0) parts.script = ms(ran);
  queue.push(JSON.stringify({ vital: {
    name, value: told, was,
    why: {
      ...JSON.parse(labels[cause]),
      at: known ? rounded(at - start, AGE_MS) : undefined,
      shift: shift >= 0 ? score(shift) : undefined,
      load: known ? load(at) : undefined,
      script: source,
      parts,
    },
  } }));
};

/** How many interactions the browser has counted; negative if it does not count. */
export const counted = () => performance.interactionCount ?? -1;

/** The next batch: as many of the events as fit. */
const batch = (age) => {
  const told = [];
  for (let size = 0; state.queue.length && size < FULL_BYTES && told.length < FULL_EVENTS;) {
    const event = state.queue.shift();
    // A character takes three bytes at most.
    size += event.length * 3;
    told.push(event);
  }
  id ||= context.id();
  const empty = context.batch({ seq: state.seq++, age, ...facts, can: state.can }, [], id);
  state.can = undefined;
  return `${empty.slice(0, -2)}${told}]}`;
};

/** Posts what waits, and of a view that ends or is hidden what it has measured. */
const send = (post, leaving) => {
  if (context.off) return;
  const { frames } = state;
  if (leaving) {
    wasm.report(COUNTED, 0, counted());
    METRICS.forEach(news);
    if (frames) {
      state.queue.push(JSON.stringify({ frames: {
        ...frames, blocking: rounded(frames.blocking, AGE_MS), longest: ms(frames.longest),
      } }));
      state.frames = undefined;
    }
  }
  const age = Math.trunc(performance.now() - start);
  while ((state.queue.length || !state.seq) && age <= AGE_MS && state.seq <= SEQUENCE) {
    post(context.endpoint, batch(age));
  }
};

// ---- when it is told -----------------------------------------------------------------------

// What is told after so long is told again if the page dies: a batch's age must not be older.
const FRESH_MS = 300_000;
// No oftener than that, and no sooner than what the browser has kept for who observes late. There is no
// waiting for idle time: after an input it may come a second later.
const CALM_MS = 100;
const SOON_MS = 10;

let timer;
let calm;
let heldAt = 0;
let fresh;
let rehearsed;
let withdraw;

/**
 * Whether what the browser holds of a hidden page must stay there. Chromium hides a tab that is closed
 * while it loads, and then drops what is posted or handed to it, but not what it holds. If the tab is
 * not closed, it is told when it is loaded, or gone.
 */
const kept = () => withdraw && document.readyState != 'complete';

/** Takes back what the browser was to send, or accepts that it has been sent. */
export const settle = () => {
  clearTimeout(fresh);
  if (withdraw?.()) {
    state = { ...rehearsed, queue: state.queue.slice(rehearsed.waited) };
    id = undefined;
  }
  withdraw = undefined;
};

/** Hands what there is to tell to the browser, which sends it when the page is gone. */
const hold = () => {
  settle();
  const before = state;
  const { queue } = before;
  state = { ...before, queue: [...queue], waited: queue.length };
  try {
    send((_, body) => {
      // More than one batch is more than browsers take; it will have been posted before long.
      if (!state.queue.length) withdraw = context.later(body);
      state.queue = [];
    }, 1);
  } catch { /* no secure context or no quota: the page will be told of when it is hidden */ }
  rehearsed = state;
  state = before;
  if (withdraw) fresh = setTimeout(guarded(hold), FRESH_MS);
};

/** Has the browser send what there is to tell if the page crashes or its tab is killed. */
const rehearse = () => {
  calm = 0;
  heldAt = performance.now();
  // A hidden page has told everything, unless it was hidden before the beacon was there.
  if (!document.hidden || !state.seq && !kept()) hold();
};

/** There is more to tell, or another value. */
export const changed = () => {
  if (self.fetchLater) {
    calm ||= setTimeout(guarded(rehearse), Math.max(heldAt + CALM_MS - performance.now(), SOON_MS));
  }
};

const really = (post) => (...body) => {
  id = undefined;
  post(...body);
};

const later = (ms, measured) => {
  clearTimeout(timer);
  timer = setTimeout(guarded(() => {
    timer = 0;
    settle();
    send(really(postSoon), measured);
    changed();
  }), ms);
};

/** The view ends or is hidden: tells everything. A page that is `shown` can wait for the answer. */
export const finish = (shown) => {
  timer = clearTimeout(timer);
  if (!shown && kept()) return;
  settle();
  if (!context.off && !shown) postWaiting();
  send(really(shown ? postSoon : postLast), 1);
};
