// Runs a case in a browser. In: a visitor, a case and the address of the library under test. Out: what the
// documents recorded and what was posted. Must never happen: records of another case.

import { ELSEWHERE, pageOf } from './pages.mjs';
import { pause, ready, recording } from './steps.mjs';

/** How long what a page writes and posts last may take, in ms. */
const POST_MS = 300;

/** Visits the page, does what the case says, leaves, and reads what there is. */
export async function drive(site, visitor, one, subject) {
  const address = site.page('/case', pageOf(one, subject), one.headers);
  const elsewhere = site.page('/elsewhere', ELSEWHERE);
  const launch = site.page('/launch', launchPage(address));
  site.page('/cached.png', site.image, { 'content-type': 'image/png', 'cache-control': 'max-age=600' });
  const tab = await visitor.open(elsewhere);
  await tab.evaluate(() => sessionStorage.clear());
  site.reset();
  if (one.hiddenFirst) {
    await tab.hide();
  }
  if (!one.launched) {
    await tab.goto(address);
    await (one.hasty ? recording : ready)(tab);
  }
  await one.drive(tab, { site, address, elsewhere, launch });
  await tab.goto(elsewhere);
  // A browser may show the next page before the last one has heard that it was left.
  await tab.until((documents) => sessionStorage.length >= documents, one.documents);
  await pause(POST_MS);
  const records = await tab.evaluate(() => Object.values(sessionStorage).map((text) => JSON.parse(text)));
  records.sort((a, b) => a.at - b.at);
  await tab.close();
  return { records, batches: site.batches };
}

/** A page that has another one prerendered, and a link to it. */
const launchPage = (address) => `<!doctype html><title>Launch</title>
<script type="speculationrules">{"prerender": [{"source": "list", "urls": [${JSON.stringify(address)}]}]}</script>
<a href="${address}">Bakery</a>`;
