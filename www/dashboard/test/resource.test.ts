// Answers belong to their question, one request at a time, and nothing good is thrown away.

import assert from 'node:assert/strict';
import test from 'node:test';
import { failureOf, Failure } from '../src/api/failure.ts';
import { get } from '../src/api/client.ts';
import { Resource } from '../src/state/resource.ts';

/** A load that the test answers by hand. */
function byHand() {
  const asked: { key: string; signal: AbortSignal; answer: (text: string) => void; fail: (cause: unknown) => void }[] = [];
  const load = (key: string, signal: AbortSignal): Promise<string> =>
    new Promise((answer, fail) => asked.push({ key, signal, answer, fail }));
  return { asked, load };
}

test('a late answer to an old question is not shown', async () => {
  const { asked, load } = byHand();
  const resource = new Resource<string>(load, () => 7);
  const first = resource.show('a');
  const second = resource.show('b');
  assert.equal(asked[0]?.signal.aborted, true);
  asked[1]?.answer('of b');
  asked[0]?.answer('of a');
  await Promise.all([first, second]);
  assert.deepEqual(resource.under('b'), { state: 'ready', data: 'of b', at: 7, failure: null });
  assert.deepEqual(resource.under('a'), { state: 'loading' });
});

test('a refresh waits for the one on its way', async () => {
  const { asked, load } = byHand();
  const resource = new Resource<string>(load);
  const shown = resource.show('a');
  await resource.refresh();
  assert.equal(asked.length, 1);
  asked[0]?.answer('1');
  await shown;
  void resource.refresh();
  assert.equal(asked.length, 2);
});

test('a failed refresh keeps the data and tells why', async () => {
  const { asked, load } = byHand();
  let changes = 0;
  const resource = new Resource<string>(load, () => 1);
  resource.subscribe(() => (changes += 1));
  const shown = resource.show('a');
  asked[0]?.answer('good');
  await shown;
  const again = resource.refresh();
  asked[1]?.fail(new Failure('overloaded', 'too many requests', 503));
  await again;
  const now = resource.under('a');
  assert.equal(now.state === 'ready' && now.data, 'good');
  assert.equal(now.state === 'ready' && now.failure?.code, 'overloaded');
  assert.equal(changes, 2);
});

test('a first answer that fails can be tried again', async () => {
  const { asked, load } = byHand();
  const resource = new Resource<string>(load);
  const shown = resource.show('a');
  asked[0]?.fail(new TypeError('broken'));
  await shown;
  const now = resource.under('a');
  assert.equal(now.state === 'failed' && now.failure.code, 'unexpected');
  const again = resource.refresh();
  asked[1]?.answer('better');
  await again;
  assert.equal(resource.under('a').state, 'ready');
});

test('a collector that asks to wait is left alone for that long', async () => {
  const { asked, load } = byHand();
  let now = 1000;
  const resource = new Resource<string>(load, () => now);
  const shown = resource.show('a');
  asked[0]?.fail(new Failure('client_limited', 'too many requests', 429, 30));
  await shown;
  now += 29_999;
  await resource.refresh();
  assert.equal(asked.length, 1);
  now += 1;
  void resource.refresh();
  assert.equal(asked.length, 2);
});

test('a problem says detail, field, rule and when to come back', () => {
  const failure = failureOf(
    422,
    { code: 'field_invalid', title: 'Unprocessable', detail: 'metric is not known', field: 'metric', rule: 'one of LCP, INP' },
    '30',
  );
  assert.equal(failure.message, 'metric is not known (metric: one of LCP, INP)');
  assert.equal(failure.code, 'field_invalid');
  assert.equal(failure.retryAfterS, 30);
  assert.equal(failureOf(502, undefined, null).message, 'the collector answered with status 502');
});

/** Runs `body` with a `fetch` that answers what `answer` gives. */
async function withFetch(answer: () => Response | Promise<Response>, body: () => Promise<void>): Promise<void> {
  const original = globalThis.fetch;
  globalThis.fetch = async () => answer();
  try {
    await body();
  } finally {
    globalThis.fetch = original;
  }
}

test('the client turns every way to fail into a failure', async () => {
  const signal = new AbortController().signal;
  const rejects = (code: string) => assert.rejects(get('/api/v1/vitals', signal), (cause) => cause instanceof Failure && cause.code === code);
  await withFetch(() => new Response('<html>', { status: 200 }), () => rejects('not_json'));
  await withFetch(() => new Response('bad gateway', { status: 502 }), () => rejects('http_502'));
  await withFetch(() => Response.json({ code: 'overloaded' }, { status: 503 }), () => rejects('overloaded'));
  await withFetch(() => Promise.reject(new TypeError('refused')), () => rejects('network'));
  await withFetch(() => Response.json({ views: 3 }), async () => {
    assert.deepEqual(await get('/api/v1/vitals', signal), { views: 3 });
  });
});
