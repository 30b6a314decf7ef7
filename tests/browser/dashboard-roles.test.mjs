// What a viewer, an analyst and an admin see on the dashboard of a real collector, in Chromium (by Playwright) and Firefox.
//
// In: see seeded.mjs. Out: a verdict: figures of a few page views are for admins, with their number said and totals whole;
// leads and money are for analysts, without an error. Must never happen: a part that the role withholds shown as failed.

import assert from 'node:assert/strict';
import { inEngines } from './dashboard-engines.mjs';
import { launchFirefox } from './engines/firefox.mjs';
import { launchPlaywright } from './engines/playwright.mjs';
import { startSeeded } from './seeded.mjs';
import { groupsOf, viewsOf } from './truth.mjs';

const PASSWORD = 'correct horse battery';
const ROLES = ['viewer', 'analyst', 'admin'];
/** Page views of a group that is told to everybody: the setting's default. */
const ENOUGH = 10;
const DAY_MS = 86_400_000;
const time = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');
const END = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const SPAN = { from: time(END - 3 * DAY_MS), to: time(END) };
const IN_SPAN = new URLSearchParams(SPAN).toString();

async function start() {
  const collector = await startSeeded({ sites: 20, days: 10, views: 20, seed: 3 }, { FORESIGHT_ACCESS_LOGIN: 'required' });
  for (const role of ROLES) {
    collector.run(['user', 'add', role, '--role', role, '--password-stdin'], { input: PASSWORD });
  }
  return collector;
}

const engines = [
  ['chromium', launchPlaywright],
  ['firefox', launchFirefox],
];

/** Which groups are told, by hand: the small ones are not, nor the smallest others until what is left out is enough. */
function told(groups) {
  const sizes = [...groups.values()].map((views) => views.length).sort((a, b) => a - b);
  let [largest, sum] = [0, 0];
  for (const size of sizes) {
    if (size < ENOUGH || (sum > 0 && sum < ENOUGH)) {
      largest = size;
      sum += size;
    }
  }
  return new Set([...groups].filter(([, views]) => views.length > largest).map(([value]) => value));
}

inEngines(({ look, server }) => {
  const views = (wanted = {}) => viewsOf(server().views, { ...SPAN, ...wanted });
  /** The site and the country with fewest page views that has any small group, but is none itself. */
  const sparse = () => {
    for (const [site, ofSite] of groupsOf(views(), 'site')) {
      const countries = groupsOf(ofSite, 'country');
      const [few] = [...countries].find(([, one]) => one.length < ENOUGH) ?? [];
      if (few !== undefined && told(countries).size > 0) {
        return { site, few, ofSite, countries };
      }
    }
    return assert.fail('no site of the demo fleet has a small group');
  };
  const signIn = async (looker, role) => {
    await looker.row('sign-in');
    assert.deepEqual(await looker.axe(), []);
    await looker.write('sign-in-name', role);
    await looker.write('sign-in-password', PASSWORD);
    await looker.click('sign-in-submit');
    await looker.row('who');
    // What was refused before the sign-in is logged by the browser itself.
    looker.tab.faults.length = 0;
  };

  for (const role of ROLES) {
    look(`${role}: leads and money are for analysts, and a viewer is told so`, `?${IN_SPAN}`, async (looker) => {
      await signIn(looker, role);
      await looker.ready('passing', 'health', 'business');
      await looker.tab.until(() => document.querySelector('[data-testid="updated-at"]').dataset.value !== '');
      const withheld = await looker.tab.evaluate(() => [...document.querySelectorAll('[data-testid="withheld"]')].map(({ dataset, textContent }) => [dataset.code, textContent]));
      const isViewer = role === 'viewer';
      assert.deepEqual(withheld, isViewer ? Array(2).fill(['not_allowed', 'Not shown: needs the role analyst.']) : []);
      assert.equal((await looker.row('business-leads')).value === '', isViewer);
      assert.deepEqual(await looker.rows('failed-parts'), []);
      assert.deepEqual(await looker.axe(), []);
      await looker.goto(`?view=growth`);
      await looker.ready('funnel', 'cohorts');
      for (const panel of ['leads', 'revenue', 'partners']) {
        await looker.tab.until(([panel, isViewer]) => {
          const { state } = document.querySelector(`[data-testid="panel-${panel}"]`).dataset;
          return isViewer ? state === 'withheld' : ['ready', 'empty'].includes(state);
        }, [panel, isViewer]);
      }
      assert.deepEqual(await looker.rows('failed-parts'), []);
      assert.deepEqual(await looker.axe(), []);
    });

    look(`${role}: small groups are for admins, and totals stay`, '', async (looker) => {
      await signIn(looker, role);
      const { site, few, ofSite, countries } = sparse();
      const isAdmin = role === 'admin';
      await looker.goto(`?view=site&site=${site}&${IN_SPAN}&by=country`);
      await looker.ready('vitals', 'breakdown');
      assert.equal(Number((await looker.row('views-total')).value), ofSite.length);
      const lines = (await looker.rows('breakdown-row')).map(({ value, views: n }) => [value, Number(n)]);
      const shown = isAdmin ? new Set(countries.keys()) : told(countries);
      assert.deepEqual(new Set(lines.map(([value]) => value)), shown);
      for (const [value, n] of lines) {
        assert.equal(n, countries.get(value).length, value);
      }
      const left = await looker.tab.evaluate(() => {
        const note = document.querySelector('[data-testid="panel-breakdown"] [data-testid="small-groups"]');
        return note && { ...note.dataset };
      });
      if (isAdmin) {
        assert.equal(left, null);
      } else {
        assert.equal(Number(left.groups), countries.size - shown.size);
        assert.equal(lines.reduce((sum, [, n]) => sum + n, Number(left.views)), ofSite.length, 'the parts are not the whole');
        assert.ok(Number((await looker.row('small-values')).value) >= countries.size - shown.size);
      }
      assert.deepEqual(await looker.axe(), []);
      // Whoever asks for the group by its address is told no more.
      await looker.goto(`?view=site&site=${site}&${IN_SPAN}&country=${few}`);
      if (isAdmin) {
        await looker.ready('vitals');
        assert.equal(Number((await looker.row('views-total')).value), countries.get(few).length);
        return;
      }
      for (const panel of ['vitals', 'breakdown', 'pages', 'causes', 'trend', 'activity']) {
        await looker.tab.until((panel) => document.querySelector(`[data-testid="panel-${panel}"]`)?.dataset.state === 'withheld', panel);
      }
      assert.equal((await looker.row('withheld')).code, 'group_too_small');
      assert.equal((await looker.row('views-total')).value, '');
      assert.deepEqual(await looker.axe(), []);
      looker.tab.faults = looker.tab.faults.filter((fault) => !/status of 403/.test(fault));
    });
  }
}, { start, engines });
