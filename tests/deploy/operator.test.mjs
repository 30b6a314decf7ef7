// What pages for operators tell is there: files, commands with their flags, metrics, codes, and proxies' configuration.
//
// In: docs/, README.md, the collector and its sources. Out: a verdict. Must never happen: somebody types at night what a
// page says, and it is not there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, ended, names, output, read } from './files.mjs';

const directory = mkdtempSync(join(tmpdir(), 'foresight-operator-'));
after(() => rmSync(directory, { recursive: true }));

const PAGES = ['install', 'configure', 'operate', 'upgrade', 'scale', 'privacy', 'backup'];
const text = Object.fromEntries(PAGES.map((name) => [name, read(`${ROOT}docs/${name}.md`)]));
const blocks = (page, language) => [...page.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))]
  .map(([, indent, block]) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));

const anchor = (title) => title.toLowerCase().replace(/[^\w\s-]/g, '').replaceAll(' ', '-');

test('links lead to files and headings', () => {
  const pages = ['README.md', 'SECURITY.md', ...names(`${ROOT}docs`, '.md').map((name) => `docs/${name}.md`)];
  let links = 0;
  for (const page of pages) {
    for (const [, target] of read(`${ROOT}${page}`).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue;
      const [file, heading] = target.split('#');
      const path = file ? join(dirname(page), file) : page;
      links += 1;
      assert.ok(existsSync(`${ROOT}${path}`), `${page}: ${target}`);
      if (!heading) continue;
      const headings = [...read(`${ROOT}${path}`).matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchor(title));
      assert.ok(headings.includes(heading), `${page}: ${target}`);
    }
  }
  assert.ok(links > 60, `${links}`);
});

test('commands and their flags are those of the program', async () => {
  const lines = Object.entries(text).flatMap(([page, content]) => {
    const shell = blocks(content, 'sh').join('').replaceAll('\\\n', ' ').split('\n');
    const inline = [...content.matchAll(/`(foresight [^`]+)`/g)].map(([, line]) => line);
    return [...shell, ...inline].map((line) => ({ page, line: line.split(' # ')[0].split(' | ')[0] }));
  });
  const called = lines.map(({ page, line }) => ({ page, line, call: line.match(/(?:^|[\s/])foresight ((?:--config \S+ )?(?:serve|site|token|seed|backup|restore|doctor|user)\b.*)$/)?.[1] }))
    .filter(({ call }) => call);
  assert.ok(called.length > 25, `${called.length}`);
  for (const { page, line, call } of called) {
    const words = call.replace(/^--config \S+ /, '').split(/\s+/).filter(Boolean);
    const commands = ['site', 'token', 'user'].includes(words[0]) ? words.slice(0, 2) : words.slice(0, 1);
    const { code, said } = await ended(process.env.FORESIGHT_BIN, [...commands.filter((word) => /^[a-z]+$/.test(word)), '--help']);
    assert.equal(code, 0, `${page}: ${line}\n${said}`);
    for (const flag of words.filter((word) => word.startsWith('--'))) assert.ok(said.includes(flag), `${page}: ${line}: ${flag}`);
  }
});

const sources = (folder) => readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /\.(rs|sql)$/.test(entry.name))
  .map((entry) => read(join(entry.parentPath ?? entry.path, entry.name))).join('\n');

test('metrics, codes and tables that pages name are in the source', () => {
  const source = sources(`${ROOT}collector/src`);
  const tables = read(`${ROOT}collector/src/store/erase.rs`) + sources(`${ROOT}collector/migrations/sqlite`);
  const metrics = new Set(Object.values(text).flatMap((page) => page.match(/\bforesight_(?!\d)[a-z_]+[a-z]\b/g) ?? []));
  assert.ok(metrics.size >= 10, [...metrics].join(' '));
  for (const metric of metrics) assert.ok(source.includes(`"${metric}"`), metric);
  for (const [, code] of text.operate.matchAll(/(?:rejected: |503 )`(\w+)`/g)) assert.ok(source.includes(`"${code}"`), code);
  const divided = text.scale.split('## By site')[1];
  for (const [, table] of divided.matchAll(/`([a-z_]+)`/g)) {
    assert.ok(tables.includes(`create table ${table} (`) || table === 'token_key', table);
  }
});

test('every table but the named ones has a key that begins with the site', () => {
  const migrations = sources(`${ROOT}collector/migrations/sqlite`);
  const bySite = [...migrations.matchAll(/create table (\w+) \((.*?)^\) strict/gms)]
    .filter(([, , body]) => /primary key \(site\b|\bhost text not null primary key/.test(body)).map(([, name]) => name);
  const divided = text.scale.split('## By site')[1];
  for (const name of ['sums', 'share', 'share_visit', 'merged_batch', 'server_event', 'generation', 'referred_goal', 'confirmed_lead',
    'payment', 'site', 'site_build']) {
    assert.ok(divided.includes(`\`${name}\``) && bySite.includes(name), name);
  }
});

test('the proxies accept what docs/install.md tells', async () => {
  const [caddy] = blocks(text.install, 'caddyfile');
  const file = join(directory, 'Caddyfile');
  writeFileSync(file, caddy);
  const env = { XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  await output('caddy', ['validate', '--adapter', 'caddyfile', '--config', file], { env });
  const [nginx] = blocks(text.install, 'nginx');
  const [key, cert] = ['rum.key', 'rum.pem'].map((name) => join(directory, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=rum.example',
    '-keyout', key, '-out', cert], { stdio: 'pipe' });
  const server = nginx.replace('/etc/ssl/rum.example.pem', cert).replace('/etc/ssl/rum.example.key', key);
  assert.ok(server.includes(cert) && server.includes(key));
  const main = join(directory, 'nginx.conf');
  writeFileSync(main, `pid ${directory}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${server}}\n`);
  await output('nginx', ['-t', '-c', main, '-p', directory]);
  // What the world reaches is the same through both, and in the stack.
  const stack = read(`${ROOT}deploy/caddy/Caddyfile`).match(/@public path (.+)/)[1];
  assert.equal(caddy.match(/@public path (.+)/)[1], stack);
  const location = new RegExp(nginx.match(/location ~ (\S+) \{/)[1]);
  for (const path of ['/beacon.js', '/beacon/3f2a91c0/loader.js', '/v1/batches', '/v1/events']) assert.match(path, location);
  for (const path of ['/', '/api/v1/vitals', '/beacon.jsx', '/metrics', '/v1/batches/x', '/x/beacon.js']) assert.doesNotMatch(path, location);
});

test('settings that pages show are accepted', async () => {
  for (const block of blocks(text.install, 'toml')) {
    const file = join(directory, 'shown.toml');
    writeFileSync(file, block.replace('/var/lib/foresight', join(directory, 'data')));
    const { code, said } = await ended(process.env.FORESIGHT_BIN, ['--config', file, 'token', 'issue', 'bakery.example']);
    assert.equal(code, 0, said);
  }
});
