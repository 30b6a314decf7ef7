// `@4site/beacon/server`, the client for Node, against a real collector.
//
// In: the built package in www/beacon/dist, the collector. Out: a verdict. Must never happen: a client
// that is tested with an answer that the collector does not give, other than being away.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Foresight } from '../../www/beacon/dist/server.js';
import { startCollector, until } from './collector.mjs';

const PACKAGE = fileURLToPath(new URL('../../www/beacon/dist/server.js', import.meta.url));
const SITE = 'bakery.4site.pro';
const LEAD = { site: SITE, lead: 'l_1', score: 70, source: 'form' };

let collector;
let token;
before(async () => {
  collector = await startCollector('sqlite');
  token = collector.serverToken();
});
after(() => collector?.stop());

const accepted = (kind) => collector.metric('foresight_server_events_accepted_total', `kind="${kind}"`);

/** A client whose losses are kept. */
function client(options = {}) {
  const lost = [];
  const foresight = new Foresight({ endpoint: collector.url, token, onError: (error) => lost.push(error), ...options });
  return { foresight, lost };
}

test('every kind of event is told, each once, however often it is told', async () => {
  const { foresight, lost } = client();
  const at = new Date();
  const money = { amountMinor: 2900, currency: 'EUR', kind: 'subscription', site: SITE, owner: 'o_1' };
  for (let time = 0; time < 2; time += 1) {
    const once = (id) => ({ id, at });
    foresight.siteGenerated({ site: SITE, owner: 'o_1', durationMs: 41_000, aiDurationMs: 30_000, referredBy: 'pR7mYc2LzA' }, once('generation-1'));
    foresight.siteGenerationFailed({ stage: 'images', reason: 'no image', durationMs: 12_000 }, once('generation-2'));
    foresight.lead(LEAD, once('lead-0001'));
    foresight.conversion({ site: SITE, name: 'booking', lead: 'l_1' }, once('conversion-1'));
    foresight.revenue(money, once('invoice-1'));
    foresight.refund(money, once('credit-01'));
    foresight.commission({ state: 'accrued', partner: 'p_1', share: 'pR7mYc2LzA', amountMinor: 580, currency: 'EUR' }, once('commission-1'));
    foresight.authFailed({ realm: 'login', reason: 'wrong_password' }, once('auth-0001'));
    foresight.rateLimited({ route: '/api/sites/:id' }, once('limited-1'));
    await foresight.flush();
  }
  assert.deepEqual(lost, []);
  assert.deepEqual(foresight.counts, { waiting: 0, told: 9, repeated: 9, lost: 0 });
  for (const kind of ['site_generated', 'site_generation_failed', 'lead', 'conversion', 'revenue', 'refund',
    'commission', 'auth_failed', 'rate_limited']) {
    assert.equal(await accepted(kind), 1, kind);
  }
  await foresight.close();
});

test('requests are told as sums by route and status', async () => {
  const { foresight } = client();
  for (let request = 0; request < 1000; request += 1) {
    foresight.httpRequest('/api/sites/:id', request % 10 === 0 ? 404 : 200, request / 10);
  }
  await foresight.close();
  assert.equal(foresight.counts.told, 2);
  const counted = (status) => collector.metric('http_request_duration_seconds_count', `status="${status}xx"`);
  await until('merged requests', async () => await counted(2) + await counted(4) === 1000);
  assert.equal(await counted(4), 100);
});

test('an event that breaks a rule is lost alone, and said so', async () => {
  const { foresight, lost } = client();
  const before = await accepted('lead');
  foresight.lead({ ...LEAD, lead: 'l_2' });
  foresight.lead({ ...LEAD, lead: 'l_3', score: 101 });
  foresight.lead({ ...LEAD, lead: 'l_4' });
  await foresight.close();
  assert.equal(await accepted('lead'), before + 2);
  assert.equal(lost.length, 1);
  assert.match(lost[0].message, /score/);
  assert.equal(lost[0].events[0].fact.lead.lead, 'l_3');
  assert.deepEqual(foresight.counts, { waiting: 0, told: 2, repeated: 0, lost: 1 });
});

test('more than one request takes is told in several', async () => {
  const { foresight, lost } = client();
  for (let event = 0; event < 1201; event += 1) foresight.authFailed({ realm: 'api', reason: 'r'.repeat(64) });
  await foresight.close();
  assert.deepEqual(lost, []);
  assert.equal(foresight.counts.told, 1201);
});

test('what a collector that is away did not take is told when it is back, under the same keys', async (t) => {
  const bodies = [];
  let away = 2;
  const busy = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    bodies.push(body);
    if (away > 0) {
      away -= 1;
      return away === 1 ? response.destroy() : response.writeHead(503, { 'retry-after': '0' }).end('{}');
    }
    const answer = await fetch(`${collector.url}/v1/events`, { method: 'POST', headers: request.headers, body });
    return response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve));
  t.after(() => busy.close());
  const { foresight, lost } = client({ endpoint: `http://127.0.0.1:${busy.address().port}` });
  foresight.lead({ ...LEAD, lead: 'l_5' });
  await foresight.flush();
  assert.deepEqual(lost, []);
  assert.equal(bodies.length, 3);
  assert.ok(bodies.every((body) => body === bodies[0]));
  assert.equal(foresight.counts.told, 1);
  await foresight.close();
});

test('the oldest events give way when too many wait, and that is said', async () => {
  const { foresight, lost } = client({ endpoint: 'http://127.0.0.1:9', maxWaiting: 3, exitMs: 50 });
  for (let event = 0; event < 5; event += 1) foresight.rateLimited({ route: `/r/${event}` });
  assert.deepEqual(lost.map(({ events }) => events[0].fact.rate_limited.route), ['/r/0', '/r/1']);
  await foresight.close();
  assert.equal(foresight.counts.lost, 5);
});

/** Runs a program of its own that uses the package. */
const run = (script, endpoint) => promisify(execFile)('node', ['--input-type=module', '--eval',
  `import { Foresight } from ${JSON.stringify(PACKAGE)};
  const foresight = new Foresight({ endpoint: ${JSON.stringify(endpoint)}, token: ${JSON.stringify(token)}, exitMs: 500 });
  ${script}`]);

test('a program that ends by itself tells what waits, and one without a collector ends too', async () => {
  const before = await accepted('auth_failed');
  await run('foresight.authFailed({ realm: "cron", reason: "expired" });', collector.url);
  assert.equal(await accepted('auth_failed'), before + 1);
  const { stderr } = await run('foresight.authFailed({ realm: "cron", reason: "expired" });', 'http://127.0.0.1:9');
  assert.match(stderr, /fetch failed/);
});

test('a wrong token is said at once', async () => {
  const { foresight, lost } = client({ token: 'f1.wrong.token' });
  foresight.lead(LEAD);
  await foresight.close();
  assert.equal(lost.length, 1);
  assert.match(lost[0].message, /401|403/);
  assert.throws(() => new Foresight({ endpoint: collector.url }), /token issue --server/);
});
