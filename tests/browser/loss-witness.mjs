// What a page had to tell when it ended, seen apart from the beacon.
//
// In: pages, in which `watch` runs before their own scripts. Out: for each path whether a view
// started, which vitals had a value when it ended, and how far the page had come. A note leaves the
// page through a binding of the browser's debugging protocol, in the same turn in which the browser
// told the page: so it survives a renderer that is killed a moment later. Must never happen: code
// shared with the beacon, whose mistakes it would repeat.
//
// A vital "has a value" by the definitions of https://web.dev/articles/vitals as soon as the browser
// has handed its entry to an observer of the page, up to the moment of the end:
//
// - TTFB when the document has begun: stricter than web-vitals, which waits for the load event;
// - FCP and LCP from their entries, if the paint was before the page was first hidden; a candidate
//   for LCP that the browser had painted but not yet told anybody counts for nobody;
// - CLS, which may be 0, when FCP has a value: as web-vitals has it;
// - INP from the first event of an interaction that took 40 ms, or the first input; FID from the
//   first input before the page was first hidden.

/** Runs in the page, through `addInitScript`. */
export function watch() {
  if (!location.pathname.startsWith('/walk-') || self != top) return;
  const { note } = window;
  const tell = (what, value) => note(JSON.stringify({ path: location.pathname, what, value, at: performance.now() }));
  tell('start', performance.timeOrigin);
  let hidden = Infinity;
  const take = {
    paint: (entry) => entry.name == 'first-contentful-paint' && entry.startTime < hidden && tell('FCP', entry.startTime),
    'largest-contentful-paint': (entry) => entry.startTime < hidden && tell('LCP', entry.startTime),
    'layout-shift': (entry) => !entry.hadRecentInput && tell('shift', entry.value),
    'first-input': (entry) => {
      if (entry.startTime < hidden) tell('FID', entry.processingStart - entry.startTime);
      take.event(entry);
    },
    event: (entry) => entry.interactionId && tell('INP', entry.duration),
    resource: (entry) => /\/beacon\.(js|wasm)$/.test(entry.name) && tell(entry.name.endsWith('wasm') ? 'wasm'
      : entry.name.split('/').length == 4 ? 'loader' : 'glue', entry.responseEnd),
  };
  const observers = Object.entries(take).map(([type, act]) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(act));
    observer.observe({ type, buffered: true, durationThreshold: 40 });
    return () => observer.takeRecords().forEach(act);
  });
  const leave = (event) => {
    if (event.type == 'visibilitychange' && !document.hidden) return;
    observers.forEach((flush) => flush());
    hidden = Math.min(hidden, event.timeStamp);
    tell(event.type);
  };
  // First of all listeners, as the beacon's would be in a page without it.
  addEventListener('visibilitychange', leave, true);
  addEventListener('pagehide', leave, true);
  addEventListener('load', () => tell('load'));
}

/** The notes of one view. */
class Seen {
  constructor(plan) {
    this.plan = plan;
    this.notes = [];
  }

  get started() {
    return this.notes.some(({ what }) => what == 'start');
  }

  /** When it ended, in ms of the page's own clock. `ended` is set by whoever ends it. */
  get endedAt() {
    return this.ended - this.notes.find(({ what }) => what == 'start')?.value;
  }

  /** When something was noted first; undefined if never. */
  when(what) {
    return this.notes.find((note) => note.what == what)?.at;
  }

  /** Which vitals had a value, and when their last news came. */
  get vitals() {
    const last = (what) => this.notes.findLast((note) => note.what == what)?.at;
    const times = { TTFB: this.when('start'), FCP: last('FCP'), LCP: last('LCP'), INP: last('INP'), FID: last('FID') };
    times.CLS = times.FCP === undefined ? undefined : last('shift') ?? times.FCP;
    return Object.fromEntries(Object.entries(times).filter(([, at]) => at !== undefined));
  }

  /** Whether the browser told the page that it ended, in words. */
  get told() {
    return this.when('visibilitychange') ?? this.when('pagehide') ? 'told of its end' : 'not told of its end';
  }

  /** How far the page had come when it ended, in words. */
  get stage() {
    const stages = [['wasm', 'the beacon was there'], ['glue', 'the wasm was on its way'],
      ['load', 'the beacon was on its way'], ['loader', 'the page was loading, the loader was there']];
    return stages.find(([what]) => this.when(what) !== undefined)?.[1] ?? 'the loader was not there';
  }
}

/** Collects the notes of pages. */
export class Witness {
  seen = new Map();

  expect(plan) {
    const seen = new Seen(plan);
    this.seen.set(plan.path, seen);
    return seen;
  }

  /** Listens to a page that has not been anywhere yet. */
  async attend(page, session) {
    session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name != 'note') return;
      const note = JSON.parse(payload);
      this.seen.get(note.path)?.notes.push(note);
    });
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: 'note' });
    await page.addInitScript(watch);
  }
}
