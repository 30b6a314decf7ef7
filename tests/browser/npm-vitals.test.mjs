// `@4site/beacon/vitals` in what bundlers make of it: whoever swaps the import from web-vitals gets the
// same reports, in the same order, with the same types.

import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { hide, launch, open } from './beacon-browser.mjs';
import { Site } from './beacon-server.mjs';
import { Project, compiler, execute, serve } from './npm-project.mjs';

const FUNCTIONS = ['onCLS', 'onFCP', 'onINP', 'onLCP', 'onTTFB'];

// Both libraries in one page. Entries and elements are named, because they cannot leave the page.
const BOTH = `import * as theirs from 'web-vitals/attribution';
import * as ours from '@4site/beacon/vitals';
const plain = (value, key) => value instanceof PerformanceEntry ? \`\${value.entryType} at \${value.startTime}\`
  : value instanceof Node ? value.nodeName
  : Array.isArray(value) ? value.map((part) => plain(part))
  : value instanceof Object ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part, key)]))
  : key == 'id' ? value.replace(/[0-9]/g, '0') : value;
window.reports = { theirs: [], ours: [] };
for (const name of ${JSON.stringify(FUNCTIONS)}) {
  theirs[name]((metric) => reports.theirs.push(plain(metric)));
  ours[name]((metric) => reports.ours.push(plain(metric)));
}
ours.onFID((metric) => { window.delay = plain(metric); });
setTimeout(() => { document.body.prepend('A banner'); }, 300);`;

const SIX = `import { onCLS, onFCP, onFID, onINP, onLCP, onTTFB } from '@4site/beacon/vitals';
window.reports = [];
for (const on of [onCLS, onFCP, onFID, onINP, onLCP, onTTFB]) on(({ name }) => reports.push(name));`;

let site;
let browser;
let project;
before(async () => {
  site = await Site.start();
  browser = await launch();
  project = await Project.create();
  await writeFile(project.path('both.js'), BOTH);
  await writeFile(project.path('six.js'), SIX);
});
after(async () => { await browser.close(); await site.stop(); await project.remove(); });

/** Opens a page, clicks and hides it, and returns what `read` sees then. */
const visit = async (path, read, options) => {
  const page = await open(browser, options);
  const warnings = [];
  page.on('console', (message) => { if (message.type() == 'warning') warnings.push(message.text()); });
  await page.goto(site.origin + path);
  await page.waitForTimeout(600);
  await page.click('#order');
  // Interactions are looked at when the page is idle, within a second.
  await page.waitForTimeout(1200);
  await hide(page);
  const seen = await page.evaluate(read);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  return { seen, warnings };
};

const compare = async (path) => {
  const { seen: [{ theirs, ours }, delay] } = await visit(path, () => [window.reports, window.delay]);
  assert.deepEqual(theirs.map(({ name }) => name).sort(), ['CLS', 'FCP', 'INP', 'LCP', 'TTFB']);
  assert.deepEqual(ours, theirs);
  assert.equal(delay.name, 'FID');
  assert.equal(delay.attribution.eventTarget, '#order');
  assert.match(delay.entries[0], /^first-input/);
};

test('a page that esbuild bundled gets the reports of web-vitals', async () => {
  await serve(site, await project.esbuild('both'), '/esbuild');
  await compare('/esbuild/index.html');
});

test('a page that Vite built gets the reports of web-vitals', async () => {
  await serve(site, await project.vite('both', '/vite/'), '/vite');
  await compare('/vite/index.html');
});

test('a page that webpack bundled gets the reports of web-vitals', async () => {
  await serve(site, await project.webpack('both'), '/webpack');
  await compare('/webpack/index.html');
});

test('a browser that compiles wasm only in the background misses nothing', async () => {
  await serve(site, await project.esbuild('six'), '/six');
  const script = () => {
    WebAssembly.Module = class { constructor() { throw new RangeError('larger than 4 KB'); } };
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return instantiate(bytes);
    };
  };
  const { seen } = await visit('/six/index.html', () => window.reports, { script });
  assert.deepEqual(seen.sort(), ['CLS', 'FCP', 'FID', 'INP', 'LCP', 'TTFB']);
});

test('a policy that refuses wasm does not harm the page, and the reason is said', async () => {
  const dir = await project.esbuild('six');
  await serve(site, dir, '/strict');
  site.page('/strict/index.html', await readFile(`${dir}/index.html`),
    { 'content-security-policy': "script-src 'self'" });
  const { seen, warnings } = await visit('/strict/index.html', () => window.reports);
  assert.deepEqual(seen, []);
  assert.ok(warnings.some((text) => text.includes('foresight: vitals are not measured')), `${warnings}`);
});

test('a bundle with all six functions is within its budget', async () => {
  const budget = JSON.parse(await readFile(new URL('../../www/loader/budget.json', import.meta.url)));
  const dir = await project.esbuild('six', { minify: true, splitting: false });
  const weight = brotliCompressSync(await readFile(`${dir}/six.js`)).length;
  assert.ok(weight <= budget.vitals, `${weight} bytes of brotli, the budget is ${budget.vitals}`);
});

test('without a browser it can be imported, and has the thresholds of web-vitals', async () => {
  const ours = await import(project.path('node_modules/@4site/beacon/dist/vitals.js'));
  const theirs = await import('web-vitals');
  for (const name of [...FUNCTIONS, 'onFID']) ours[name](() => assert.fail('there is nothing to report'));
  for (const [name, thresholds] of Object.entries(theirs)) {
    if (name.endsWith('Thresholds')) assert.deepEqual(ours[name], thresholds, name);
    else assert.equal(typeof ours[name], 'function', name);
  }
});

test('code with types of web-vitals compiles when the import is swapped', async () => {
  await copyFile(fileURLToPath(new URL('fixtures/swap.ts', import.meta.url)), project.path('swap.ts'));
  await execute(compiler, ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', 'swap.ts'],
    { cwd: project.dir }).catch((error) => assert.fail(error.stdout || error.message));
});
