// Who may see and change what on the dashboard, and what passes by, in Chromium and Firefox, against the mock of the API.
//
// In: www/dashboard. Out: a verdict on signing in and out, setting up, settings and the live view. Must never happen: a
// form that somebody may not send, or a token that is shown twice.

import assert from 'node:assert/strict';
import { inEngines } from './dashboard-engines.mjs';

/** The mock's password of every user. */
const PASSWORD = 'correct horse battery';

inEngines(({ engine, look }) => {
  look('what passes by is shown, until it is paused', '?view=live', async (looker) => {
    await looker.ready('minute', 'stream');
    assert.equal((await looker.row('live-state')).value, 'open');
    assert.ok(Number((await looker.row('minute-views')).value) > 0);
    await looker.click('pause');
    await looker.tab.until(() => document.querySelector('[data-testid="live-state"]').dataset.value === 'paused');
    await looker.click('pause');
    await looker.tab.until(() => document.querySelector('[data-testid="live-state"]').dataset.value === 'open');
    const seen = (await looker.rows('live-row')).length;
    await looker.tab.until((seen) => document.querySelectorAll('[data-testid="live-row"]').length > seen, seen);
  });

  look('a login is asked for, a wrong password refused, and a viewer may change nothing', '', async (looker) => {
    await looker.tab.evaluate(() => void (document.cookie = 'mock=required; path=/'));
    await looker.goto('?view=settings&tab=users');
    await looker.row('sign-in');
    assert.deepEqual(await looker.axe(), []);
    await looker.write('sign-in-name', 'analyst');
    await looker.write('sign-in-password', 'wrong');
    await looker.click('sign-in-submit');
    assert.equal((await looker.row('failure')).code, 'wrong_password');
    await looker.write('sign-in-password', PASSWORD);
    await looker.click('sign-in-submit');
    await looker.row('not-allowed');
    assert.deepEqual(await looker.rows('add-user'), []);
    await looker.click('tab-account');
    await looker.write('password-old', PASSWORD);
    await looker.write('password-new', 'another horse battery');
    await looker.click('password-submit');
    await looker.tab.until(() => document.querySelector('[data-testid="password-done"]').textContent !== '');
    await looker.click('sign-out');
    await looker.row('sign-in');
  });

  look('the first user is made with the secret', '', async (looker) => {
    await looker.tab.evaluate(() => void (document.cookie = 'mock=setup; path=/'));
    await looker.goto('?range=7d#setup=printed');
    await looker.row('set-up');
    assert.equal(await looker.tab.evaluate(() => document.querySelector('[data-testid="set-up-secret"]').value), 'printed');
    assert.deepEqual(await looker.axe(), []);
    await looker.write('set-up-secret', 'second');
    await looker.write('set-up-name', 'admin');
    await looker.write('set-up-password', PASSWORD);
    await looker.click('set-up-submit');
    assert.equal((await looker.row('failure')).code, 'setup_invalid');
    await looker.write('set-up-secret', 'first');
    await looker.click('set-up-submit');
    await looker.ready('passing');
    assert.ok(await looker.row('who'));
    assert.equal(await looker.tab.evaluate(() => location.hash), '');
  });

  look('an administrator adds a site, a user and a token, and takes them away', '?view=settings', async (looker) => {
    const host = `new-${engine}.4site.pro`;
    await looker.write('add-site-host', 'not a host');
    await looker.click('add-site-submit');
    assert.equal((await looker.row('failure')).code, 'field_invalid');
    await looker.write('add-site-host', host);
    await looker.click('add-site-submit');
    assert.equal((await looker.row('panel-snippet')).site, host);
    assert.match(await looker.tab.evaluate(() => document.querySelector('[data-testid="snippet"]').textContent), /^<script async src="https:.*data-site=/);
    await looker.click('tab-tokens');
    await looker.write('add-token-name', engine);
    await looker.click('add-token-submit');
    await looker.tab.until((name) => document.querySelector(`[data-testid="token-row"][data-name="${name}"]`) !== null, engine);
    assert.match(await looker.tab.evaluate(() => document.querySelector('[data-testid="new-token"]').textContent), /^fsa_/);
    const at = (await looker.rows('token-row')).findIndex(({ name }) => name === engine);
    await looker.click('remove', at);
    await looker.click('really-remove');
    await looker.tab.until((name) => document.querySelector(`[data-testid="token-row"][data-name="${name}"]`) === null, engine);
    await looker.click('tab-users');
    await looker.write('add-user-name', `user-${engine}`);
    await looker.write('add-user-password', PASSWORD);
    await looker.click('add-user-submit');
    await looker.tab.until((name) => document.querySelector(`[data-testid="user-row"][data-name="${name}"]`) !== null, `user-${engine}`);
  });
});
