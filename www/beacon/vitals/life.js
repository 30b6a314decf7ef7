// The life of the page: activated, hidden, restored, idle.
//
// In: the browser's events. Out: calls at the moments that web-vitals has, in its order: whoever
// registered first is called first.

/** The navigation entry, unless its first byte has an impossible time. */
export const navigation = () => {
  const [entry] = performance.getEntriesByType('navigation');
  const first = entry?.responseStart;
  return first > 0 && first < performance.now() ? entry : undefined;
};

/** When a page that was rendered ahead was asked for; 0 for others. */
export const activation = () => navigation()?.activationStart ?? 0;

/** Calls `act` when the visitor asks for the page. */
export const whenActivated = (act) => {
  if (document.prerendering) addEventListener('prerenderingchange', act, true);
  else act();
};

/** When the page was last restored from the back/forward cache; negative if it never was. */
export let restored = -1;

/** Calls `act` with the time of each restore. */
export const onRestore = (act) => addEventListener('pageshow', ({ persisted, timeStamp }) => {
  if (persisted) {
    restored = timeStamp;
    act(timeStamp);
  }
}, true);

/** Calls `act` when something was painted that is not yet under way. */
export const afterPaint = (act) => requestAnimationFrame(() => requestAnimationFrame(() => act()));

/** Calls `act` when the page is idle, within a second, or at once when it is hidden. */
export const whenIdle = (act) => {
  if (document.visibilityState == 'hidden') return act();
  const capture = true;
  const idles = self.requestIdleCallback;
  const now = () => {
    removeEventListener('visibilitychange', hide, { capture });
    act();
  };
  const timer = idles ? idles(now, { timeout: 1000 }) : setTimeout(now);
  const hide = () => {
    (idles ? cancelIdleCallback : clearTimeout)(timer);
    now();
  };
  addEventListener('visibilitychange', hide, { capture });
};

// ---- hidden --------------------------------------------------------------------------------

const HIDDEN = () => document.visibilityState == 'hidden';
const hiders = new Set();
// Negative until somebody asks.
let hidden = -1;

// A page is hidden while it is rendered ahead. Any other page that is hidden when somebody asks
// first is taken to have been so from the start.
const now = () => HIDDEN() && !document.prerendering ? 0 : Infinity;

const update = ({ type, timeStamp }) => {
  if (!HIDDEN()) return;
  const change = type == 'visibilitychange';
  if (change) hiders.forEach((act) => act());
  // Hidden when it is activated means: opened in the background.
  if (hidden == Infinity) hidden = change ? timeStamp : 0;
};

/** Begins to watch, once. */
export const watch = () => {
  if (hidden >= 0) return;
  const start = activation();
  // Chromium tells what was before somebody watched.
  const entry = !document.prerendering && performance.getEntriesByType('visibility-state')
    .find(({ name, startTime }) => name == 'hidden' && startTime >= start);
  hidden = entry ? entry.startTime : now();
  addEventListener('visibilitychange', update, true);
  addEventListener('prerenderingchange', update, true);
  // Chromium makes a restored page visible a task later.
  onRestore(() => setTimeout(() => { hidden = now(); }));
};

/** When the view was first hidden; infinite if it was not. */
export const firstHidden = () => hidden;

/** A soft navigation begins a view that is visible. */
export const show = () => { hidden = Infinity; };

/** Calls `act` each time that the page is hidden. */
export const onHidden = (act) => hiders.add(act);
