// What a release consists of, made with a stand-in for the binary, and read with the programs that others will use.
//
// In: `cargo xtask dist`. Out: a verdict on each file. Must never happen: a package that starts the service as root, an
// upgrade that overwrites settings, or bytes that differ between two runs.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DEPLOY, ROOT, ended, output, read } from './files.mjs';

const VERSION = read(`${ROOT}Cargo.toml`).match(/^version = "(.+)"/m)[1];
const EPOCH = 1_790_000_000;
const directory = mkdtempSync(join(tmpdir(), 'foresight-dist-'));
after(() => rmSync(directory, { recursive: true }));

/** A program that tells its version and names a C library as a real one does. */
const STAND_IN = `#!/bin/sh\n# GLIBC_2.34\necho foresight ${VERSION}\n`;
const binary = join(directory, 'foresight');

const dist = async (name) => {
  const out = join(directory, name);
  const given = { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) };
  await output(process.env.FORESIGHT_TEST_XTASK, ['dist', '--binary', binary, '--out', out], { cwd: ROOT, env: given });
  return out;
};

let out;
let files;
let root;
before(async () => {
  writeFileSync(binary, STAND_IN);
  chmodSync(binary, 0o755);
  out = await dist('one');
  files = readdirSync(out).sort();
  root = join(directory, 'root');
  mkdirSync(root);
  await output('dpkg-deb', ['--extract', join(out, find('.deb')), root]);
});

const find = (ending) => {
  const found = files.filter((name) => name.endsWith(ending));
  assert.equal(found.length, 1, `${ending}: ${files}`);
  return found[0];
};

