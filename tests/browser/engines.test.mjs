// What the tests in three engines rely on: each browser really does what its interface promises.
//
// In: the engines. Out: a verdict per engine, and what it can measure. Must never happen: a
// hidden tab or a restored page that is only pretended.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site } from './beacon-server.mjs';
import { engines, ENTRY_TYPES } from './engines/engines.mjs';

/** A page that writes down what happens to it. */
const DIARY = `<!doctype html><title>Diary</title><button id="note">Note</button><input id="text">
<script>
  window.diary = [];
  for (const type of ['click', 'keydown', 'visibilitychange', 'pagehide', 'pageshow'])
    addEventListener(type, (event) => diary.push({ type, trusted: event.isTrusted,
      state: document.visibilityState, persisted: event.persisted }), true);
</script>`;

let site;
before(async () => {
  site = await Site.start();
  site.page('/diary', DIARY);
  site.page('/elsewhere', '<!doctype html><title>Elsewhere</title><p>Elsewhere');
});
after(() => site?.stop());

for (const engine of engines) {
  test(`${engine.name} clicks, types, hides, shows and comes back as a visitor does`, async (t) => {
    const browser = await engine.launch();
    t.after(() => browser.close());
    const visitor = await browser.visitor();
    const tab = await visitor.open(`${site.origin}/diary`);
    const diary = (type) =>
      tab.evaluate((type) => window.diary.filter((line) => line.type === type), type);

    await tab.click('#note');
    await tab.type('#text', 'ab');
    await tab.press('Tab');
    assert.deepEqual((await diary('click')).map(({ trusted }) => trusted), [true]);
    assert.deepEqual((await diary('keydown')).map(({ trusted }) => trusted), [true, true, true]);
    assert.equal(await tab.evaluate(() => document.querySelector('#text').value), 'ab');

    await tab.hide();
    await tab.show();
    const states = (await diary('visibilitychange')).map(({ state, trusted }) => [state, trusted]);
    assert.deepEqual(states, [['hidden', true], ['visible', true]]);

    await tab.goto(`${site.origin}/elsewhere`);
    await tab.evaluate(() => void setTimeout(() => history.back()));
    await tab.until(() => window.diary?.some(({ type, persisted }) => type === 'pageshow' && persisted));
    assert.equal((await diary('click')).length, 1, 'the same document is back');

    const types = await tab.evaluate(() => PerformanceObserver.supportedEntryTypes);
    assert.deepEqual(ENTRY_TYPES.chromium.filter((type) => types.includes(type)), ENTRY_TYPES[engine.name]);
    await visitor.close();
  });

  test(`${engine.name} gives each visitor a store of their own`, async (t) => {
    const browser = await engine.launch();
    t.after(() => browser.close());
    const first = await browser.visitor();
    const tab = await first.open(`${site.origin}/diary`);
    await tab.evaluate(() => localStorage.setItem('seen', 'yes'));
    await first.close();
    const second = await browser.visitor();
    const other = await second.open(`${site.origin}/diary`);
    assert.ok(!(await other.evaluate(() => localStorage.getItem('seen'))));
    await second.close();
  });
}
