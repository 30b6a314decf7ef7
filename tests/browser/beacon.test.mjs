// What the beacon tells the collector, and when, and for whom it stays silent.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Site, TOKEN, html } from './beacon-server.mjs';
import { hide, launch, leave, open, ready } from './beacon-browser.mjs';

const ID = /^[A-Za-z0-9_-]{8,36}$/;

let site;
let browser;
let page;
before(async () => { site = await Site.start(); browser = await launch(); });
after(async () => { await browser.close(); await site.stop(); });
beforeEach(() => site.reset());
afterEach(async () => {
  const faults = page?.faults ?? [];
  await page?.context().close();
  assert.deepEqual(faults, [], 'errors in the page');
});

const visit = async (body = '<p>Bread', options = {}) => {
  page = await open(browser, options);
  await page.goto(site.page('/menu', html(body, options), options.headers) + (options.query ?? ''));
  if (options.wait !== false) await ready(page);
  return page;
};

/** Leaves the page and returns its batches when no more come. */
const left = async (count = 1) => {
  await leave(page);
  await site.until((batches) => batches.length >= count, `${count} batches`);
  await page.waitForTimeout(300);
  assert.equal(site.batches.length, count, JSON.stringify(site.batches));
  return site.batches;
};

// On a busy machine any page has long frames.
const MEASURED = ['vital', 'frames'];
const kind = (event) => Object.keys(event)[0];
const told = (batch) => batch.events.filter((event) => !MEASURED.includes(kind(event)));
const kinds = (batch) => told(batch).map(kind);

test('a view is told once, as text/plain without cookies of the page, with its facts', async () => {
  await visit('<p>Bread', { query: '?mail=anna@example.org#top' });
  const [batch] = await left();
  assert.equal(batch.path, '/v1/batches');
  assert.equal(batch.headers['content-type'], 'text/plain;charset=UTF-8');
  assert.equal(batch.headers.cookie, undefined);
  assert.equal(batch.v, 1);
  assert.equal(batch.site, TOKEN);
  assert.match(batch.id, ID);
  assert.match(batch.view.id, ID);
  assert.ok(Math.abs(batch.sent - Date.now()) < 10_000);
  assert.equal(batch.view.seq, 0);
  assert.equal(batch.view.path, '/menu');
  assert.equal(batch.view.nav, 'navigate');
  assert.equal(batch.view.vp, 'desktop');
  assert.equal(batch.view.ref, undefined);
  assert.ok(!JSON.stringify({ ...batch, headers: undefined }).includes('anna'));
});

test('the host of the page before is told, without its path', async () => {
  page = await open(browser);
  await page.goto(site.page('/from', `<a href="/menu">Menu</a>`));
  site.page('/menu', html('<p>Bread'));
  await page.click('a');
  await ready(page);
  const [batch] = await left();
  assert.equal(batch.view.ref, 'localhost');
});

test('a reload is a reload', async () => {
  await visit();
  await page.reload();
  await ready(page);
  const batches = await left(2);
  assert.deepEqual(batches.map((batch) => batch.view.nav), ['navigate', 'reload']);
});

test('calls from before the script, before the wasm and after it all arrive, in order', async () => {
  const head = `<script>(window.foresight ||= []).push(['lead', 'early']);</script>
    <script src="/beacon.js" data-site="${TOKEN}"></script>
    <script>foresight.convert('before'); foresight.track('sorts', { vegan: true, count: 2.5, name: 'rye "dark"', no: null, list: [1] });</script>`;
  await visit('<p>Bread', { head });
  await page.evaluate(() => { foresight.lead(); foresight.convert(''); foresight.track('plain'); });
  const [batch] = await left();
  assert.deepEqual(told(batch), [
    { lead: { form: 'early' } },
    { conversion: { name: 'before' } },
    { custom: { name: 'sorts', props: { vegan: true, count: 2.5, name: 'rye "dark"' } } },
    { lead: {} },
    { custom: { name: 'plain', props: {} } },
  ]);
});

