// What has to happen before the wasm is there.
//
// In: the site's token, the collector's address, and a function that loads the rest. Out: a context
// that the rest takes over: calls of the page, entries of the timeline, and the time of the first
// hiding. It must never throw into the page. A view that is hidden before the rest is there is told
// with one small batch: that it was, and the vitals that are known by then.

/** A random id of 64 bits, as digits. */
const id = () => crypto.getRandomValues(new Uint32Array(2)).join('');

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
  const refused = navigator.globalPrivacyControl || navigator.doNotTrack > 0
    || Math.random() >= options.sample;
  // Known by now and final. A browser without is too old for the rest, too, and nothing starts.
  const [{ type, responseStart }] = performance.getEntriesByType('navigation');
  const context = {
    ...options,
    endpoint, off: refused, id,
    calls: [],
    early: [],
    view: id(),
    call: (...call) => {
      context.calls.push(call);
      // Whoever has not consented to be measured must not be counted either.
      if (call[1]?.measure == false) context.first = context.withdraw?.();
    },
    /**
     * Hands a body to the browser, which posts it when the page is gone, even if it crashed or was
     * killed. Returns a function that withdraws it and says whether it was too late for that. Throws
     * where the browser cannot, or takes no more.
     */
    later: (body) => {
      const control = new AbortController();
      const result = fetchLater(endpoint, { method: 'POST', body, signal: control.signal });
      return () => {
        control.abort();
        return result.activated;
      };
    },
    take: (list) => {
      context.early.push(list);
      // The page has something to show.
      begin();
    },
    /** A batch as JSON. It says how the view began, how wide it is and how many views it stands for. */
    batch: (view, events = context.told || [], batch = id()) => JSON.stringify({
      v: 1,
      site: options.site,
      id: batch,
      sent: Date.now(),
      view: {
        id: context.view,
        path: location.pathname.slice(0, 512),
        nav: type.replace('_', '-'),
        vp: innerWidth < 768 ? 'phone' : innerWidth < 1024 ? 'tablet' : 'desktop',
        weight: 1 / options.sample || undefined,
        ...view,
      },
      events,
    }),
  };

  /** Records a share, unless the caller does so later, and returns its link. */
  const share = context.share = (channel, options, record = context.call) => {
    let url = options?.url || location;
    try {
      url = new URL(url, location);
      if (!refused) {
        const share = id();
        url.searchParams.set('ref', share);
        record('share', channel, share);
      }
    } catch { /* what is no address is returned as it came */ }
    return `${url}`;
  };

  let begun;
  const begin = () => {
    begun ||= load(context).catch(() => {
      // Nobody will make links: clicks go their own way again.
      context.linked = true;
      context.clicked?.click();
    });
  };

  if (!refused) {
    // Of events the browser keeps only those of 104 ms and more for who comes later; the rest observes
    // what else there is. (With the same options for both the loader is smaller.)
    try {
      context.observer = new PerformanceObserver((list) => context.take(list));
      context.observer.observe({ type: 'event', buffered: true, durationThreshold: 40 });
      context.observer.observe({ type: 'paint', buffered: true, durationThreshold: 40 });
    } catch { /* there is nothing to keep: the view is counted all the same */ }

    for (const type of 'error unhandledrejection'.split(' ')) {
      addEventListener(type, (event) => context.call('error', event));
    }

    // A view that ends before the rest is there is told with one small batch. A tab that is closed
    // while it loads says nothing, so the browser has that batch from the start.
    context.told = !document.hidden && (responseStart > 0 ? [{ vital: { name: 'TTFB', value: responseStart } }] : []);
    context.first = context.batch({ seq: 0, age: 0 });
    try {
      context.first = void (context.withdraw = context.later(context.first));
    } catch { /* then it is told when it is hidden */ }
    addEventListener('visibilitychange', () => {
      if (document.hidden && context.first) context.pinged ||= navigator.sendBeacon(endpoint, context.first);
    }, true);
  }

  // A click that needs a link waits until there is somebody to make one.
  addEventListener('click', (event) => {
    const element = event.target.closest?.('[data-share]');
    if (element && !context.linked) {
      event.preventDefault();
      context.clicked = element;
    }
  }, true);

  // A page that is never painted begins when it was loaded.
  document.readyState == 'complete' ? begin() : addEventListener('load', begin);

  const api = {
    share,
    push: ([name, ...call]) => api[name]?.(...call),
  };
  for (const name of 'lead convert track consent referral'.split(' ')) {
    api[name] = (...call) => context.call(name, ...call);
  }
  return api;
};
