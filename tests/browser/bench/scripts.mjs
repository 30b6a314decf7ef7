// The scripts that are compared, each as its own documentation says to use it.
//
// In: the npm packages of this directory, and our build in www/dist. Out: for each script what a page
// carries in its head, and the files to serve. All of them post to the same server, minified by the
// same esbuild if they are not minified already.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { translated } from './translated.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(path));

const bundle = async (contents) => {
  const { outputFiles: [{ contents: file }] } = await build({
    stdin: { contents, resolveDir: here('.') },
    bundle: true, minify: true, write: false, format: 'iife', target: 'es2020', logLevel: 'error',
  });
  return Buffer.from(file);
};

const WEB_VITALS = `
import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals/attribution';
const queue = new Set();
for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on((metric) => queue.add(metric));
const flush = () => {
  if (!queue.size) return;
  const told = [...queue].map(({ name, value, rating, delta, id, navigationType, attribution }) => {
    // Entries of the timeline cannot be written as JSON as they are, and hold the page's elements.
    const why = Object.fromEntries(Object.entries(attribution).filter(([, value]) => typeof value != 'object'));
    return { name, value, rating, delta, id, navigationType, why };
  });
  navigator.sendBeacon('/collect/web-vitals', JSON.stringify(told));
  queue.clear();
};
addEventListener('visibilitychange', () => { if (document.visibilityState == 'hidden') flush(); });
addEventListener('pagehide', flush);
`;

const FARO = `
import { initializeFaro } from '@grafana/faro-web-sdk';
initializeFaro({ url: location.origin + '/collect/faro', app: { name: 'bench', version: '1.0.0' } });
`;

const DIST = '../../../www/dist';
const TOKEN = 'f1.eyJoIjoibG9jYWxob3N0In0.c2lnbmF0dXJl';
const [hash] = readdirSync(here(`${DIST}/beacon`));

const ours = () => {
  const files = ['beacon.js', `beacon/${hash}/beacon.js`, `beacon/${hash}/beacon.wasm`];
  return {
    name: 'foresight',
    head: `<script async src="/beacon.js" data-site="${TOKEN}"></script>`,
    files: Object.fromEntries(files.map((file) => [`/${file}`, read(`${DIST}/${file}`)])),
  };
};

/** As in a browser that cannot hold a batch for a page that dies: what telling of killed tabs costs. */
const withoutFetchLater = () => {
  const script = ours();
  return { ...script, name: 'foresight, without fetchLater', head: `<script>delete self.fetchLater</script>${script.head}` };
};

/** The scripts; the first is none, to which the others are compared. */
export const scripts = async () => [
  { name: 'none', head: '', files: {} },
  ours(),
  withoutFetchLater(),
  await translated('foresight, wasm translated to JavaScript', here(`${DIST}/beacon/${hash}/beacon.wasm`), TOKEN),
  {
    name: 'web-vitals, attribution',
    head: '<script async src="/web-vitals.js"></script>',
    files: { '/web-vitals.js': await bundle(WEB_VITALS) },
  },
  {
    name: 'LUX',
    head: `<script>LUX={customerid:"1",samplerate:100,beaconUrl:"/collect/lux"};
${read('node_modules/@speedcurve/lux/dist/lux-snippet.es2020.js')}</script>
<script async src="/lux.js" crossorigin="anonymous"></script>`,
    files: { '/lux.js': read('node_modules/@speedcurve/lux/dist/lux.es2020.min.js') },
  },
  {
    name: 'Faro',
    head: '<script async src="/faro.js"></script>',
    files: { '/faro.js': await bundle(FARO) },
  },
];
