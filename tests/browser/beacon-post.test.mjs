// How a body is brought to the collector: when it is tried again, how often, and what gives way.
//
// In: www/loader/post.js, a browser that answers what the test says, and a clock that stands still. Out:
// a verdict. It is pure: no server, no waiting.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { dropWaiting, postLast, postSoon, postWaiting } from '../../www/loader/post.js';

const ENDPOINT = 'https://collector.example/v1/batches';
const BUSY = { status: 503 };

/** What was posted by `fetch` and handed to `sendBeacon`, in order. */
let posted;
let handed;
/** What the collector answers, or an error; and whether `sendBeacon` has room. */
let answer;
let room;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  mock.method(Math, 'random', () => 0);
  [posted, handed, answer, room] = [[], [], { status: 202 }, true];
  mock.method(globalThis, 'fetch', async (address, { body, ...options }) => {
    posted.push(body);
    assert.deepEqual([address, options], [ENDPOINT, { method: 'POST', keepalive: true, credentials: 'omit' }]);
    if (answer instanceof Error) throw answer;
    return { status: answer.status, headers: new Headers(answer.headers) };
  });
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true, value: { sendBeacon: (_, body) => room && handed.push(body) > 0 },
  });
});
afterEach(() => {
  dropWaiting();
  mock.timers.reset();
  mock.restoreAll();
});

/** Lets promises settle. */
const settle = async () => { for (let i = 0; i < 9; i++) await null; };

/** Lets time pass and returns how many requests were made in it. */
const after = async (ms) => {
  await settle();
  const before = posted.length;
  mock.timers.tick(ms);
  await settle();
  return posted.length - before;
};

const refused = async (refusal, body = 'one') => {
  answer = refusal;
  postSoon(ENDPOINT, body);
  await settle();
};

test('what was taken is posted once', async () => {
  await refused({ status: 202 });
  assert.equal(await after(1e8), 0);
  assert.deepEqual(posted, ['one']);
});

for (const status of [400, 401, 403, 413, 422]) {
  test(`an answer of ${status} is final`, async () => {
    await refused({ status });
    assert.equal(await after(1e8), 0);
  });
}

for (const [name, refusal] of Object.entries({
  'no answer': new TypeError('failed to fetch'), '408': { status: 408 }, '429': { status: 429 }, '500': { status: 500 },
})) {
  test(`after ${name} the same body comes again, later each time, five times in all`, async () => {
    await refused(refusal);
    for (const wait of [4000, 8000, 16_000, 32_000]) {
      assert.equal(await after(wait - 1), 0);
      assert.equal(await after(1), 1);
    }
    assert.equal(await after(1e8), 0);
    assert.deepEqual(posted, Array(5).fill('one'));
  });
}

for (const [name, header] of Object.entries({
  'a number of seconds': () => '30', 'a date': () => new Date(Date.now() + 30_000).toUTCString(),
})) {
  test(`nothing comes before the collector allows, said as ${name}`, async () => {
    await refused({ status: 503, headers: { 'retry-after': header() } });
    assert.equal(await after(29_999), 0);
    assert.equal(await after(1), 1);
  });
}

test('a wait is longer than a timer can be: it is cut, and not taken for none', async () => {
  await refused({ status: 503, headers: { 'retry-after': '99999999999' } });
  assert.equal(await after(1e9 - 1), 0);
  assert.equal(await after(1), 1);
});

test('pages that are refused together come back apart, by half of the wait', async () => {
  Math.random.mock.mockImplementation(() => 0.98);
  await refused(BUSY);
  assert.equal(await after(4000 * 1.49 - 1), 0);
  assert.equal(await after(1), 1);
});

test('eight bodies wait, and the oldest gives way to what is new', async () => {
  for (let i = 0; i < 9; i++) await refused(BUSY, `body ${i}`);
  posted = [];
  answer = { status: 202 };
  assert.equal(await after(4000), 8);
  assert.deepEqual(posted, Array.from({ length: 8 }, (_, i) => `body ${i + 1}`));
});

test('what waits gets its last chance when the page is left, once', async () => {
  await refused(BUSY, 'one');
  await refused(BUSY, 'two');
  postWaiting();
  assert.deepEqual(handed, ['one', 'two']);
  assert.equal(await after(1e8), 0);
});

test('what does not fit into what the browser takes at once is tried again while the page lives', async () => {
  // `sendBeacon` and `fetch` with keepalive share 64 KiB: where the one has no room, the other fails.
  room = false;
  answer = new TypeError('keepalive quota');
  postLast(ENDPOINT, 'large');
  await settle();
  assert.deepEqual([handed, posted], [[], ['large']]);
  answer = { status: 202 };
  assert.equal(await after(4000), 1);
  assert.equal(await after(1e8), 0);
});

test('after the consent was withdrawn nothing that waits is sent', async () => {
  await refused(BUSY);
  dropWaiting();
  postWaiting();
  assert.equal(await after(1e8), 0);
  assert.deepEqual(handed, []);
});
