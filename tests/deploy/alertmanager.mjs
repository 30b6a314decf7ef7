// A real Alertmanager with the deployed configuration, filled in for a test.
//
// In: settings. Out: the filled-in file, and a running Alertmanager. Must never happen: one that outlives its test.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEPLOY, output } from './files.mjs';

export const CHANNELS = ['email', 'slack', 'pagerduty', 'webhook', 'heartbeat'];

/** Settings for which nothing is reached. */
export const SETTINGS = {
  ALERT_CHANNELS: CHANNELS.join(','),
  SMTP_HOST: '127.0.0.1', SMTP_PORT: '1', SMTP_FROM: 'foresight@test.example', SMTP_HELLO: 'test.example',
  SMTP_USERNAME: '', SMTP_REQUIRE_TLS: 'false',
  EMAIL_OPERATORS: 'operators@test.example', EMAIL_BUSINESS: 'growth@test.example', EMAIL_SECURITY: 'security@test.example',
  SLACK_OPERATORS: '#operators', SLACK_BUSINESS: '#growth', SLACK_SECURITY: '#security',
  WEBHOOK_URL: 'http://127.0.0.1:1/hook', HEARTBEAT_URL: 'http://127.0.0.1:1/heartbeat',
  TEMPLATES: `${DEPLOY}/alertmanager/templates`,
};

/** A directory with the secrets that are files, and its path. */
export const secrets = (others = {}) => {
  const directory = mkdtempSync(join(tmpdir(), 'foresight-secrets-'));
  const files = { smtp_password: 'x', slack_url: 'http://127.0.0.1:1/slack', pagerduty_key: 'key', webhook_token: 'let-me-in', ...others };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

/** Fills settings in, as the container does. Returns the text. */
export const render = (settings) =>
  output('sh', [`${DEPLOY}/render.sh`, `${DEPLOY}/alertmanager/alertmanager.yml`], { env: settings });

export const freePort = () => new Promise((resolve, reject) => {
  const server = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Asks until `attempt` gives something, for a bounded time. */
export const until = async (what, attempt, limitMs = 30_000) => {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await attempt();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Starts one. */
export const start = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'foresight-alertmanager-'));
  const hidden = secrets();
  const file = join(directory, 'alertmanager.yml');
  writeFileSync(file, await render({ ...SETTINGS, SECRETS: hidden }));
  mkdirSync(join(directory, 'data'));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn('prometheus-alertmanager', [
    `--config.file=${file}`, `--storage.path=${join(directory, 'data')}`,
    `--web.listen-address=${address}`, '--cluster.listen-address=',
  ], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill();
    await gone;
    for (const path of [directory, hidden]) rmSync(path, { recursive: true });
  };
  const url = `http://${address}`;
  await until('Alertmanager', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok);
  return { url, stop };
};
