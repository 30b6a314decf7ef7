// Whether the tests of the alerts would notice a mistake: each alert is changed a little, and its tests must fail.
//
// In: the rules and their tests. Out: a verdict. Must never happen: a changed rule that its tests do not notice.
//
// Changes: it never fires; it need not hold for a time; its limit is moved by 5% towards silence's side, so that a
// value just within the limit fires.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { stringify } from 'yaml';
import { PROMETHEUS, alerts, ended, names, yaml } from './files.mjs';

const directory = mkdtempSync(join(tmpdir(), 'foresight-mutants-'));
after(() => rmSync(directory, { recursive: true }));

/** Limits of 0 and 1 cannot be moved by a part: "any at all" becomes "none at all too". A forecast is in bytes. */
const looser = (limit, operator, part) => {
  if (limit === 0) return operator === '>' ? -0.5 : 10_000;
  if (limit === 1 && operator === '<') return 1.5;
  return operator === '>' ? limit * (1 - part) : limit * (1 + part);
};

/** Two windows have the same limit, and move together. Minutes of an hour are coarse: so a larger part. */
const OBJECTIVE = /BudgetBurns/;

/** Alerts without a limit. */
const NO_LIMIT = ['NoCollector'];

/** The expression with the n-th limit moved; nothing if there are fewer. Limits stand at the end of a line or
 * before a bracket; what only says when there is enough to judge stands in a bracket of its own. */
const moved = (name, expr, n) => {
  const [together, part] = OBJECTIVE.test(name) ? [2, 0.15] : [1, 0.05];
  let count = -1;
  let changed;
  const text = expr.replace(/([<>]) (\d+(?:\.\d+)?)(?=$|\)? or | and |\)$|\)\s*or)/g, (all, operator, limit) => {
    count += 1;
    if (Math.floor(count / together) !== n) return all;
    changed = true;
    return `${operator} ${looser(Number(limit), operator, part)}`;
  });
  return changed ? text : undefined;
};

/** Whether the alert's tests fail with this rule in its place. */
const noticed = async (alert, place, change) => {
  const own = join(directory, place);
  mkdirSync(join(own, 'tests'), { recursive: true });
  cpSync(`${PROMETHEUS}/rules`, join(own, 'rules'), { recursive: true });
  const file = join(own, 'rules', `${alert.file}.yml`);
  const rules = yaml(file);
  for (const rule of rules.groups.flatMap((group) => group.rules)) {
    if (rule.alert === alert.alert) change(rule);
  }
  writeFileSync(file, stringify(rules));
  for (const name of names(`${PROMETHEUS}/tests`, '.yml')) {
    const tests = yaml(`${PROMETHEUS}/tests/${name}.yml`);
    tests.tests = tests.tests.filter(({ alert_rule_test: checks }) => checks[0]?.alertname === alert.alert);
    if (tests.tests.length === 0) continue;
    tests.rule_files = tests.rule_files.filter((rule) => rule.includes('recording') || rule.includes(alert.file));
    const path = join(own, 'tests', `${name}.yml`);
    writeFileSync(path, stringify(tests));
    const { code, said } = await ended('promtool', ['test', 'rules', path]);
    if (code !== 0) {
      assert.match(said, /exp:/, said);
      return true;
    }
  }
  return false;
};

describe('the tests notice changes', { concurrency: 2 }, () => {
  for (const alert of alerts().filter(({ alert: name }) => name !== 'DeadMansSwitch')) {
    test(`of ${alert.alert}`, async () => {
      const mutants = [['never', (rule) => { rule.expr = 'vector(0) > 1'; }]];
      if (alert.for) mutants.push(['at once', (rule) => { delete rule.for; }]);
      const { alert: own, expr } = alert;
      for (let n = 0; moved(own, expr, n); n += 1) mutants.push([`limit ${n}`, (rule) => { rule.expr = moved(own, expr, n); }]);
      assert.equal(mutants.some(([name]) => name.startsWith('limit')), !NO_LIMIT.includes(own), `limits of ${expr}`);
      for (const [name, change] of mutants) {
        assert.ok(await noticed(alert, `${alert.alert} ${name}`, change), `nobody notices: ${name}`);
      }
    });
  }
});
