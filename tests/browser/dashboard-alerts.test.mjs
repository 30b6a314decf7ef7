// Alerts on the overview, of a real Alertmanager with the deployed configuration, in Chromium by Playwright.
//
// In: Debian's prometheus-alertmanager; see collector.mjs. Out: a verdict: an alert that fires is shown, one that is silenced
// is not, and one that Alertmanager cannot tell of leaves the page whole. Must never happen: a page that waits for it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start as startAlertmanager } from '../deploy/alertmanager.mjs';
import { launchChromium } from './chromium.mjs';
import { startCollector, until } from './collector.mjs';

const alert = (alertname, severity) => ({
  labels: { alertname, severity, site: 'bakery.example' },
  annotations: { summary: `${alertname} it is`, description: 'Since a while.', runbook_url: 'https://docs.example/runbook.md' },
});

async function post(url, path, body) {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
}

test('alerts that fire are shown, silenced ones are not, and an Alertmanager that is gone is said to be', async (t) => {
  const browser = await launchChromium();
  t.after(() => browser.close());
  const alertmanager = await startAlertmanager();
  let isGone = false;
  t.after(() => isGone || alertmanager.stop());
  const collector = await startCollector('sqlite', { FORESIGHT_ALERTMANAGER_URL: alertmanager.url });
  t.after(() => collector.stop());
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`${error}`));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  const at = (name) => page.locator(`[data-testid="${name}"]`);
  const state = (value) => page.locator(`[data-testid="alerts-state"][data-value="${value}"]`).waitFor();

  await page.goto(collector.url);
  await state('none');
  const slow = alert('PageIsSlow', 'warning');
  await post(alertmanager.url, '/api/v2/alerts', [slow, alert('CollectorIsDown', 'critical'), alert('DeadMansSwitch', 'none')]);
  // What was answered is good for ten seconds.
  await until('both alerts', async () => {
    await page.reload();
    await page.waitForSelector('[data-testid=panel-alerts][data-state=ready]');
    return (await at('alert').count()) === 2;
  });
  const names = () => at('alert').evaluateAll((rows) => rows.map((row) => row.dataset.name));
  assert.deepEqual(await names(), ['CollectorIsDown', 'PageIsSlow'], 'the most severe first');
  assert.match(await at('alert').first().textContent(), /CollectorIsDown it is.*bakery\.example.*Since a while\./);
  assert.equal(await at('alert').first().locator('a[href^=https]').getAttribute('href'), 'https://docs.example/runbook.md');

  const matchers = [{ name: 'alertname', value: 'PageIsSlow', isRegex: false, isEqual: true }];
  const now = Date.now();
  await post(alertmanager.url, '/api/v2/silences', {
    matchers, startsAt: new Date(now).toISOString(), endsAt: new Date(now + 3_600_000).toISOString(), createdBy: 'a test', comment: 'known',
  });
  await until('the silence', async () => {
    await page.reload();
    await page.waitForSelector('[data-testid=panel-alerts][data-state=ready]');
    return (await names()).join() === 'CollectorIsDown';
  });

  isGone = true;
  await alertmanager.stop();
  await until('its end', async () => (await (await fetch(`${collector.url}/api/v1/alerts`)).json()).state === 'unreachable');
  await page.reload();
  await state('unreachable');
  await page.waitForSelector('[data-testid=panel-health][data-state=ready]');
  assert.deepEqual(faults, []);
});

test('without the setting the overview says that none is connected', async (t) => {
  const browser = await launchChromium();
  t.after(() => browser.close());
  const collector = await startCollector('sqlite');
  t.after(() => collector.stop());
  const page = await browser.newPage();
  await page.goto(collector.url);
  await page.locator('[data-testid="alerts-state"][data-value="off"]').waitFor();
});
