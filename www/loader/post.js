// Brings batches to the collector.
//
// In: bodies. Out: requests. A refused body is posted again as it is, so that the collector counts
// it once: a bounded number of times, and never before the collector allows. What is wrong with it
// stays wrong, so other refusals are final. Nothing here may throw into the page.

const TRIES = 5;
const FIRST_WAIT_MS = 4000;
// Timers cannot wait for more than 24 days.
const LONGEST_WAIT_MS = 1e9;
// The oldest gives way to what is new.
const KEPT = 8;

const waiting = new Set();

/** Posts from a page that goes on, and again if the collector is busy or out of reach. */
export const postSoon = (endpoint, body, tries = 1) => {
  // A plain string is `text/plain`: no preflight. The visitor's cookies are nobody's business.
  fetch(endpoint, { method: 'POST', body, keepalive: true, credentials: 'omit' }).then(
    ({ status, headers }) => {
      const wait = headers.get('retry-after');
      return status >= 500 || status == 429 || status == 408
        ? wait * 1000 || Date.parse(wait) - Date.now() || 0
        : NaN;
    },
    () => 0,
  ).then((wait) => {
    if (isNaN(wait) || tries == TRIES) return;
    const again = { endpoint, body };
    again.timer = setTimeout(() => {
      waiting.delete(again);
      postSoon(endpoint, body, tries + 1);
    // Many pages are refused at once; they must not all come back at once.
    }, Math.min(Math.max(wait, FIRST_WAIT_MS * 2 ** (tries - 1)) * (1 + Math.random() / 2), LONGEST_WAIT_MS));
    waiting.add(again);
    if (waiting.size > KEPT) drop(waiting.values().next().value);
  });
};

const drop = (again) => {
  clearTimeout(again.timer);
  waiting.delete(again);
};

/**
 * Posts from a page that goes away, which cannot wait for the answer. What does not fit into the
 * 64 KiB that the browser takes at once is tried again if the page lives on.
 */
export const postLast = (endpoint, body) => {
  if (!navigator.sendBeacon?.(endpoint, body)) postSoon(endpoint, body);
};

/** What waits is not sent any more: the visitor has withdrawn the consent. */
export const dropWaiting = () => waiting.forEach(drop);

/** What waits gets its last chance: a few requests, and the alternative is to lose a lead. */
export const postWaiting = () => waiting.forEach((again) => {
  drop(again);
  postLast(again.endpoint, again.body);
});
