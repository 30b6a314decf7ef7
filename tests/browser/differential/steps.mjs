// What the cases of the differential suite are made of. In: a tab. Out: registrations, and waits for
// what a page does by itself. Must never happen: a case that goes on before the page has drawn and the
// libraries have looked at it: they do so when the page is idle.

export const NAMES = ['LCP', 'CLS', 'INP', 'FCP', 'TTFB'];

/** All metrics, each registered once, with the same options. */
export const all = (options, as = '') =>
  NAMES.map((on) => ({ on, ...(options && { options }), ...(as && { as: `${on} ${as}` }) }));

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the recorder has registered. */
export const recording = (tab) => tab.until(() => window.recorder?.ready);

/** Waits until the script tag's beacon runs too. What begins when its files are there, nobody sees. */
export const ready = async (tab) => {
  await recording(tab);
  await tab.until(() => performance.getEntriesByType('resource')
    .some(({ name, responseEnd }) => name.includes('/beacon/') && responseEnd > 0));
  await pause(300);
};

/** Waits until a visible page has drawn, told its observers and been idle. */
export const settle = (tab) =>
  tab.evaluate(() => new Promise((done) => {
    const idle = window.requestIdleCallback ?? setTimeout;
    requestAnimationFrame(() => requestAnimationFrame(() => idle(() => setTimeout(done, 250))));
  }));

/** Waits until each library has called back with a metric. A timer of a hidden page may take seconds. */
export const told = (tab, name) =>
  tab.until((name) => Object.values(window.recorder.record.calls)
    .every((calls) => calls.some(({ metric }) => metric.name === name)), name);

/** Moves everything down, without being asked. */
export const shift = async (tab, height) => {
  await tab.evaluate((height) => shiftBy(height), height);
  await settle(tab);
};

/** Presses a control and lets the page answer. */
export const press = async (tab, control) => {
  await tab.click(`#${control}`);
  await settle(tab);
};

/** Goes to a document in the history that has a recorder. The one that is left has one too, perhaps. */
export const wander = async (tab, steps) => {
  await tab.part();
  await tab.evaluate((steps) => {
    window.leaving = true;
    addEventListener('pageshow', () => { window.leaving = false; }, { once: true });
    setTimeout(() => history.go(steps));
  }, steps);
  // WebKit's driver never answers what it asks a page that goes away just then.
  await pause(400);
  await tab.until(() => !window.leaving && window.recorder?.ready);
  await settle(tab);
};