test('a share returns its link at once and leaves within seconds, with the share that brought the visitor', async () => {
  await visit('<p>Bread', { query: '?ref=kT3vQx9bW1&x=1' });
  const link = await page.evaluate(() => foresight.share('whatsapp', { url: '/bread?kind=rye#top' }));
  await site.until(() => site.events('share').length, 'the share', 5000);
  const url = new URL(link);
  assert.equal(url.pathname + url.hash, '/bread#top');
  assert.equal(url.searchParams.get('kind'), 'rye');
  assert.match(url.searchParams.get('ref'), ID);
  assert.deepEqual(site.events('referral'), [{ share: 'kT3vQx9bW1', landing: '/menu' }]);
  assert.deepEqual(site.events('share'), [
    { channel: 'whatsapp', id: url.searchParams.get('ref'), parent: 'kT3vQx9bW1' },
  ]);
  const batches = await left(2);
  assert.equal(batches[0].headers['content-type'], 'text/plain;charset=UTF-8');
  assert.deepEqual(batches.map((batch) => batch.view.seq), [0, 1]);
  assert.deepEqual(batches[0].events.filter((event) => event.vital), []);
  assert.deepEqual(kinds(batches[1]), []);
});

test('a share before the wasm is there gets its link at once and is told later', async () => {
  const head = `<script src="/beacon.js" data-site="${TOKEN}"></script><script>
    window.link = foresight.share('email');</script>`;
  await visit('<p>Bread', { head });
  const id = new URL(await page.evaluate(() => link)).searchParams.get('ref');
  await left();
  assert.deepEqual(site.events('share'), [{ channel: 'email', id }]);
});

test('a reload of a landing page is no second referral', async () => {
  await visit('<p>Bread', { query: '?ref=kT3vQx9bW1' });
  await page.reload();
  await ready(page);
  await left(2);
  assert.equal(site.events('referral').length, 1);
});

test('data-share fills links, copies, opens the dialog, and counts each of them', async () => {
  const stub = () => {
    window.shared = [];
    window.copied = [];
    navigator.share = (data) => { shared.push(data.url); return Promise.resolve(); };
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: (text) => { copied.push(text); return Promise.resolve(); } },
    });
  };
  await visit(`
    <a id="fill" data-share="whatsapp" href="/target?text=Look:%20{link}" target="_blank">WhatsApp</a>
    <button id="copy" data-share="copy" data-share-url="/bread">Copy</button>
    <button id="dialog" data-share="native"><b>Share</b></button>
    <button id="other" data-share="poster">Poster</button>`, { script: stub });
  site.page('/target', '<p>WhatsApp');
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#fill')]);
  const filled = new URL(new URL(popup.url()).searchParams.get('text').slice('Look: '.length));
  await popup.close();
  assert.equal(await page.getAttribute('#fill', 'href'), '/target?text=Look:%20{link}');
  await page.click('#copy');
  await page.click('#dialog b');
  await page.click('#other');
  const [copied] = await page.evaluate(() => window.copied);
  const [shared] = await page.evaluate(() => window.shared);
  await page.waitForTimeout(100);
  const id = (link) => new URL(link).searchParams.get('ref');
  await leave(page);
  await site.until(() => site.events('share').length == 4, 'four shares');
  assert.equal(new URL(copied).pathname, '/bread');
  assert.deepEqual(site.events('share').slice(0, 3), [
    { channel: 'whatsapp', id: id(filled) },
    { channel: 'copy', id: id(copied) },
    { channel: 'native', id: id(shared) },
  ]);
  assert.equal(site.events('share')[3].channel, 'poster');
  assert.equal(new Set(site.events('share').map((share) => share.id)).size, 4);
});

test('what the page itself shares is counted when the visitor has shared it', async () => {
  const stub = () => {
    window.shared = [];
    navigator.share = (data) => {
      shared.push(data);
      return data.title == 'no' ? Promise.reject(new Error('closed')) : Promise.resolve('done');
    };
  };
  await visit('<p>Bread', { script: stub });
  const results = await page.evaluate(async () => [
    await navigator.share({ title: 'yes', url: '/bread' }),
    await navigator.share({ title: 'no', url: '' }).catch((error) => error.message),
    await navigator.share({ title: 'other', url: 'https://example.org/' }),
    await navigator.share({ text: 'no link' }),
  ]);
  assert.deepEqual(results, ['done', 'closed', 'done', 'done']);
  const shared = await page.evaluate(() => window.shared);
  assert.equal(shared[2].url, 'https://example.org/');
  assert.deepEqual(shared[3], { text: 'no link' });
  await left();
  const id = new URL(shared[0].url).searchParams.get('ref');
  assert.deepEqual(site.events('share'), [{ channel: 'native', id }]);
});

