// What a page saw of itself: the vitals by their definitions, measured apart from the beacon.
//
// In: a page. Out: its six values at this moment. The definitions are those of
// https://web.dev/articles/vitals for a page that was visible from the start and has had fewer than
// fifty interactions. Must never happen: code shared with the beacon, whose mistakes it would repeat.

/** Runs in the page before its own scripts, through `addInitScript`. */
export function observePage() {
  const seen = { lcp: 0, fcp: 0, shifts: [], interactions: new Map(), firstInput: undefined, observers: [] };
  window.__seen = seen;
  const take = {
    'largest-contentful-paint': (entry) => (seen.lcp = entry.startTime),
    paint: (entry) => entry.name === 'first-contentful-paint' && (seen.fcp = entry.startTime),
    'layout-shift': (entry) => !entry.hadRecentInput && seen.shifts.push([entry.startTime, entry.value]),
    event: (entry) => {
      if (entry.interactionId) {
        const longest = seen.interactions.get(entry.interactionId) ?? 0;
        seen.interactions.set(entry.interactionId, Math.max(longest, entry.duration));
      }
    },
    'first-input': (entry) => {
      seen.firstInput = entry.processingStart - entry.startTime;
      take.event(entry);
    },
  };
  for (const [type, act] of Object.entries(take)) {
    const handle = (entries) => entries.forEach(act);
    const observer = new PerformanceObserver((list) => handle(list.getEntries()));
    observer.observe({ type, buffered: true, durationThreshold: 40 });
    seen.observers.push(() => handle(observer.takeRecords()));
  }
}

/** Waits until the page's observers have been told of the last interaction: after its next paint. */
export async function afterPaint(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
}

/** The values of a page on which `observePage` ran. A missing one is undefined. */
export async function readPage(page) {
  await afterPaint(page);
  return page.evaluate(() => {
    const { lcp, fcp, shifts, interactions, firstInput, observers } = window.__seen;
    for (const takeRecords of observers) {
      takeRecords();
    }
    // The largest window of shifts that are less than 1 s apart and span less than 5 s.
    let [largest, sum, start, last] = [0, 0, -Infinity, -Infinity];
    for (const [time, value] of shifts) {
      const joins = time - last < 1000 && time - start < 5000;
      [sum, start] = joins ? [sum + value, start] : [value, time];
      last = time;
      largest = Math.max(largest, sum);
    }
    return {
      LCP: lcp,
      FCP: fcp,
      CLS: largest,
      TTFB: performance.getEntriesByType('navigation')[0].responseStart,
      FID: firstInput,
      INP: interactions.size > 0 ? Math.max(...interactions.values()) : undefined,
    };
  });
}
