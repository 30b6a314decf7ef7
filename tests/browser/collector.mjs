// Starts a real collector with the demo site for the browser tests.
//
// In: the binary (FORESIGHT_BIN, else the one that cargo built), and for Postgres a server where
// databases may be created (FORESIGHT_TEST_POSTGRES_URL); `cargo xtask test` provides both. Out: a
// collector on free ports with a directory and a database of its own. Must never happen: a test that
// passes because something it needs is missing, or a collector that outlives its test.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How long a start, an end or a merge may take, in ms. */
const LIMIT_MS = 30_000;

/** Asks until `attempt` returns something, and returns it. */
export async function until(what, attempt, limitMs = LIMIT_MS) {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await attempt();
    if (value !== undefined && value !== false) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Starts a collector with the demo site. `database` is `sqlite` or `postgres`; `settings` are further
 * `FORESIGHT_*` variables. `prepare` is called before it starts with a way to run the binary's other commands.
 */
export async function startCollector(database, settings = {}, prepare = () => {}) {
  const postgres = database === 'postgres' ? createDatabase() : undefined;
  const directory = mkdtempSync(join(tmpdir(), 'foresight-journey-'));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FORESIGHT_')));
  Object.assign(env, {
    FORESIGHT_DATA_DIR: join(directory, 'data'),
    FORESIGHT_LISTEN: '127.0.0.1:0',
    FORESIGHT_METRICS_LISTEN: '127.0.0.1:0',
    FORESIGHT_ACCESS_LOGIN: 'off',
    FORESIGHT_FLUSH_INTERVAL_MS: '100',
    // Chromium runs without a window here.
    FORESIGHT_HEADLESS_ARE_VISITORS: 'true',
    ...(postgres && { FORESIGHT_DATABASE_URL: postgres.url }),
    ...settings,
  });
  const run = (words, options) => execFileSync(binary(), words, { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'], ...options });
  await prepare(run, directory);
  const child = spawn(binary(), ['serve', '--demo', '--announce'], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const log = [];
  child.stderr.on('data', (part) => log.push(part));
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const status = await ended;
    clearTimeout(timer);
    postgres?.drop();
    rmSync(directory, { recursive: true });
    if (status !== 0) {
      throw new Error(`the collector ended with ${status}; its log:\n${Buffer.concat(log)}`);
    }
  };
  try {
    const { listen, metrics, setup } = await Promise.race([
      announcement(child.stdout),
      ended.then((status) => Promise.reject(new Error(`the collector ended with ${status}`))),
    ]);
    return new Collector(`http://${listen}`, `http://${metrics}/metrics`, stop, run, setup);
  } catch (error) {
    await stop().catch(() => {});
    throw new Error(`the collector does not start; its log:\n${Buffer.concat(log)}`, { cause: error });
  }
}

/** A running collector. */
class Collector {
  constructor(url, metricsUrl, stop, run, setup) {
    this.url = url;
    this.metricsUrl = metricsUrl;
    this.stop = stop;
    // Another command of the binary, for the same database.
    this.run = run;
    // Where the first user is made, if there has to be one.
    this.setup = setup;
  }

  issue(what) {
    return JSON.parse(this.run(['token', 'issue', what, '--json'])).token;
  }

  /** A token for a site, by its host with the port. */
  token(host) {
    return this.issue(host);
  }

  /** A secret token for servers, of all sites. */
  serverToken() {
    return this.issue('--server');
  }

  /** The answer of an API address, with the last day as its range. */
  async ask(what, parameters = {}) {
    const query = new URLSearchParams({ range: '24h', ...parameters });
    const response = await fetch(`${this.url}/api/v1/${what}?${query}`);
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${what}: ${response.status} ${text}`);
    }
    return JSON.parse(text);
  }

  /** The sum of the samples in /metrics with that name and, if given, a label such as `code="x"`. */
  async metric(name, label = '') {
    const response = await fetch(this.metricsUrl);
    if (!response.ok) {
      throw new Error(`/metrics: ${response.status}`);
    }
    const lines = (await response.text()).split('\n');
    return lines
      .filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(label))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Waits until that many page views were accepted, and all of it is in the database. */
  async merged(views) {
    await until(`${views} page views`, async () => (await this.ask('vitals')).views >= views);
    await until('an empty spool', async () => (await this.metric('foresight_spool_depth')) === 0);
  }
}

/** Reads lines until the one that says where the collector listens. */
async function announcement(stdout) {
  for await (const line of createInterface(stdout)) {
    if (line.startsWith('{')) {
      const said = JSON.parse(line);
      if (said.ready === true) {
        // Read on, or a full pipe would stop the collector.
        stdout.resume();
        return said;
      }
    }
  }
  throw new Error('it announced nothing');
}

/** The binary under test. */
function binary() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  const path = process.env.FORESIGHT_BIN ?? join(target, 'release', 'foresight');
  if (!existsSync(path)) {
    throw new Error(`no collector at ${path}; cargo xtask build builds it`);
  }
  return path;
}

/** A Postgres database of its own. */
function createDatabase() {
  const server = process.env.FORESIGHT_TEST_POSTGRES_URL;
  if (!server) {
    throw new Error('FORESIGHT_TEST_POSTGRES_URL is not set; cargo xtask test --only browser sets it');
  }
  const name = `foresight_test_${randomBytes(16).toString('hex')}`;
  const execute = (sql) => execFileSync('psql', [server, '--quiet', '--command', sql]);
  execute(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(`drop database ${name} with (force)`) };
}