for (const [name, signal] of Object.entries({
  'Global Privacy Control': () => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }),
  'Do Not Track': () => Object.defineProperty(navigator, 'doNotTrack', { value: '1' }),
})) {
  test(`a visitor with ${name} is not measured, and links work`, async () => {
    await visit('<a id="fill" data-share="x" href="/target?text={link}">X</a>',
      { script: signal, wait: false, query: '?ref=kT3vQx9bW1' });
    await page.waitForTimeout(800);
    const link = await page.evaluate(() => {
      foresight.lead('x'); foresight.convert('x'); foresight.track('x', { a: 1 });
      return foresight.share('email', { url: '/bread' });
    });
    assert.equal(link, `${site.origin}/bread`);
    site.page('/target', '<p>X');
    await page.click('#fill');
    await page.waitForURL('**/target**');
    assert.ok(new URL(page.url()).searchParams.get('text').startsWith(`${site.origin}/menu`));
    await leave(page);
    await page.waitForTimeout(500);
    assert.deepEqual(site.batches, []);
    assert.ok(!site.requests.some((path) => path.endsWith('.wasm')));
  });
}

test('errors that nobody caught are told once each, ten at most, without query strings', async () => {
  const head = `<script src="/beacon.js" data-site="${TOKEN}"></script>`;
  await visit(`<script>setTimeout(() => { throw new TypeError('no menu at https://a.b/c?mail=x@y.z'); });</script>`, { head });
  await page.evaluate(() => {
    for (let i = 0; i < 3; i++) setTimeout(() => { throw new Error('again'); });
    Promise.reject(new RangeError('too far'));
    Promise.reject('plain');
  });
  await page.waitForTimeout(200);
  await page.evaluate(() => {
    for (let i = 0; i < 20; i++) setTimeout(() => { throw new Error(`many ${i}`); });
  });
  await page.waitForTimeout(300);
  page.faults.length = 0;
  await left();
  const errors = site.events('error');
  assert.equal(errors.length, 10);
  assert.equal(errors[0].message, 'TypeError: no menu at https://a.b/c');
  assert.equal(errors[0].source, `${site.origin}/menu`);
  assert.ok(errors[0].line > 0);
  assert.equal(new Set(errors.map((error) => error.message)).size, 10);
  assert.ok(errors.some((error) => error.message == 'RangeError: too far'));
  assert.ok(errors.some((error) => error.message == 'plain'));
});

test('where the wasm is refused the view is told by one small ping when it ends', async () => {
  await visit('<p>Bread', {
    headers: { 'content-security-policy': "script-src 'self'; connect-src 'self'" }, wait: false,
  });
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.wasm')));
  const [ping] = await left();
  assert.deepEqual([ping.view.seq, ping.events.length, ping.view.can], [0, 1, undefined]);
  assert.equal(ping.events[0].vital.name, 'TTFB');
  assert.match(ping.id, ID);
  assert.match(ping.view.id, ID);
  assert.deepEqual([ping.view.path, ping.view.nav, ping.view.vp], ['/menu', 'navigate', 'desktop']);
  assert.ok(ping.bytes < 500);
});

test('where the beacon cannot be loaded, a click on a shared link goes its own way', async () => {
  page = await open(browser);
  await page.route('**/beacon/**', (route) => route.abort());
  await page.goto(site.page('/menu', html('<a data-share="whatsapp" href="#told">Tell a friend</a>')));
  await page.waitForFunction(() => window.foresight);
  await page.click('a');
  await page.waitForFunction(() => location.hash == '#told');
});

