// Starts Debian's Chromium for the browser tests. In: nothing. Out: a browser that talks to nobody
// but the pages it is sent to.

import { chromium } from 'playwright-core';

/** Launches a browser without a window. Whoever launches it closes it. */
export function launchChromium() {
  return chromium.launch({
    executablePath: process.env.FORESIGHT_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      // Its sandbox needs rights that build machines and containers do not give.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
