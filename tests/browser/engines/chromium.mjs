// Debian's Chromium for tests in three engines.
//
// In: nothing. Out: a browser. Driven by Puppeteer, as Playwright makes every tab believe that it
// has the focus: no tab is ever hidden then, and what a hidden tab does is half of what is tested.

import { launchPuppeteer } from './puppeteer.mjs';

/** Launches Chromium. Whoever launches it closes it. */
export function launchChromium() {
  return launchPuppeteer('chromium', {
    browser: 'chrome',
    executablePath: process.env.FORESIGHT_TEST_CHROMIUM ?? '/usr/bin/chromium',
    // Puppeteer turns the back/forward cache off, which is one of the things to be tested.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      // Its sandbox needs rights that build machines and containers do not give.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
    ],
  });
}
