// The beacon reaches pages as docs/hosting.md says: from the collector itself, and through nginx and
// Caddy under a path of the site's own.
//
// In: see collector.mjs; nginx and Caddy, which the set-up installs. Out: a verdict for each way.
// Must never happen: an expectation about a file that is not read from what was built.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Site } from './beacon-server.mjs';
import { launch, leave, open, ready } from './beacon-browser.mjs';
import { startCollector } from './collector.mjs';
import { NAMES, startProxy } from './proxies.mjs';

const DIST = new URL('../../www/dist/', import.meta.url);
const [HASH, ...OTHERS] = readdirSync(new URL('beacon/', DIST));
const UNPACK = { br: brotliDecompressSync, gzip: gunzipSync, undefined: (bytes) => bytes };

let site;
let browser;
before(async () => { site = await Site.start(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.stop(); });

/** Asks without a browser's own ideas: these headers, from this address of loopback. */
const ask = (url, { method = 'GET', headers = {}, from = '127.0.0.1', body } = {}) => new Promise((resolve, reject) => {
  const { port, pathname, host } = new URL(url);
  const options = { host: '127.0.0.1', port, path: pathname, method, localAddress: from,
    headers: { host, ...headers } };
  request(options, async (response) => {
    const parts = [];
    for await (const part of response) parts.push(part);
    resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
  }).on('error', reject).end(body);
});

/** Checks every file, in every encoding, under a base address. */
const checkDelivery = async (base) => {
  assert.deepEqual(OTHERS, [], 'one build at a time');
  const folder = `beacon/${HASH}`;
  const files = ['beacon.js', ...['beacon.js', 'beacon.wasm', 'loader.js'].map((name) => `${folder}/${name}`)];
  for (const file of files) {
    const built = readFileSync(new URL(file, DIST));
    for (const [accepted, encoding] of [['gzip, deflate, br, zstd', 'br'], ['gzip', 'gzip'], ['identity', undefined]]) {
      const { status, headers, body } = await ask(`${base}/${file}`, { headers: { 'accept-encoding': accepted } });
      const what = `${file} for ${accepted}`;
      assert.equal(status, 200, what);
      assert.equal(headers['content-encoding'], encoding, what);
      assert.ok(UNPACK[encoding](body).equals(built), `${what}: another content than was built`);
      assert.match(headers.vary, /accept-encoding/i, what);
      assert.equal(headers['access-control-allow-origin'], '*', what);
      assert.equal(headers['content-type'], file.endsWith('wasm') ? 'application/wasm' : 'text/javascript', what);
      const immutable = /max-age=31536000, immutable/.test(headers['cache-control']);
      assert.equal(immutable, file.startsWith(folder), `${what}: ${headers['cache-control']}`);
    }
    const { headers: { etag } } = await ask(`${base}/${file}`, { headers: { 'accept-encoding': 'br' } });
    const again = await ask(`${base}/${file}`, { headers: { 'accept-encoding': 'br', 'if-none-match': etag } });
    assert.deepEqual([again.status, again.body.length], [304, 0], `${file} with its ETag`);
  }
};

/** A page with that tag is measured. `count` is how many views the collector knows then. */
const checkVisit = async (origin, path, collector, tag) => {
  site.page(path, `<!doctype html><title>Bakery</title>${tag}<h1>Bread</h1>`);
  const page = await open(browser);
  await page.goto(origin + path);
  await ready(page);
  await leave(page);
  await collector.merged(1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  const { vitals, views } = await collector.ask('vitals', { page: path });
  assert.equal(views, 1);
  const measured = vitals.filter(({ count }) => count == 1).map(({ metric }) => metric).sort();
  assert.deepEqual(measured, ['CLS', 'FCP', 'LCP', 'TTFB']);
};

const batch = (token, id) => JSON.stringify({ v: 1, site: token, id, sent: Date.now(), events: [],
  view: { id, seq: 0, age: 1, path: '/posted', nav: 'navigate', vp: 'desktop' } });

test('the collector serves every file compressed, and what has a hash for a year', async () => {
  const collector = await startCollector('sqlite');
  try {
    await checkDelivery(collector.url);
    const gone = await ask(`${collector.url}/beacon/000000000000/beacon.js`);
    assert.equal(gone.status, 404);
  } finally {
    await collector.stop();
  }
});

test('the loader with a hash in its address can be pinned, and a wrong pin harms nobody', async () => {
  const collector = await startCollector('sqlite');
  try {
    const token = collector.token(new URL(site.origin).host);
    const address = `${collector.url}/beacon/${HASH}/loader.js`;
    const tag = (hash) => `<script async src="${address}" data-site="${token}" integrity="sha384-${hash}"
      crossorigin="anonymous"></script>`;
    const hash = createHash('sha384').update(readFileSync(new URL(`beacon/${HASH}/loader.js`, DIST))).digest('base64');
    await checkVisit(site.origin, '/pinned', collector, tag(hash));

    const page = await open(browser);
    await page.goto(site.page('/wrong', `<!doctype html>${tag(hash.replace(/^.../, 'AAA'))}<h1>Bread</h1>`));
    assert.equal(await page.evaluate(() => typeof window.foresight), 'undefined');
    assert.deepEqual(page.faults, []);
    await page.context().close();
  } finally {
    await collector.stop();
  }
});

for (const name of NAMES) {
  test(`${name} passes the beacon on under the site's own path, and nothing else`, async () => {
    const collector = await startCollector('sqlite', {
      FORESIGHT_TRUSTED_PROXIES: '127.0.0.1/32',
      FORESIGHT_CLIENT_BATCHES_PER_SECOND: '1',
      FORESIGHT_CLIENT_BURST: '2',
    });
    let proxy;
    try {
      proxy = await startProxy(name, { collector: collector.url, site: site.origin });
      const { origin } = proxy;
      const token = collector.token(new URL(origin).host);
      await checkDelivery(`${origin}/rum`);
      await checkVisit(origin, '/own', collector,
        `<script async src="/rum/beacon.js" data-site="${token}" data-endpoint="/rum/v1/batches"></script>`);
      for (const hidden of ['/rum/', '/rum/api/v1/sites', '/rum/api/health', '/rum/demo/']) {
        assert.equal((await ask(origin + hidden)).status, 404, `${hidden} is the site's, not the collector's`);
      }

      // Each address has a limit of its own, and a forged header gives nobody another one.
      const post = async (from, id) => (await ask(`${origin}/rum/v1/batches`, {
        method: 'POST', from, body: batch(token, `${from.replaceAll('.', '-')}-${id}`),
        headers: { origin, 'content-type': 'text/plain', 'x-forwarded-for': `192.0.2.${id}` },
      })).status;
      const flood = await Promise.all(Array.from({ length: 40 }, (_, id) => post('127.0.0.2', id)));
      assert.ok(flood.includes(202), `${flood}`);
      const refused = flood.filter((status) => status == 429).length;
      assert.ok(refused >= 20, `${refused} of 40 batches from one address were refused: ${flood}`);
      assert.equal(await post('127.0.0.3', 1), 202);
    } finally {
      await proxy?.stop();
      await collector.stop();
    }
  });
}
