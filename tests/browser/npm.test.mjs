// The npm package works in what bundlers make of it, is sound to package checkers, and does nothing
// where there is no page.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { launch, leave, open } from './beacon-browser.mjs';
import { Site, TOKEN } from './beacon-server.mjs';
import { Project, execute, program, serve } from './npm-project.mjs';

const ENTRY = `import { lead, referral, share, start, track } from '@4site/beacon';
lead('early');
start({ site: ${JSON.stringify(TOKEN)}, endpoint: location.origin });
referral('found1234');
referral('found1234');
referral('no id at all');
window.link = share('email', { url: '/bread' });
track('filter', { vegan: true, count: 2.5, course: 'rye', nothing: null, list: [1], fun() {} });
window.loaded = true;`;

let site;
let browser;
let project;
before(async () => {
  site = await Site.start();
  browser = await launch();
  project = await Project.create();
  await writeFile(project.path('main.js'), ENTRY);
});
after(async () => { await browser.close(); await site.stop(); await project.remove(); });
beforeEach(() => site.reset());

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
  // A lead takes along what was measured by then.
  assert.deepEqual(site.batches[0].events.filter(({ vital, frames }) => !vital && !frames), [
    { lead: { form: 'early' } },
    { referral: { share: 'found1234', landing: path } },
    { share: { channel: 'email', id, parent: 'found1234' } },
    { custom: { name: 'filter', props: { vegan: true, count: 2.5, course: 'rye' } } },
  ]);
  assert.equal(site.batches[0].path, '/v1/batches');
  assert.equal(site.batches[0].site, TOKEN);
  const names = site.events('vital').map(({ name }) => name);
  assert.deepEqual(names, ['TTFB', 'FCP', 'LCP', 'CLS']);
};

test('a page that esbuild bundled sends a correct batch', async () => {
  await serve(site, await project.esbuild('main'), '/esbuild');
  await check('/esbuild/index.html');
});

test('a page that Vite built sends a correct batch', async () => {
  await serve(site, await project.vite('main', '/vite/'), '/vite');
  await check('/vite/index.html');
});

test('a page that webpack bundled sends a correct batch', async () => {
  await serve(site, await project.webpack('main'), '/webpack');
  await check('/webpack/index.html');
});

test('without a browser the package can be imported and its functions do nothing', async () => {
  const beacon = await import(project.path('node_modules/@4site/beacon/dist/index.js'));
  beacon.start({ site: TOKEN, endpoint: 'https://collector.example' });
  beacon.referral('found1234');
  beacon.lead('x');
  beacon.convert('x');
  beacon.track('x', { a: 1 });
  beacon.consent({ measure: true });
  assert.equal(beacon.share('email', { url: 'https://a.example/b' }), 'https://a.example/b');
  assert.equal(beacon.share('email'), '');
});

for (const [name, { script, counted }] of Object.entries({
  'navigation timing': { script: () => { performance.getEntriesByType = () => []; }, counted: 0 },
  'PerformanceObserver': { script: () => { delete window.PerformanceObserver; }, counted: 1 },
})) {
  test(`in a browser without ${name} nothing throws, and shared links work`, async () => {
    await serve(site, await project.esbuild('main'), '/esbuild');
    const page = await open(browser, { script });
    await page.goto(`${site.origin}/esbuild/index.html`);
    await page.waitForFunction(() => window.loaded);
    assert.equal(new URL(await page.evaluate(() => window.link)).pathname, '/bread');
    await page.waitForLoadState('networkidle');
    await leave(page);
    await site.until((batches) => batches.length >= counted, 'the view');
    await page.waitForTimeout(400);
    assert.equal(site.batches.length, counted, JSON.stringify(site.batches));
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('the package holds what it exports, and nothing else', async () => {
  const [chunks, files] = [/^dist\/(chunk|core)-\w+\.js$/, project.files];
  assert.deepEqual(files.filter((file) => !chunks.test(file)).sort(), [
    'README.md', 'dist/entries.d.ts', 'dist/index.d.ts', 'dist/index.js', 'dist/server.d.ts', 'dist/server.js', 'dist/vitals.d.ts',
    'dist/vitals.js', 'package.json',
  ]);
});

test('publint finds nothing to say', async () => {
  const tarball = new Uint8Array(await readFile(project.tarball)).buffer;
  const { messages, pkg } = await publint({ pkgDir: 'package', strict: true, pack: { tarball } });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test('the types are right for every way to resolve an ES module', async () => {
  // It fails with what it prints.
  await execute(process.execPath, [program('attw'), project.tarball, '--profile', 'esm-only', '--no-color'])
    .catch((error) => assert.fail(error.stdout || error.message));
});
