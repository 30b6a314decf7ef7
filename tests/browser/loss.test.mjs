// Nothing is lost: page views that end in a random way at a random moment, a real collector, and a
// witness that knows what there was to tell.
//
// In: see collector.mjs; FORESIGHT_LOSS_VIEWS (200) and FORESIGHT_LOSS_SEED (random), of which a run
// prints the latter. Out: what arrived of what there was, by way of ending and by metric, each loss
// with the moment and how far the page had come, and a verdict. Must never happen: a view that is
// left out because it ended too early. Whatever ran a line of script counts as started.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site } from './beacon-server.mjs';
import { startCollector, until } from './collector.mjs';
import { Browser } from './loss-browser.mjs';
import { BUTTON, page as content, plan } from './loss-plan.mjs';
import { report, tally } from './loss-tally.mjs';
import { Witness } from './loss-witness.mjs';

const VIEWS = Number(process.env.FORESIGHT_LOSS_VIEWS ?? 200);
const SEED = Number(process.env.FORESIGHT_LOSS_SEED ?? Math.floor(Math.random() * 1e6));
const GOALS = { views: 0.99, vitals: 0.97 };
/** What must hold in every run, on a busy machine too. What is lost, and why: beacon/BENCHMARK.md. */
const FLOORS = { views: 0.97, vitals: 0.97 };
/** Visitors at the same time. Most of a visit is waiting. */
const TOGETHER = 4;
/** How long the last batches may take, in ms. A browser may keep one back for a moment. */
const ARRIVAL_MS = 15_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

let site;
let browser;
let collector;
before(async () => {
  // One after the other: whatever was started is ended, also if the next one does not start.
  site = await Site.start();
  browser = await Browser.start();
  collector = await startCollector('sqlite');
  site.page('/away', '<!doctype html><title>Away</title><p>Away');
});
after(async () => {
  await Promise.all([browser?.close(), collector?.stop(), site?.stop()]);
});

/** Ends a visit as planned. */
const END = {
  'closed': (visit) => visit.close(),
  'closed-loading': (visit) => visit.close(),
  'navigated': async ({ page }, { link }) => {
    if (link) await page.evaluate(() => { document.querySelector('#away').click(); });
    else await page.goto(`${site.origin}/away`, { waitUntil: 'commit' });
    await page.waitForURL('**/away');
  },
  'hidden-killed': async (visit, { hidden }) => {
    await visit.hide();
    await sleep(hidden);
    await visit.kill();
  },
  'killed': (visit) => visit.kill(),
};

/** One visitor, who clicks until the end comes. */
const visit = async (witness, planned) => {
  const seen = witness.expect(planned);
  const visit = await browser.open(planned);
  const { page } = visit;
  await witness.attend(page, visit.session);
  await page.goto(site.origin + planned.path, { waitUntil: 'commit' });
  const began = performance.now();
  const reach = (ms) => sleep(began + ms - performance.now());
  const click = async () => {
    for (const at of planned.clicks.filter((at) => at < planned.end)) {
      await reach(at);
      await page.mouse.click(visit.width - BUTTON.right, BUTTON.top);
    }
  };
  click().catch(() => { /* the page was gone before the click had an answer */ });
  await reach(planned.end);
  seen.ended = Date.now();
  await END[planned.way](visit, planned);
  if (!page.isClosed()) await visit.close();
};

/** All visitors, some at a time. Returns what the witness saw. */
const visitAll = async (plans) => {
  const witness = new Witness();
  const queue = [...plans];
  await Promise.all(Array.from({ length: TOGETHER }, async () => {
    for (let planned = queue.shift(); planned; planned = queue.shift()) await visit(witness, planned);
  }));
  return [...witness.seen.values()];
};

test(`${VIEWS} page views that end at random moments are told`, async () => {
  const plans = plan(SEED, VIEWS);
  const token = collector.token(new URL(site.origin).host);
  const tag = `<script async src="${collector.url}/beacon.js" data-site="${token}"></script>`;
  plans.forEach((planned) => site.page(planned.path, content(planned, tag)));
  const seen = await visitAll(plans);
  const started = seen.filter((one) => one.started).length;
  await until('all views', async () => (await collector.ask('vitals')).views >= started, ARRIVAL_MS)
    .catch(() => { /* what is missing then is lost, and is named below */ });
  await until('an empty spool', async () => (await collector.metric('foresight_spool_depth')) === 0);
  const pairs = [];
  for (const one of seen) pairs.push([one, await collector.ask('vitals', { page: one.plan.path })]);
  const account = tally(pairs);
  console.log(`${VIEWS} views, seed ${SEED}\n${report(account)}`);
  assert.equal(started, plans.length, 'a page did not open');
  assert.deepEqual(account.twice.map(({ seen }) => seen.plan.path), [], 'counted twice');
  const reached = account.views >= GOALS.views && account.vitals >= GOALS.vitals;
  console.log(`goals of ${GOALS.views} and ${GOALS.vitals}: ${reached ? 'reached' : 'not reached'}`);
  assert.ok(account.views >= FLOORS.views, `views: ${account.views}`);
  assert.ok(account.vitals >= FLOORS.vitals, `vitals: ${account.vitals}`);
});
