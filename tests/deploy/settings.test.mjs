// The page on settings and the example of settings say the same.
//
// In: docs/configure.md, foresight.example.toml and the collector's rules. Out: a verdict. Must never happen: a key that
// an operator cannot look up, or a rule that the page tells otherwise than the start does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE, PAGE, page, settings } from './settings.mjs';
import { ROOT, ended, read } from './files.mjs';

const example = read(EXAMPLE);
const written = read(PAGE);

test('every key of the example has a row with its default and meaning', () => {
  const keys = example.split('\n').filter((line) => /^\w+ = /.test(line)).map((line) => line.split(' ')[0]);
  assert.ok(keys.length >= 40, keys.join(' '));
  assert.deepEqual(settings(example).map(({ key }) => key), keys);
  for (const key of keys) assert.ok(written.includes(`\n| \`${key}\` | \``), key);
  assert.equal(written, page(written, example), 'run: node tests/deploy/settings.mjs');
});

test('a key that nothing explains is noticed', () => {
  assert.throws(() => settings('# Explained.\none = 1\n\ntwo = 2\n'), /nothing explains two,2/);
});

test('every key that pages name is one that there is', () => {
  const known = new Set(settings(example).map(({ key }) => key));
  const rules = [...written.split('## Rules')[1].split('## Every key')[0].matchAll(/^\| (.+?) \|/gm)].slice(1)
    .flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)]).map(([, key]) => key);
  assert.ok(rules.length >= 11, rules.join(' '));
  for (const key of rules) assert.ok(known.has(key), key);
});

test('the collector has the rules that the page tells', async () => {
  const said = async (key, value) => {
    const env = { ...process.env, [`FORESIGHT_${key.toUpperCase()}`]: value };
    return (await ended(process.env.FORESIGHT_BIN, ['token', 'issue', 'a.example'], { env, cwd: `${ROOT}tests` })).said;
  };
  for (const [key, value] of [['database_url', 'mysql://a/b'], ['public_url', 'https://a/'], ['token_key', 'abc'],
    ['previous_token_keys', 'abc'], ['forwarded_header', 'X-Real-IP'], ['spool_max_bytes', '1048575'], ['remember_batches_hours', '23'],
    ['keep_hours_days', '7'], ['keep_single_days', '34'], ['keep_days', '99'], ['growth_window_days', '401'], ['growth_opened_goal', ''],
    ['site_burst', '0'], ['max_requests', '0'], ['flush_interval_ms', '0'], ['small_group_views', '26'],
    ['alertmanager_url', 'https://a']]) {
    assert.match(await said(key, value), new RegExp(`\\b${key} must be `), key);
  }
});
