// Chromium for the beacon's tests.
//
// In: options of a test. Out: pages of a fresh browser context, and ways to hide a page as a
// visitor does. A page's own errors fail the test that opened it.

import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: FLAGS,
  // Playwright turns the back/forward cache off, which is one of the things to be tested.
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
});

/** A page in a context of its own. `script` runs before the page's own scripts. */
export const open = async (browser, { script, arg } = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  if (script) await page.addInitScript(script, arg);
  return page;
};

/** Waits until the beacon's wasm has taken over from the loader. */
export const ready = (page) => page.waitForFunction(() =>
  performance.getEntriesByType('resource').some(({ name }) => name.endsWith('beacon.wasm')))
  .then(() => page.waitForTimeout(250));

/** Leaves the page, as a visitor does who follows a link. */
export const leave = (page) => page.goto('about:blank');

/** Hides or shows the page without leaving it. */
export const hide = (page, hidden = true) => page.evaluate((hidden) => {
  if (hidden) {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  } else {
    // Without the stand-ins the browser's own state is seen again.
    delete document.visibilityState;
    delete document.hidden;
  }
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}, hidden);