test('a release has every file, and the checksum of each', async () => {
  assert.equal(files.length, 6, files.join(' '));
  assert.equal(find('.tgz'), `4site-beacon-${VERSION}.tgz`);
  assert.match(find('.tar.gz'), new RegExp(`^foresight-${VERSION}-linux-\\w+\\.tar\\.gz$`));
  assert.match(find('.deb'), new RegExp(`^foresight_${VERSION}-1_\\w+\\.deb$`));
  const listed = read(join(out, 'SHA256SUMS')).trimEnd().split('\n').map((line) => line.slice(66));
  assert.deepEqual(listed, files.filter((name) => name !== 'SHA256SUMS'));
  await output('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out });
});

test('a second run makes the same bytes', async () => {
  const sum = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const again = await dist('two');
  for (const name of files) assert.equal(sum(join(again, name)), sum(join(out, name)), name);
});

test('a binary of another version is refused', async () => {
  const other = join(directory, 'other');
  writeFileSync(other, STAND_IN.replace(VERSION, '9.9.9'));
  chmodSync(other, 0o755);
  const args = ['dist', '--binary', other, '--out', join(directory, 'never')];
  const { code, said } = await ended(process.env.FORESIGHT_TEST_XTASK, args, { cwd: ROOT });
  assert.equal(code, 1);
  assert.match(said, /not foresight/);
});

test('the archive has the program, what it needs to run as a service, and the documents', async () => {
  const lines = (await output('tar', ['--list', '--verbose', '--numeric-owner', '--full-time', '--utc', '-f', join(out, find('.tar.gz'))]))
    .trimEnd().split('\n');
  const top = find('.tar.gz').slice(0, -'.tar.gz'.length);
  const has = (path, mode) => assert.ok(lines.some((line) => line.startsWith(mode) && line.endsWith(` ${top}/${path}`)), path);
  has('foresight', '-rwxr-xr-x');
  for (const path of ['foresight.example.toml', 'foresight.service', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs/install.md',
    'docs/operate.md', 'docs/runbooks/DeadMansSwitch.md']) has(path, '-rw-r--r--');
  for (const line of lines) assert.match(line, / 0\/0 .* 2026-09-21 14:13:20 /, line);
});

test('the Debian package says what it needs, and keeps the settings of an administrator', async () => {
  const deb = join(out, find('.deb'));
  const field = async (name) => (await output('dpkg-deb', ['--field', deb, name])).trim();
  assert.equal(await field('Package'), 'foresight');
  assert.equal(await field('Version'), `${VERSION}-1`);
  assert.match(await field('Depends'), /\badduser\b.*\blibc6 \(>= 2\.34\)/);
  const control = join(directory, 'control');
  await output('dpkg-deb', ['--control', deb, control]);
  assert.equal(read(join(control, 'conffiles')), '/etc/foresight/foresight.toml\n');
  for (const script of ['postinst', 'prerm', 'postrm']) {
    await output('sh', ['-n', join(control, script)]);
    assert.match(read(join(control, script)), /^#!\/bin\/sh\n.*\nset -e\n/s, script);
  }
  assert.match(read(join(control, 'postinst')), /adduser --system --group --home \/var\/lib\/foresight/);
  const lines = (await output('dpkg-deb', ['--contents', deb])).trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^[d-]rw.{7} root\/root /, line);
  assert.ok(lines.some((line) => line.startsWith('-rw-r-----') && line.endsWith('./etc/foresight/foresight.toml')));
  assert.ok(!lines.some((line) => line.includes('/var/lib')), 'data belongs to the service, not to the package');
});

test('the settings of the package are accepted by the collector', async () => {
  const settings = join(root, 'etc/foresight/foresight.toml');
  const check = async (text) => {
    const file = join(directory, 'foresight.toml');
    writeFileSync(file, text.replaceAll('/var/lib/foresight', join(directory, 'data')));
    return ended(process.env.FORESIGHT_BIN, ['--config', file, 'token', 'issue', 'bakery.example']);
  };
  const { code, said } = await check(read(settings));
  assert.equal(code, 0, said);
  // With everything that it proposes, too.
  const all = read(settings).replace(/^# (\w+ = .+)$/gm, '$1');
  assert.match(all, /^database_url = /m);
  const proposed = await check(all);
  assert.equal(proposed.code, 0, proposed.said);
  assert.equal((await check(`${all}\nno_such_key = 1\n`)).code, 1);
});

test('systemd accepts the unit, and finds little that it could still reach', async (t) => {
  const unit = join(directory, 'foresight.service');
  const text = read(join(root, 'usr/lib/systemd/system/foresight.service'));
  assert.equal(text, read(`${DEPLOY}/systemd/foresight.service`));
  const [, program] = text.match(/^ExecStart=(\S+) --config \/etc\/foresight\/foresight\.toml serve$/m);
  assert.ok(existsSync(join(root, program)), program);
  for (const line of ['User=foresight', 'StateDirectory=foresight', 'ProtectSystem=strict', 'NoNewPrivileges=yes',
    'CapabilityBoundingSet=', 'MemoryDenyWriteExecute=yes']) assert.ok(text.split('\n').includes(line), line);
  // The program is not installed here.
  writeFileSync(unit, text.replace(program, join(root, program)));
  assert.equal((await ended('systemd-analyze', ['verify', '--man=no', unit])).said, '');
  // In tenths: 1.5 of 10, where 0 is nothing at all.
  const { code, said } = await ended('systemd-analyze', ['security', '--offline=true', '--no-pager', '--threshold=15', unit]);
  t.diagnostic(said.trim().split('\n').at(-1));
  assert.equal(code, 0, said);
});

test('the lists of what is inside name the parts that browsers and servers run', () => {
  const list = (name) => JSON.parse(read(join(out, `foresight-${VERSION}-${name}.cdx.json`)));
  const rust = list('rust');
  assert.equal(rust.metadata.timestamp, '2026-09-21T14:13:20Z');
  assert.equal(rust.metadata.component.name, 'foresight');
  const names = rust.components.map(({ name }) => name);
  for (const name of ['axum', 'sqlx', 'foresight-beacon', 'web-sys']) assert.ok(names.includes(name), name);
  for (const name of ['criterion', 'proptest', 'xtask']) assert.ok(!names.includes(name), `${name} is of tests only`);
  const [sqlx] = rust.components.filter(({ name }) => name === 'sqlx');
  assert.match(sqlx.purl, /^pkg:cargo\/sqlx@/);
  assert.match(sqlx.hashes[0].content, /^[0-9a-f]{64}$/);
  const npm = list('npm');
  for (const name of ['preact', 'uplot', 'esbuild']) assert.ok(npm.components.some((part) => part.name === name), name);
});

test('the npm package has the beacon, its types, and nothing of its making', async () => {
  const inside = (await output('tar', ['--list', '-f', join(out, find('.tgz'))])).trimEnd().split('\n');
  for (const path of ['package.json', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'dist/vitals.js', 'dist/server.js']) {
    assert.ok(inside.includes(`package/${path}`), path);
  }
  assert.ok(!inside.some((path) => /node_modules|\/src\/|\.test\./.test(path)), inside.join(' '));
});
