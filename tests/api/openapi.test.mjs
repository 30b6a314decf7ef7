// The API beside its own document: valid OpenAPI 3.1, and a collector that answers as it says, whatever is asked.
//
// In: a collector on each database with a small fleet, its document, and what schemathesis (https://schemathesis.io)
// makes of it: examples, values at the edges of every rule, values that break it. Out: a verdict. Must never happen: an
// answer of 500, a status or a content type that the document does not have, a body that its schema does not allow.
//
// The seed is fixed, and each run ends after its time. `/api/v1/live` goes on for as long as one reads: the Rust tests
// read it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAMS = resolve(import.meta.dirname, '../../target/python/bin');
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
];

/** Makes a database of the given kind, if there is something to make. */
const database = async (kind) => {
  if (kind === 'SQLite') return {};
  const server = new URL(process.env.FORESIGHT_TEST_POSTGRES_URL);
  const name = `api_${process.pid}`;
  await run('psql', [server.href, '--command', `create database ${name}`]);
  server.pathname = `/${name}`;
  return { FORESIGHT_DATABASE_URL: server.href };
};

/** A collector with a fleet, and nobody who has to sign in. */
const startCollector = async (kind) => {
  const directory = await mkdtemp(join(tmpdir(), 'foresight-api-'));
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('FORESIGHT_'));
  const env = {
    ...Object.fromEntries(inherited),
    FORESIGHT_LISTEN: '127.0.0.1:0',
    FORESIGHT_METRICS_LISTEN: '127.0.0.1:0',
    FORESIGHT_DATA_DIR: directory,
    FORESIGHT_ACCESS_LOGIN: 'off',
    ...(await database(kind)),
  };
  const options = { cwd: directory, env };
  await run(process.env.FORESIGHT_BIN, ['seed', '--sites', '6', '--days', '20', '--views', '20', '--seed', '1'], options);
  const child = spawn(process.env.FORESIGHT_BIN, ['serve', '--announce'], {
    ...options,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await Promise.race([
    createInterface({ input: child.stdout })[Symbol.asyncIterator]().next().then(({ value }) => [value]),
    new Promise((_, reject) => child.once('exit', (code) => reject(new Error(`the collector ended with ${code}`)))),
  ]);
  return {
    url: `http://${JSON.parse(line).listen}`,
    directory,
    serverToken: async () => {
      const { stdout } = await run(process.env.FORESIGHT_BIN, ['token', 'issue', '--server', '--json'], options);
      return JSON.parse(stdout).token;
    },
    stop: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill();
      await ended;
      await rm(directory, { recursive: true });
    },
  };
};

/** What a page of ours sends with a change: without it every change would be refused at the door. */
const ofOurPage = async (url) => {
  const response = await fetch(`${url}/api/v1/session`);
  const { csrf } = await response.json();
  const [cookie] = response.headers.getSetCookie()[0].split(';');
  return ['--header', `Cookie: ${cookie}`, '--header', `x-foresight-csrf: ${csrf}`];
};

/** Runs a program and gives its exit code and all it said. */
const said = (program, args, cwd) =>
  new Promise((done, reject) => {
    const child = spawn(join(PROGRAMS, program), args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
    child.once('error', reject);
    child.once('exit', (code) => done({ code, text }));
  });

for (const kind of ['SQLite', 'Postgres']) {
  describe(`the API on ${kind}`, () => {
    let collector;
    before(async () => (collector = await startCollector(kind)));
    after(() => collector.stop());

    test('is told by a document that is OpenAPI 3.1', async () => {
      const response = await fetch(`${collector.url}/api/openapi.json`);
      const text = await response.text();
      assert.match(JSON.parse(text).openapi, /^3\.1\./);
      const file = join(collector.directory, 'openapi.json');
      await writeFile(file, text);
      const { code, text: verdict } = await said('openapi-spec-validator', ['--schema', '3.1', file], collector.directory);
      assert.equal(code, 0, verdict);
    });

    const asked = async (seconds, more) => {
      const { code, text } = await said(
        'schemathesis',
        [
          ...['run', `${collector.url}/api/openapi.json`, '--checks', CHECKS.join(',')],
          ...['--phases', 'examples,coverage,fuzzing', '--seed', '1', '--max-examples', '20'],
          ...['--max-time', `${seconds}`, '--generation-database', 'none', '--request-timeout', '10'],
          ...['--continue-on-failure', '--no-color', '--warnings', 'off', ...more],
        ],
        collector.directory,
      );
      assert.equal(code, 0, text);
      return Number(text.match(/(\d+) generated/)?.[1] ?? 0);
    };

    test('answers as the document says, whatever is asked', async () => {
      const cases = await asked(60, ['--exclude-path', '/api/v1/live', ...(await ofOurPage(collector.url))]);
      assert.ok(cases > 500, `${cases}`);
    });

    test('answers a server with a token as the document says, whatever it tells', async () => {
      const token = await collector.serverToken();
      const cases = await asked(15, ['--include-path', '/v1/events', '--header', `Authorization: Bearer ${token}`]);
      assert.ok(cases > 30, `${cases}`);
    });
  });
}
