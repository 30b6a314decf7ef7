// Ours and web-vitals, in the same page load, over a matrix of pages and life cycles, in each engine.
//
// In: www/beacon/dist/vitals.js and the script tag's files in www/dist; ENGINES and CASE to run less
// (engines/engines.mjs, differential/cases.mjs). Out: a verdict per engine and case, and at the end how
// many cases and fields were compared and which differences were accepted, with their reasons. Must
// never happen: a difference that differential/differences.mjs does not name and that passes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site } from './beacon-server.mjs';
import { compareBatches } from './differential/batches.mjs';
import { cases } from './differential/cases.mjs';
import { compareRecord } from './differential/compare.mjs';
import { accepted } from './differential/differences.mjs';
import { drive } from './differential/drive.mjs';
import { pause } from './differential/steps.mjs';
import { Tally } from './differential/tally.mjs';
import { can, engines, knows } from './engines/engines.mjs';

/** The library under test; to try the suite itself, a copy: SUBJECT=/web-vitals.attribution.js?copy */
const SUBJECT = process.env.SUBJECT ?? '/npm/vitals.js';

/** How long a busy browser may take to post what a page that is gone has left, in ms. */
const POST_MS = 5000;

let site;
const tally = new Tally();
before(async () => { site = await Site.start(); });
after(async () => {
  await site?.stop();
  tally.print();
});

for (const engine of engines) {
  const wanted = cases.filter(({ types, not }) =>
    types.some((type) => knows(engine.name, type)) && !not.includes(engine.name));
  test(`${engine.name}: ours and web-vitals say the same`, async (t) => {
    let browser;
    let visitor;
    const launch = async () => {
      browser = await engine.launch();
      visitor = await browser.visitor();
    };
    await launch();
    t.after(() => browser.close());
    for (const one of wanted) {
      await t.test(one.name, async () => {
        try {
          await check(engine.name, visitor, one);
        } catch (error) {
          if (!error.unresponsive) {
            throw error;
          }
          console.log(`${engine.name} is started again: ${error.message}`);
          await browser.close();
          await launch();
          await check(engine.name, visitor, one);
        }
      });
    }
  });
}

async function check(engine, visitor, one) {
  const { records, batches } = await drive(site, visitor, one, SUBJECT);
  happened(engine, one, records);
  const found = records.map(compareRecord);
  if (one.beacon) {
    found.push(await arrived(() => compareBatches(records, batches)));
  }
  const differences = found.flatMap(({ differences }) => differences)
    .map((difference) => ({ ...difference, engine, case: one.name }));
  const fields = found.reduce((sum, { fields }) => sum + fields, 0);
  tally.add(engine, fields, differences.map(accepted).filter(Boolean));
  const others = differences.filter((difference) => !accepted(difference));
  assert.equal(others.length, 0, others.map(line).join('\n'));
}

/** What a page posts as it goes arrives when its browser gets to it: compares until all is there. */
async function arrived(compare) {
  const limit = Date.now() + POST_MS;
  for (;;) {
    const found = compare();
    if (found.differences.length === 0 || Date.now() > limit) {
      return found;
    }
    await pause(50);
  }
}

const line = ({ build, path, navigation, theirs, ours }) =>
  `${build}: ${path}${navigation ? ` (${navigation})` : ''}: theirs ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`;

/** The case did what it is named for: nothing is compared where nothing happened. */
function happened(engine, one, records) {
  assert.deepEqual(records.flatMap(({ faults }) => faults), []);
  assert.equal(records.length, one.documents, 'documents');
  const calls = records.flatMap((record) => record.calls.attribution).map(({ metric }) => metric);
  const navigations = [...new Set(calls.map(({ navigationType }) => navigationType))].sort();
  assert.deepEqual(navigations, one.navigations, 'types of navigation');
  for (const name of one.sees.filter((name) => can(engine).includes(name))) {
    assert.ok(calls.some((call) => call.name === name), `web-vitals calls back ${name}`);
  }
}
