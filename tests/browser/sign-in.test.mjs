// Signing in to a real collector in Chromium, with nothing replaced: the one-time link, the cookie, the policy of the
// dashboard's page.
//
// In: see collector.mjs. Out: a verdict. Must never happen: a report without a sign-in, or a page that its own content
// security policy keeps from working.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchChromium } from './chromium.mjs';
import { startCollector } from './collector.mjs';

const PASSWORD = 'correct horse battery';

test('the first user is made with the printed link, signs out and in again', async (t) => {
  const browser = await launchChromium();
  t.after(() => browser.close());
  const collector = await startCollector('sqlite', { FORESIGHT_ACCESS_LOGIN: 'required' });
  t.after(() => collector.stop());
  const report = await fetch(`${collector.url}/api/v1/vitals`);
  assert.equal(report.status, 401);

  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`${error}`));
  page.on('console', (message) => {
    // A refusal that was asked for is logged by the browser itself.
    if (message.type() === 'error' && !/status of 401/.test(message.text())) {
      faults.push(message.text());
    }
  });
  const at = (name) => page.locator(`[data-testid="${name}"]`);
  await page.goto(collector.setup);
  await at('set-up-name').fill('ada');
  await at('set-up-password').fill(PASSWORD);
  await at('set-up-submit').click();
  await at('who').waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the secret stays in the address');
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict']);

  await page.goto(`${collector.url}/?view=settings&tab=account`);
  await at('sign-out').click();
  await at('sign-in-name').fill('ada');
  await at('sign-in-password').fill('wrong');
  await at('sign-in-submit').click();
  await at('failure').waitFor();
  await at('sign-in-password').fill(PASSWORD);
  await at('sign-in-submit').click();
  await at('who').waitFor();
  for (const view of ['home', 'fleet', 'site', 'growth', 'live']) {
    await page.goto(`${collector.url}/?view=${view}`);
    await at('who').waitFor();
  }
  assert.deepEqual(faults, []);
});
