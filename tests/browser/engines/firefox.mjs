// Debian's Firefox ESR for tests in three engines. In: nothing. Out: a browser, driven through
// WebDriver BiDi.

import { launchPuppeteer } from './puppeteer.mjs';
import { untilTrue } from './wait.mjs';

/** Launches Firefox. Whoever launches it closes it. */
export function launchFirefox() {
  return launchPuppeteer(
    'firefox',
    {
      browser: 'firefox',
      executablePath: process.env.FORESIGHT_TEST_FIREFOX ?? '/usr/bin/firefox-esr',
    },
    go,
  );
}

/** Puppeteer waits in vain for the next load of a page that came from the back/forward cache. */
async function go(page, url) {
  await page.evaluate((url) => void setTimeout(() => location.assign(url)), url);
  await untilTrue(page, (url) => location.href === url && document.readyState === 'complete', url);
}
