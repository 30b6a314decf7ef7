// Every query of every panel, and every metric of every rule, against a real Prometheus that scrapes a real collector
// and the exporters.
//
// In: a running stack that was fed. Out: a verdict. Must never happen: a query that fails; one without a finite value
// that is not named here with the reason; a rule on a metric that nobody exports.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startTls } from './certificate.mjs';
import { queries } from './dashboards.mjs';
import { facts, visit } from './feed.mjs';
import { DEPLOY, ROOT, ended, output, rules } from './files.mjs';
import { metricsOf } from './promql.mjs';
import { startStack, until } from './stack.mjs';

/** Why a query has no value here. The key is a part of the query. */
const EMPTY = {
  container_: 'cAdvisor is not packaged by Debian',
  foresight_store_errors_total: 'the database refuses nothing here; the series begins with its first error',
  viral_coefficient_low: 'an interval needs twenty owners and five who brought somebody',
  viral_coefficient_high: 'as above',
};

/** Metrics that nothing exports here, and who does. */
const ELSEWHERE = {
  container_cpu_usage_seconds_total: 'cAdvisor',
  container_memory_working_set_bytes: 'cAdvisor',
  container_spec_memory_limit_bytes: 'cAdvisor',
  container_start_time_seconds: 'cAdvisor',
  foresight_store_errors_total: 'the collector, from its first error on',
  viral_coefficient_low: 'the collector, with enough owners',
  viral_coefficient_high: 'the collector, with enough owners',
};

const ROBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

/** What can be scraped here. */
const JOBS = ['alertmanager', 'blackbox', 'caddy', 'collector', 'node', 'postgres', 'probe_certificate', 'probe_http', 'prometheus', 'redis'];

const directory = mkdtempSync(join(tmpdir(), 'foresight-panels-'));
let tls;
let stack;
let site;

