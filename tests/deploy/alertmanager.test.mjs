// Alertmanager: its configuration, who is told of what, and what is not told.
//
// In: deploy/alertmanager. Out: a verdict by amtool and by a real Alertmanager. Must never happen: an alert without a
// row in routing.txt.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { CHANNELS, SETTINGS, render, secrets, start, until } from './alertmanager.mjs';
import { DEPLOY, alerts, output, read } from './files.mjs';

const directory = mkdtempSync(join(tmpdir(), 'foresight-amtool-'));
const SECRETS = secrets();
const FILE = join(directory, 'alertmanager.yml');
before(async () => writeFileSync(FILE, await render({ ...SETTINGS, SECRETS })));
after(() => { for (const path of [directory, SECRETS]) rmSync(path, { recursive: true }); });

test('amtool accepts the configuration with every choice of channels', async () => {
  for (let bits = 1; bits < 1 << CHANNELS.length; bits += 1) {
    const chosen = CHANNELS.filter((_, n) => bits & (1 << n));
    const text = await render({ ...SETTINGS, SECRETS, ALERT_CHANNELS: chosen.join(', ') });
    const file = join(directory, 'chosen.yml');
    writeFileSync(file, text);
    await output('amtool', ['check-config', file]);
    for (const [channel, kind] of [['email', 'email_configs'], ['slack', 'slack_configs'], ['pagerduty', 'pagerduty_configs']]) {
      assert.equal(parse(text, { merge: true }).receivers.some((receiver) => receiver[kind]), chosen.includes(channel), chosen);
    }
  }
});

test('no secret stands in the file, only where it is', () => {
  for (const receiver of parse(read(FILE), { merge: true }).receivers) {
    for (const config of Object.values(receiver).filter(Array.isArray).flat()) {
      for (const key of ['api_url', 'routing_key', 'service_key', 'auth_password', 'credentials']) {
        assert.ok(!(key in config), `${receiver.name}: ${key}`);
      }
    }
  }
});

test('each alert goes to the receiver of its row', async () => {
  const rows = read(`${DEPLOY}/alertmanager/routing.txt`).split('\n').filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split(/\s+/));
  assert.deepEqual(rows.map(([name]) => name).sort(), alerts().map(({ alert }) => alert).sort());
  for (const [name, receiver] of rows) {
    const { labels } = alerts().find(({ alert }) => alert === name);
    const given = Object.entries({ alertname: name, ...labels }).map(([key, value]) => `${key}=${value}`);
    const said = await output('amtool', ['config', 'routes', 'test', `--config.file=${FILE}`, ...given]);
    assert.equal(said.trim(), receiver, name);
  }
});

/** What is quiet while something else is told: the one that is told, those that are quiet, those that are not. */
const QUIET = [
  ['NoCollector{component=collector}', ['SpoolOld{component=collector,instance=a}', 'TargetDown{job=collector,instance=a}'],
    ['TargetDown{job=node,instance=a}', 'PostgresDown{component=database}', 'NoCollector{component=collector}']],
  ['PostgresDown{component=database}', ['MergingBudgetBurnsFast{}', 'FreshnessBudgetBurnsSlowly{}', 'StoreErrors{operation=merge}', 'SpoolFilling{instance=a}'],
    ['AcceptingBudgetBurnsFast{}', 'SpoolNearlyFull{instance=a}', 'RedisDown{}']],
  ['AcceptingBudgetBurnsFast{}', ['AcceptingBudgetBurnsSlowly{}'], ['MergingBudgetBurnsSlowly{}']],
  ['MergingBudgetBurnsFast{}', ['MergingBudgetBurnsSlowly{}'], ['AcceptingBudgetBurnsSlowly{}']],
  ['FreshnessBudgetBurnsFast{}', ['FreshnessBudgetBurnsSlowly{}'], ['AcceptingBudgetBurnsSlowly{}']],
  ['SpoolNearlyFull{instance=a}', ['SpoolFilling{instance=a}'], ['SpoolFilling{instance=b}']],
  ['CertificateExpiresInDays{instance=a}', ['CertificateExpiresSoon{instance=a}'], ['CertificateExpiresSoon{instance=b}']],
  ['HostDiskNearlyFull{instance=a,mountpoint=/}', ['HostDiskFillsWithinADay{instance=a,mountpoint=/}'], ['HostDiskFillsWithinADay{instance=a,mountpoint=/var}']],
  ['RedisDown{instance=a}', ['CacheHitRatioLow{instance=a}'], ['CacheHitRatioLow{instance=b}']],
];

const labelsOf = (text) => {
  const [, alertname, pairs] = text.match(/^(\w+)\{(.*)\}$/);
  assert.ok(alerts().some(({ alert }) => alert === alertname), alertname);
  return { alertname, ...Object.fromEntries(pairs.split(',').filter(Boolean).map((pair) => pair.split('='))) };
};

test('what another alert says already is not told', async () => {
  for (const [told, quiet, loud] of QUIET) {
    const { url, stop } = await start();
    try {
      const texts = [...new Set([told, ...quiet, ...loud])];
      const posted = texts.map((text) => ({ labels: labelsOf(text) }));
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(posted),
      });
      assert.equal(answer.status, 200, await answer.text());
      const inhibited = async () => {
        const found = await (await fetch(`${url}/api/v2/alerts`)).json();
        if (found.length < texts.length || found.some(({ status }) => status.state === 'unprocessed')) return undefined;
        return found.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => JSON.stringify(Object.entries(labels).sort()));
      };
      const found = await until('all alerts', inhibited);
      assert.deepEqual(found.sort(), quiet.map((text) => JSON.stringify(Object.entries(labelsOf(text)).sort())).sort(), told);
    } finally {
      await stop();
    }
  }
});
