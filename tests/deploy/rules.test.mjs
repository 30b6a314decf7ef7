// Rules and their tests, as promtool sees them.
//
// In: deploy/prometheus. Out: a verdict. Must never happen: an alert without a test that it fires, is silent just
// below and resolves; without a runbook; or one that a reader cannot act on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOY, LINKS, PROMETHEUS, ROOT, alerts, names, output, read, yaml } from './files.mjs';

const HEADINGS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'];

/** The dead man's switch always fires: it cannot be silent, nor resolve. */
const ALWAYS = 'DeadMansSwitch';

const SEVERITIES = ['critical', 'warning', 'none'];
const COMPONENTS = [
  'api', 'cache', 'collector', 'container', 'database', 'generation', 'growth', 'host', 'monitoring', 'security', 'vitals',
];

/** The operator's own: name, expression up to aggregation, limit, and time for which it must hold. */
const OPERATORS = {
  CriticalViralCoefficient: ['min(viral_coefficient) < 0.2', '15m'],
  SiteGenerationFailures: ['sum(increase(site_generation_failures_total[1h])) > 10', '5m'],
  LowLeadCapture: ['min by (evidence) (lead_capture_rate) < 2', '1h'],
  SlowLargestContentfulPaint: ['max by (device) (web_vitals_lcp_p75) > 2.5', '15m'],
  SlowRequests: ['platform:http_request_duration_seconds:p95 > 2', '5m'],
  FailedAuthentications: ['sum(increase(failed_auth_attempts_total[1h])) > 100', '5m'],
  CertificateExpiresSoon: ['(ssl_cert_not_after - time()) / 86400 < 30', '1h'],
};

test('promtool accepts configuration and rules, without a complaint', async () => {
  await output('promtool', ['check', 'config', `${PROMETHEUS}/prometheus.yml`], { env: LINKS });
  const files = names(`${PROMETHEUS}/rules`, '.yml').map((name) => `${PROMETHEUS}/rules/${name}.yml`);
  await output('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...files]);
});

for (const file of names(`${PROMETHEUS}/tests`, '.yml')) {
  test(`the alerts of ${file} fire, are silent just below, and resolve`, { concurrency: 2 }, async () => {
    await output('promtool', ['test', 'rules', `${PROMETHEUS}/tests/${file}.yml`]);
  });
}

test("the operator's seven are as the operator has them", () => {
  for (const [name, [expr, time]] of Object.entries(OPERATORS)) {
    const alert = alerts().find((found) => found.alert === name);
    assert.deepEqual([alert?.expr, alert?.for], [expr, time], name);
  }
});

test('each alert says how bad it is, what, with value and unit, and where to go on', () => {
  const seen = new Set();
  for (const { alert, labels, annotations } of alerts()) {
    assert.ok(!seen.has(alert), `${alert} is there twice`);
    seen.add(alert);
    assert.ok(SEVERITIES.includes(labels.severity), `${alert}: ${labels.severity}`);
    assert.ok(COMPONENTS.includes(labels.component), `${alert}: ${labels.component}`);
    assert.deepEqual(Object.keys(annotations).sort(), ['dashboard_url', 'description', 'runbook_url', 'summary'], alert);
    assert.match(annotations.description, /\{\{ \$value \| \w/, `${alert} does not tell its value`);
    assert.equal(annotations.runbook_url, `{{ $externalLabels.runbooks }}/${alert}.md`);
    const [, dashboard] = annotations.dashboard_url.match(/^\{\{ \$externalLabels\.grafana \}\}\/d\/([\w-]+)$/);
    const dashboards = names(`${DEPLOY}/grafana/dashboards`, '.json')
      .map((name) => JSON.parse(read(`${DEPLOY}/grafana/dashboards/${name}.json`)).uid);
    assert.ok(dashboards.includes(dashboard), `${alert}: there is no dashboard ${dashboard}`);
  }
});

test('each alert has a runbook with the same headings, each with something under it', () => {
  assert.deepEqual(names(`${ROOT}docs/runbooks`, '.md'), alerts().map(({ alert }) => alert).sort());
  for (const { alert } of alerts()) {
    const text = read(`${ROOT}docs/runbooks/${alert}.md`);
    assert.ok(text.startsWith(`# ${alert}\n`), alert);
    const [, ...parts] = text.split(/^## /m);
    assert.deepEqual(parts.map((part) => part.split('\n', 1)[0]), HEADINGS, alert);
    for (const part of parts) assert.ok(part.split('\n').slice(1).join('').length > 20, `${alert}: ${part}`);
    for (const [, other] of text.matchAll(/\]\((\w+)\.md\)/g)) {
      assert.ok(alerts().some(({ alert: name }) => name === other), `${alert} points to ${other}`);
    }
  }
});

test('docs/alerts.md has each alert once, with its severity, component and time', () => {
  const rows = read(`${ROOT}docs/alerts.md`).split('\n').filter((line) => line.startsWith('| [')).map((line) =>
    line.split('|').map((cell) => cell.trim()).slice(1, 5));
  const expected = alerts().map(({ alert, labels, for: time = 'at once' }) =>
    [`[${alert}](runbooks/${alert}.md)`, labels.severity, labels.component, time]);
  assert.deepEqual(rows.sort(), expected.sort());
});

test('each alert has tests of its own for all three cases', () => {
  const groups = names(`${PROMETHEUS}/tests`, '.yml').flatMap((file) => yaml(`${PROMETHEUS}/tests/${file}.yml`).tests);
  for (const { alert, for: time } of alerts().filter(({ alert: name }) => name !== ALWAYS)) {
    const own = groups.filter(({ alert_rule_test: checks }) => checks.every(({ alertname }) => alertname === alert));
    const fires = own.filter(({ alert_rule_test: checks }) => checks.some(({ exp_alerts: expected }) => expected.length));
    const silent = own.filter((group) => !fires.includes(group));
    assert.ok(fires.length > 0, `${alert} is never seen to fire`);
    for (const { name, alert_rule_test: checks } of fires) {
      const firing = checks.map(({ exp_alerts: expected }) => expected.length > 0);
      assert.equal(firing[0], false, `${name}: not yet`);
      assert.equal(firing.at(-1), false, `${name}: resolves`);
    }
    assert.equal(silent.length, fires.length, `${alert}, ${time}: each way to fire has one that is just below it`);
    for (const { name, input_series: series } of silent) {
      assert.match(name, /not just below$/);
      assert.ok(series.length > 0, `${name} has no series`);
    }
  }
});