/** What the scan writes, with a trivy that finds something in everything. */
const scan = async () => {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'trivy'), '#!/bin/sh\necho CRITICAL\n');
  chmodSync(join(bin, 'trivy'), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}`, OUTPUT: join(stack.directory, 'textfile/trivy.prom'), COMPOSE: `${DEPLOY}/compose.yml`, ONCE: '1' };
  await output('sh', [`${DEPLOY}/trivy/scan.sh`], { env });
};

/** Look-ups in Redis: one that hits, one that misses. */
const lookUp = () => {
  const { port } = new URL(stack.addresses.redis);
  for (const command of [['set', 'a', '1'], ['get', 'a'], ['get', 'b']]) execFileSync('redis-cli', ['-p', port, ...command]);
};

const feed = async () => {
  for (let n = 0; n < 3; n += 1) await visit(stack, site);
  await stack.tell(facts(site.host));
  // A copied token on another site's page is refused.
  await stack.view(site, [], { origin: 'https://thief.example', expected: 403 });
  await stack.view(site, [], { browser: ROBOT });
  lookUp();
};

before(async () => {
  tls = await startTls(200);
  const exporter = (targets) => `- targets: ["${targets}"]\n  labels: {__exporter: "blackbox-exporter:9115"}\n`;
  stack = await startStack({
    targets: { probe_certificate: exporter(tls.address) },
    collector: { FORESIGHT_GROWTH_REFRESH_SECONDS: '1' },
  });
  site = { host: 'bakery.example', ...stack.command('site', 'add', 'bakery.example', '--template', 'aurora') };
  await scan();
  // Prometheus learns of its targets one after the other.
  await until('every job', async () => (await stack.query('count by (job) (up)')).length === JOBS.length);
  // Twice, with scrapes between: counters must be seen to rise.
  await feed();
  await until('the first scrape', async () => (await stack.query('site_generation_failures_total > 0')).length > 0);
  await feed();
  await until('the second one', async () => (await stack.query('site_generation_failures_total > 1')).length > 0);
  await until('growth', async () => (await stack.query('lead_capture_rate{evidence="confirmed"}')).length > 0);
});
after(async () => {
  tls?.stop();
  assert.equal(await stack?.stop(), 0);
  rmSync(directory, { recursive: true });
});

test('every target that is here answers', async () => {
  await until('all targets', async () => (await stack.query('up == 0')).length === 0);
  const jobs = (await stack.query('count by (job) (up)')).map(({ metric }) => metric.job).sort();
  assert.deepEqual(jobs, JOBS);
});

test('no panel has a query that fails, or an empty one without a reason', async () => {
  const used = new Set();
  const all = queries('prometheus');
  assert.ok(all.length > 100, `${all.length} queries`);
  for (const { where, expr } of all) {
    const reason = Object.keys(EMPTY).find((part) => expr.includes(part));
    const values = async () => (await stack.query(expr)).filter(({ value }) => Number.isFinite(Number(value[1])));
    if (reason) {
      used.add(reason);
      assert.equal((await values()).length, 0, `${where} has values, so its reason is none: ${expr}`);
    } else {
      await until(`${where}: ${expr}`, async () => (await values()).length > 0);
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(EMPTY).sort(), 'reasons that nobody needs');
});

test('every query of the database runs and has rows, for a user who can write nothing', async () => {
  const { username, password, hostname, port, pathname } = new URL(stack.database);
  const secret = join(directory, 'reader_password');
  writeFileSync(secret, "it's secret");
  await output('sh', [`${DEPLOY}/postgres/reader.sh`], { env: {
    POSTGRES_USER: username, POSTGRES_DB: pathname.slice(1), READER_PASSWORD_FILE: secret, PGHOST: hostname, PGPORT: port, PGPASSWORD: password,
  } });
  const env = { ...process.env, PGHOST: hostname, PGPORT: port, PGUSER: 'reader', PGPASSWORD: "it's secret", PGDATABASE: pathname.slice(1) };
  const ask = (sql) => execFileSync('psql', ['-v', 'ON_ERROR_STOP=1', '-Atc', sql], { encoding: 'utf8', env, stdio: 'pipe' });
  const all = queries('grafana-postgresql-datasource');
  assert.ok(all.length > 0);
  for (const { where, rawSql } of all) assert.ok(ask(rawSql).trim().length > 0, where);
  for (const sql of ['delete from site', 'set default_transaction_read_only = off; delete from site']) {
    assert.throws(() => ask(sql), /read-only|permission denied/, sql);
  }
});

test('no rule and no panel asks for a metric that nobody exports', async () => {
  const url = `${stack.addresses.prometheus}/api/v1/label/__name__/values`;
  const known = new Set((await (await fetch(url)).json()).data);
  // Of Prometheus itself.
  known.add('ALERTS');
  const asked = new Set([...rules(), ...queries('prometheus')].flatMap(({ expr }) => metricsOf(expr)));
  const unknown = [...asked].filter((name) => !known.has(name)).sort();
  assert.deepEqual(unknown, Object.keys(ELSEWHERE).sort());
  for (const name of unknown.filter((one) => !one.startsWith('container_'))) {
    const { code } = await ended('grep', ['-rqF', `"${name}"`, `${ROOT}collector/src/metrics`]);
    assert.equal(code, 0, `the collector has no ${name}`);
  }
});

test('the world reaches through Caddy what it needs, and nothing else', async () => {
  for (const [path, status] of [['/beacon.js', 200], ['/', 404], ['/api/health', 404], ['/api/v1/sites', 404], ['/metrics', 404], ['/demo/', 404], ['/beacon/../metrics', 404]]) {
    assert.equal((await fetch(stack.addresses.caddy + path)).status, status, path);
  }
  const runbook = await fetch(`${stack.addresses.runbooks}/SpoolOld.md`);
  assert.equal(runbook.status, 200);
  assert.match(await runbook.text(), /^# SpoolOld/);
});
