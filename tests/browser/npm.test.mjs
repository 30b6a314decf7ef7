// The npm package works in what two bundlers make of it, and does nothing where there is no page.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Site, TOKEN } from './beacon-server.mjs';
import { launch, leave, open } from './beacon-browser.mjs';

const www = new URL('../../www/', import.meta.url);
const require = createRequire(new URL('package.json', www));
const source = fileURLToPath(new URL('beacon/dist/index.js', www));

const ENTRY = `import { init, lead, share, track } from '@4site/beacon';
lead('early');
init({ site: ${JSON.stringify(TOKEN)}, endpoint: location.origin });
window.link = share('email', { url: '/bread' });
track('filter', { vegan: true, count: 2.5, course: 'rye', nothing: null, list: [1], fun() {} });
window.loaded = true;`;

let site;
let browser;
let dir;
before(async () => {
  site = await Site.start();
  browser = await launch();
  dir = await mkdtemp(join(tmpdir(), 'beacon-npm-'));
  await writeFile(join(dir, 'main.js'), ENTRY);
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>Npm</title><p>Bread<script type="module" src="/main.js"></script>');
});
after(async () => { await browser.close(); await site.stop(); await rm(dir, { recursive: true }); });
beforeEach(() => site.reset());

/** Serves the files of a directory as pages. */
const serve = async (from, prefix) => {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = entry.name.endsWith('.js') ? 'text/javascript' : 'text/html';
    site.page(prefix + path.slice(from.length), await readFile(path), { 'content-type': type });
  }
};

const check = async (path) => {
  const page = await open(browser);
  await page.goto(site.origin + path);
  await page.waitForFunction(() => window.loaded);
  await site.until(() => site.events('share').length, 'the share');
  const id = new URL(await page.evaluate(() => window.link)).searchParams.get('ref');
  await leave(page);
  await site.until(() => site.events('vital').length, 'the vitals');
  assert.deepEqual(page.faults, []);
  await page.context().close();
  assert.deepEqual(site.batches[0].events, [
    { lead: { form: 'early' } },
    { share: { channel: 'email', id } },
    { custom: { name: 'filter', props: { vegan: true, count: 2.5, course: 'rye' } } },
  ]);
  assert.equal(site.batches[0].path, '/v1/batches');
  assert.equal(site.batches[0].site, TOKEN);
  const names = site.events('vital').map(({ name }) => name);
  assert.deepEqual(names, ['TTFB', 'FCP', 'LCP', 'CLS']);
};

test('a page that esbuild bundled sends a correct batch', async () => {
  const out = join(dir, 'esbuild');
  await require('esbuild').build({
    entryPoints: [join(dir, 'main.js')], bundle: true, format: 'esm', splitting: true, outdir: out,
    alias: { '@4site/beacon': source }, logLevel: 'silent',
  });
  await writeFile(join(out, 'index.html'), '<!doctype html><title>Npm</title><p>Bread<script type="module" src="main.js"></script>');
  await serve(out, '/esbuild');
  await check('/esbuild/index.html');
});

test('a page that Vite built sends a correct batch', async () => {
  const { build } = await import(new URL('node_modules/vite/dist/node/index.js', www));
  const out = join(dir, 'vite');
  await build({
    root: dir, base: '/vite/', configFile: false, logLevel: 'silent',
    build: { outDir: out }, resolve: { alias: { '@4site/beacon': source } },
  });
  await serve(out, '/vite');
  await check('/vite/index.html');
});

test('without a browser the package can be imported and its functions do nothing', async () => {
  const beacon = await import(new URL('beacon/dist/index.js', www));
  beacon.init({ site: TOKEN, endpoint: 'https://collector.example' });
  beacon.lead('x');
  beacon.convert('x');
  beacon.track('x', { a: 1 });
  assert.equal(beacon.share('email', { url: 'https://a.example/b' }), 'https://a.example/b');
  assert.equal(beacon.share('email'), '');
});