test('a strict policy with wasm-unsafe-eval is enough', async () => {
  await visit('<p>Bread', {
    headers: { 'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" },
  });
  const [batch] = await left();
  assert.ok(batch.events.some((event) => event.vital?.name == 'TTFB'));
});

/** A page whose wasm arrives when the test says so. */
const waitForWasm = async (script) => {
  page = await open(browser, { script });
  const held = new Promise((resolve) => page.route('**/*.wasm', resolve));
  await page.goto(site.page('/menu', html('<h1>Bread of the long afternoon</h1>')));
  return held;
};

test('without fetchLater a view that is hidden before the wasm is there is told at once and then goes on', async () => {
  const wasm = await waitForWasm(() => { delete window.fetchLater; });
  await hide(page);
  await site.until((batches) => batches.length == 1, 'the ping');
  await hide(page, false);
  await hide(page);
  await hide(page, false);
  await wasm.continue();
  await ready(page);
  await page.evaluate(() => foresight.lead('late'));
  const [ping, batch] = await left(2);
  assert.deepEqual([ping.view.seq, batch.view.seq], [0, 1]);
  assert.equal(ping.view.id, batch.view.id);
  assert.notEqual(ping.id, batch.id);
  assert.deepEqual(ping.events.map(({ vital }) => vital.name), ['TTFB']);
  assert.ok(batch.view.can.includes('TTFB'));
  assert.deepEqual(kinds(batch), ['lead']);
  // What the ping told is told again only with a new value, which names it.
  const ttfb = batch.events.find(({ vital }) => vital?.name == 'TTFB');
  if (ttfb) assert.equal(ttfb.vital.was, ping.events[0].vital.value);
});

test('a view that is left before the wasm is there is told once', async () => {
  await waitForWasm();
  const [ping] = await left();
  assert.deepEqual([ping.view.seq, ping.view.path], [0, '/menu']);
  assert.deepEqual(ping.events.map(({ vital }) => vital.name), ['TTFB']);
});

test('the ping of a long address holds as much of its path as the collector takes', async () => {
  const path = `/menu/${'b'.repeat(600)}`;
  page = await open(browser);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto(site.page(path, html('<p>Bread')));
  await page.waitForFunction(() => window.foresight);
  const [ping] = await left();
  assert.equal(ping.view.path, path.slice(0, 512));
});

test('a tab that was discarded and is loaded again is a restored view, and no second referral', async () => {
  // Chromium does not discard a tab that a debugger looks at.
  await visit('<p>Bread', {
    script: () => Object.defineProperty(Document.prototype, 'wasDiscarded', { get: () => true }),
    query: '?ref=kT3vQx9bW1',
  });
  const [batch] = await left();
  assert.equal(batch.view.nav, 'restore');
  assert.deepEqual(kinds(batch), []);
});

test('a hidden page that is frozen has told what happened since', async () => {
  await visit();
  await hide(page);
  await site.until((batches) => batches.length == 1, 'the view');
  await page.evaluate(() => {
    foresight.track('in the background');
    document.dispatchEvent(new Event('freeze', { bubbles: true }));
  });
  await site.until((batches) => batches.length == 2, 'what happened since');
  assert.deepEqual(site.batches.map(({ view }) => view.seq), [0, 1]);
  assert.deepEqual(site.events('custom'), [{ name: 'in the background', props: {} }]);
});

test('a long interaction from before the loader was there counts', async () => {
  page = await open(browser);
  const held = new Promise((resolve) => page.route(`${site.origin}/beacon.js`, resolve));
  await page.goto(site.page('/menu', html(`<button id="quick">Quick</button><button id="slow">Slow</button>
    <script>slow.onclick = () => { for (const end = performance.now() + 200; performance.now() < end;); };</script>`)),
  { waitUntil: 'commit' });
  const loader = await held;
  await page.click('#quick');
  await page.click('#slow');
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 200))));
  await loader.continue();
  await ready(page);
  await left();
  const inp = site.events('vital').find(({ name }) => name == 'INP');
  assert.equal(inp?.why.el, 'button#slow');
  assert.ok(inp.value >= 200, `${inp.value}`);
});

