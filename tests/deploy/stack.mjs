// A running stack for tests: `cargo xtask stack` with a copy of deploy/ in which only times are shorter.
//
// In: this program's FORESIGHT_TEST_XTASK and FORESIGHT_BIN, as `cargo xtask test` sets them. Out: the addresses, and
// a way to stop. Must never happen: a rule whose expression or limit was changed to suit a test.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SETTINGS, freePort, secrets, until } from './alertmanager.mjs';
import { DEPLOY, ROOT, read } from './files.mjs';

/** An hour of the rules is a minute here, a minute a second. */
const FASTER = 60;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

const shorter = (count, unit) => `${Math.max(1, Math.round((Number(count) * SECONDS[unit]) / FASTER))}s`;

/** Writes a copy of a file in which times are shorter. */
const shorten = (file, pattern) =>
  writeFileSync(file, read(file).replace(pattern, (all, before, count, unit, rest) => `${before}${shorter(count, unit)}${rest}`));

const copy = (directory, targets) => {
  const deploy = join(directory, 'deploy');
  cpSync(DEPLOY, deploy, { recursive: true });
  const times = /((?:scrape_interval|scrape_timeout|evaluation_interval|group_wait|group_interval|repeat_interval|resolve_timeout): )(\d+)([smhd])($)/gm;
  for (const file of ['prometheus/prometheus.yml', 'alertmanager/alertmanager.yml']) shorten(join(deploy, file), times);
  for (const name of readdirSync(join(deploy, 'prometheus/rules'))) {
    const file = join(deploy, 'prometheus/rules', name);
    shorten(file, /(^ +for: )(\d+)([smhd])($)/gm);
    shorten(file, /(\[)(\d+)([smhd])(\])/g);
  }
  for (const [job, text] of Object.entries(targets)) writeFileSync(join(deploy, 'prometheus/targets', `${job}.yml`), text);
  return deploy;
};

/** The collector with a clock that a file moves, in seconds from the true time. */
const movable = (directory, binary) => {
  const library = readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`).find((path) => existsSync(path));
  if (!library) throw new Error('there is no libfaketime; `cargo xtask test` installs it');
  const clock = join(directory, 'clock');
  writeFileSync(clock, '+0');
  const program = join(directory, 'foresight');
  writeFileSync(program, `#!/bin/sh
export LD_PRELOAD=${library} FAKETIME_TIMESTAMP_FILE=${clock} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
exec ${binary} "$@"
`);
  chmodSync(program, 0o755);
  return { program, shift: (seconds) => writeFileSync(clock, `${seconds < 0 ? '' : '+'}${seconds}`) };
};

/** Starts the stack. `targets` replaces files of prometheus/targets; `settings` those of monitoring.env, `hidden`
 * secrets; `collector` has variables of the collector. */
export const startStack = async ({ settings = {}, targets = {}, collector = {}, hidden: others = {} } = {}) => {
  const directory = mkdtempSync(join(tmpdir(), 'foresight-deploy-'));
  const hidden = secrets(others);
  const lines = { ...SETTINGS, SECRETS: hidden, GRAFANA_URL: 'https://ops.example/grafana', ...settings };
  const file = join(directory, 'settings');
  writeFileSync(file, Object.entries(lines).map(([name, value]) => `${name}=${value}\n`).join(''));
  const binary = process.env.FORESIGHT_BIN ?? `${ROOT}target/release/foresight`;
  const xtask = process.env.FORESIGHT_TEST_XTASK ?? `${ROOT}target/debug/xtask`;
  const { program, shift } = movable(directory, binary);
  const child = spawn(xtask, [
    'stack', '--announce', '--free-ports', '--deploy', copy(directory, targets), '--settings', file, '--binary', program,
  ], { cwd: ROOT, env: { ...process.env, ...collector }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  child.stderr.on('data', (part) => said.push(part));
  const gone = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const announced = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{')) return JSON.parse(line);
      said.push(`${line}\n`);
    }
    throw new Error(`the stack ended with ${await gone}:\n${said.join('')}`);
  })();
  const timeout = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`the stack is not ready after 3 minutes:\n${said.join('')}`)), 180_000).unref();
  });
  let ready;
  try {
    ready = await Promise.race([announced, timeout]);
  } catch (error) {
    child.kill('SIGINT');
    await gone;
    for (const path of [directory, hidden]) rmSync(path, { recursive: true });
    throw error;
  }
  child.stdout.resume();
  const ended = async () => {
    const code = await gone;
    for (const path of [directory, hidden]) rmSync(path, { recursive: true });
    return { code, said: said.join('') };
  };
  const stop = async () => {
    child.kill('SIGINT');
    return (await ended()).code;
  };
  return new Stack(ready, { program, shift, ended, stop });
};

class Stack {
  constructor({ addresses, database, directory }, own) {
    Object.assign(this, { addresses, database, directory }, own);
  }

  /** The result of an instant query. */
  async query(query) {
    const url = `${this.addresses.prometheus}/api/v1/query?${new URLSearchParams({ query })}`;
    const answer = await (await fetch(url)).json();
    if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`);
    return answer.data.result;
  }

  /** A command of the collector's program, on its own data. */
  command(...args) {
    const env = { ...process.env, FORESIGHT_DATABASE_URL: this.database, FORESIGHT_DATA_DIR: join(this.directory, 'collector') };
    return JSON.parse(execFileSync(this.program, [...args, '--json'], { env, encoding: 'utf8', cwd: this.directory }));
  }

  /** Posts server events, facts with the time at which they were, in ms from now. All must be taken. */
  async tell(facts) {
    this.token ??= this.command('token', 'issue', '--server').token;
    const run = Math.random().toString(36).slice(2, 10);
    const events = facts.map(([at, fact], n) => ({ id: `event-${run}-${n}`, at: Date.now() + at, fact }));
    await this.post('/v1/events', { v: 1, events }, { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' });
  }

  /** Posts a page view of a site with events, by a phone if nothing else is said. */
  async view(site, events, { browser = PHONE, origin = `https://${site.host}`, expected } = {}) {
    const id = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
    const batch = {
      v: 1, site: site.token, id: id(), sent: Date.now(),
      view: { id: id(), seq: 0, age: 10, path: '/menu', ref: 'news.example', nav: 'navigate', conn: '4g', vp: 'phone', can: ['LCP', 'INP', 'CLS'] },
      events,
    };
    const headers = { origin, 'content-type': 'text/plain;charset=UTF-8', 'user-agent': browser };
    await this.post('/v1/batches', batch, headers, expected);
  }

  /** Through Caddy, as from outside. */
  async post(path, body, headers, expected = 202) {
    const answer = await fetch(this.addresses.caddy + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (answer.status !== expected) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}

const PHONE = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

export { freePort, until };
