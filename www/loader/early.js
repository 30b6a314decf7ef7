// What has to happen before the wasm is there.
//
// In: the site's token, the collector's address, and a function that loads the rest. Out: a context
// that the rest takes over: calls of the page and entries that would be lost, and the time of the
// first hiding. It must never throw into the page, and it counts a view that ends before the rest
// is there with at most one small batch.

/** A random id of 32 bits a word, in 7 characters each. */
const id = (words = 4) => crypto.getRandomValues(new Uint32Array(words))
  .reduce((text, word) => text + (word + 1e10).toString(36), '');

/** How the page view began, how wide it is and how many it stands for, in the words of the wire format. */
const facts = ({ sample }) => {
  const { type, activationStart } = performance.getEntriesByType('navigation')[0] || {};
  return {
    path: location.pathname.slice(0, 512),
    nav: activationStart ? 'prerender'
      : document.wasDiscarded ? 'restore'
      : (type || 'navigate').replace('_', '-'),
    vp: innerWidth < 768 ? 'phone' : innerWidth < 1024 ? 'tablet' : 'desktop',
    weight: 1 / sample || undefined,
  };
};

/**
 * Starts and returns the functions for the page.
 *
 * @param {{site: string, sample?: string, referralDays?: string}} options the site's token, the
 *   share of views that are measured, and how long a referral is remembered with consent
 * @param {string} endpoint where batches are posted
 * @param {(context: object) => Promise<void>} load loads the rest and hands it the context
 */
export const start = (options, endpoint, load) => {
  // Links must work for every visitor; nothing else starts for one who asks not to be measured.
  // (Without a number nothing is greater, and every view is measured.)
  const refused = navigator.globalPrivacyControl || navigator.doNotTrack == 1
    || Math.random() >= +options.sample;
  const calls = [];
  const clicks = [];
  const missed = [];
  const context = {
    ...options,
    endpoint, off: refused, id, facts, calls, clicks, missed,
    view: id(),
    seq: 0,
    hidden: document.hidden ? 0 : Infinity,
    call: (...call) => refused || calls.push(call),
    /** Records a share, unless the caller does so later, and returns its link. */
    share: (channel, url, record = context.call) => {
      try {
        url = new URL(url || location, location);
        if (!refused) {
          const share = id(2);
          url.searchParams.set('ref', share);
          record('share', channel, share);
        }
      } catch { /* what is no address is returned as it came */ }
      return `${url}`;
    },
  };

  // A click that needs a link waits until there is somebody to make one.
  addEventListener('click', (event) => {
    const element = event.target.closest?.('[data-share]');
    if (element && !context.linked) {
      event.preventDefault();
      clicks.push(element);
    }
  }, true);

  // One small batch that says no more than: there was a view.
  const ping = () => {
    // Whoever has not consented to be measured must not be counted either.
    if (refused || calls.some((call) => call[1]?.measure == false)
      || document.prerendering || context.seq++) return;
    navigator.sendBeacon(endpoint, JSON.stringify({
      v: 1, site: options.site, id: id(), sent: Date.now(),
      view: { id: context.view, seq: 0, age: performance.now() | 0, ...facts(options) },
      events: [],
    }));
  };

  if (!refused) {
    addEventListener('visibilitychange', ({ timeStamp }) => {
      // Set inside the call, as below: the loader is weighed by the byte.
      if (document.hidden) ping(context.hidden = Math.min(context.hidden, timeStamp));
    }, true);

    const fault = (event) => context.call('error', event);
    addEventListener('error', fault);
    addEventListener('unhandledrejection', fault);

    // The browser keeps only events of 104 ms and more for those who come later.
    try {
      context.observer = new PerformanceObserver((list) => missed.push(...list.getEntries()));
      context.observer.observe({ type: 'event', durationThreshold: 40 });
      context.observer.observe({ type: 'first-input' });
    } catch { /* the browser has no event timing: there is nothing to keep */ }
  }

  const loaded = () => setTimeout(() => load(context).catch(() => {
    // Nobody will make links: clicks go their own way again.
    ping(context.linked = true);
    clicks.map((element) => element.click());
  }));
  document.readyState == 'complete' ? loaded() : addEventListener('load', loaded);

  const api = {
    share: (channel, options) => context.share(channel, options?.url),
    push: ([name, ...call]) => api[name]?.(...call),
  };
  for (const name of ['lead', 'convert', 'track', 'consent']) {
    api[name] = (...call) => context.call(name, ...call);
  }
  return api;
};