test('a tab that is closed while it loads is told', async () => {
  page = await open(browser);
  const context = page.context();
  await page.goto(site.page('/menu', html('<p>Bread<img src="/image.png?wait=9000">')), { waitUntil: 'commit' });
  await page.waitForFunction(() => window.foresight);
  await page.close();
  await site.until((batches) => batches.length == 1, 'the ping');
  assert.deepEqual([site.batches[0].view.seq, site.batches[0].view.path], [0, '/menu']);
  page = await context.newPage();
  page.faults = [];
});

test('a batch that was refused comes again with the same id, not before the collector allows', async () => {
  site.answers = [[503, { 'retry-after': '5' }], [500, {}]];
  await visit();
  await page.evaluate(() => foresight.lead('table'));
  await site.until((batches) => batches.length == 1, 'the first try', 5000);
  const refused = Date.now();
  await site.until((batches) => batches.length == 2, 'the second try', 9000);
  assert.ok(Date.now() - refused >= 4900);
  assert.equal(site.batches[0].id, site.batches[1].id);
  assert.deepEqual(site.batches[0].events, site.batches[1].events);
  await page.evaluate(() => { foresight.track('later'); });
  // The second try failed too: leaving is the last chance.
  await leave(page);
  await site.until((batches) => batches.length == 4, 'the last chance and the rest');
  assert.equal(site.batches.filter((batch) => batch.id == site.batches[0].id).length, 3);
});

test('masked parts, texts and generated names stay in the page', async () => {
  await visit(`<form data-foresight-mask class="secret"><fieldset class="inner">
    <button id="send" type="button">Anna's secret</button></fieldset></form>`);
  await page.click('#send');
  await page.waitForTimeout(300);
  await left();
  const fid = site.events('vital').find(({ name }) => name == 'FID');
  assert.equal(fid.why.el, 'form.secret');
  const text = JSON.stringify(site.batches.map((batch) => batch.events));
  assert.ok(!text.includes('Anna') && !text.includes('inner') && !text.includes('send'));
});

test('another endpoint can be named, and a second copy of the tag changes nothing', async () => {
  const head = `<script async src="/beacon.js" data-site="${TOKEN}" data-endpoint="/collect/here"></script>`;
  page = await open(browser);
  await page.goto(site.page('/menu', html('<p>Bread', { tag: 'data-endpoint="/collect/here"', head })));
  await ready(page);
  const [batch] = await left();
  assert.equal(batch.path, '/collect/here');
});

const MISSING = {
  crypto: () => { Object.defineProperty(window, 'crypto', { value: undefined }); },
  'navigation timing': () => { performance.getEntriesByType = () => []; },
};
for (const [name, script] of Object.entries(MISSING)) {
  test(`in a browser without ${name} nothing starts and nothing fails`, async () => {
    await visit('<a data-share="x" href="#own">Share</a>', { script, wait: false });
    await page.waitForLoadState('load');
    await page.click('a');
    assert.equal(new URL(page.url()).hash, '#own');
    assert.equal(await page.evaluate(() => typeof window.foresight), 'undefined');
    await leave(page);
    await page.waitForTimeout(300);
    assert.deepEqual(site.batches, []);
  });
}

test('in a browser without WebAssembly the view is told by the ping', async () => {
  await visit('<p>Bread', { script: () => { delete window.WebAssembly; }, wait: false });
  await page.waitForLoadState('load');
  const [ping] = await left();
  assert.deepEqual([ping.view.seq, ping.events.length], [0, 1]);
});

test('the parts together stay within their budget', () => {
  const dist = new URL('../../www/dist/', import.meta.url);
  const budget = JSON.parse(readFileSync(new URL('../loader/budget.json', dist)));
  const [hash, ...others] = readdirSync(new URL('beacon/', dist));
  assert.deepEqual(others, []);
  const weigh = (path) => brotliCompressSync(readFileSync(new URL(path, dist))).length;
  const loader = weigh('beacon.js');
  const total = loader + weigh(`beacon/${hash}/beacon.js`) + weigh(`beacon/${hash}/beacon.wasm`);
  assert.ok(loader <= 1024 && loader <= budget.loader, `loader: ${loader}`);
  assert.ok(total <= budget.total, `total: ${total}`);
});
