// Whatever happens in a page, each batch is what `shared/schema/batch.v1.json` says, and what was told
// is told once.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, mock, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { MEASURED, METRICS, SOON, attach, finish, frame, label, open, tell, unseen } from '../../www/loader/batch.js';
import { call, error, forget, notRestored } from '../../www/loader/causes.js';
import { cut, name, properties } from '../../www/loader/texts.js';

const schema = JSON.parse(readFileSync(new URL('../../shared/schema/batch.v1.json', import.meta.url)));
const valid = new Ajv({ strict: false, validateFormats: false }).compile(schema);

const TOKEN = 'f1.eyJoIjoibG9jYWxob3N0In0.c2lnbmF0dXJl';
const NOTHING = [NaN, 0, NaN, NaN, Infinity, Infinity, Infinity, Infinity, Infinity];

let posted;
let readings;
let context;
let id = 0;

/** A wasm that reads what the test says. */
const wasm = {
  memory: { buffer: new ArrayBuffer(72) },
  report: (_, __, metric) => {
    new Float64Array(wasm.memory.buffer).set(readings[metric] ?? NOTHING);
    return 0;
  },
};

const begin = (ttfb, pinged, began = 0) => {
  context = {
    endpoint: 'https://collector.example/v1/batches', off: false, pinged,
    id: () => `batch-${String(id++).padStart(4, '0')}`,
    batch: (view, events, batch) => JSON.stringify({
      v: 1, site: TOKEN, id: batch, sent: Date.now(),
      view: { id: 'view-0001', path: '/menu', nav: 'navigate', vp: 'phone', ...view }, events,
    }),
  };
  attach(wasm, context);
  forget(context);
  open(began, { conn: '4g' }, METRICS, ttfb);
};

beforeEach(() => {
  globalThis.self = globalThis;
  posted = [];
  readings = [];
  globalThis.document = { hidden: false };
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true, value: { sendBeacon: (_, body) => posted.push(body) },
  });
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(globalThis, 'fetch', async (_, { body }) => {
    posted.push(body);
    return { status: 202, headers: new Headers() };
  });
  begin();
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const reading = (value, ...rest) => Object.assign([...NOTHING], [value, ...rest]);

/** What was posted by `act`, each checked. */
const posts = (act) => {
  posted = [];
  act();
  return posted.map((body) => {
    assert.ok(Buffer.byteLength(body) <= 64 * 1024, `${Buffer.byteLength(body)} bytes`);
    const batch = JSON.parse(body);
    assert.ok(valid(batch), `${JSON.stringify(valid.errors)} of ${body}`);
    return batch;
  });
};

/** Leaves the page and returns what it posts. */
const left = () => posts(finish);
/** What is posted while time passes. */
const after = (ms) => posts(() => mock.timers.tick(ms));

const number = fc.oneof(fc.double(), fc.constantFrom(0, -1, NaN, Infinity, 12.34, 8, 1e9));
const text = fc.string({ unit: 'binary', maxLength: 400 });
const url = fc.oneof(text, text.map((path) => `https://bakery.example/${path}`));

const happening = fc.oneof(
  fc.record({ tell: fc.constant('lead'), value: text.map((form) => ({ lead: { form: name(form) || undefined } })) }),
  fc.record({ tell: fc.constant('custom'), value: fc.array(fc.tuple(text, fc.oneof(text, number, fc.boolean())), { maxLength: 30 })
    .map((pairs) => ({ custom: { name: 'filter', props: properties(pairs) } })) }),
  fc.record({ error: fc.record({ message: text, filename: url, lineno: fc.nat(1e6) }) }),
  fc.record({ call: fc.record({ initiatorType: fc.constant('fetch'), name: url, duration: fc.double({ min: 0, noNaN: true }),
    responseStatus: fc.constantFrom(0, 200, 404, 503) }) }),
  fc.record({ frame: fc.record({ duration: fc.double({ min: 50, max: 1e7, noNaN: true }),
    blockingDuration: fc.double({ min: 0, max: 1e7, noNaN: true }),
    scripts: fc.array(fc.record({ startTime: fc.constant(1), duration: fc.double({ min: 0, max: 1e6, noNaN: true }), sourceURL: url })) }) }),
  fc.record({ restored: fc.array(text, { maxLength: 12 }) }),
);

const act = (happened) => {
  if (happened.tell) tell(happened.value);
  if (happened.error) error(happened.error);
  if (happened.call) call(happened.call);
  if (happened.frame) frame(happened.frame);
  if (happened.restored) notRestored({ reasons: happened.restored.filter((reason) => name(reason)).map((reason) => ({ reason })) });
};

test('any happenings and any readings make batches that the schema allows and the collector takes', () => {
  const value = fc.oneof(fc.constant(NaN), fc.double({ min: 0, noNaN: true }));
  const vital = fc.tuple(value, fc.constantFrom(0, 1), number, number, number, number, number, number, number);
  fc.assert(fc.property(fc.array(happening, { maxLength: 80 }), fc.array(vital, { minLength: 6, maxLength: 6 }), text, (happened, vitals, el) => {
    begin();
    const known = label({ el: cut(el, 128) || undefined });
    // What is no number is nothing; parts and times never are in a reading that has a value.
    readings = vitals.map(([first, cause, at, shift, ...parts]) => [
      first, cause && known, at, shift, ...parts.map((part) => (part >= 0 ? part : 0)),
    ]);
    happened.forEach(act);
    const batches = left();
    assert.deepEqual(batches.map(({ view }) => view.seq), batches.map((_, i) => i));
    assert.ok(batches.length && batches[0].view.can.length);
    assert.deepEqual(left(), []);
  }), { numRuns: 200 });
});

test('a changed value names the one it replaces and an unchanged one is silent', () => {
  readings[5] = reading(0.05);
  readings[1] = reading(890.04);
  const vitals = () => left().flatMap(({ events }) => events.map(({ vital: { name, value, was } }) => [name, value, was]));
  assert.deepEqual(vitals(), [['FCP', 890, undefined], ['CLS', 0.05, undefined]]);
  assert.deepEqual(vitals(), []);
  readings[5] = reading(0.1);
  assert.deepEqual(vitals(), [['CLS', 0.1, 0.05]]);
  readings[5] = reading(0.100_01);
  assert.deepEqual(vitals(), []);
});

test('what the loader has told is not told again, and replaced if it changed', () => {
  for (const [ttfb, told] of [[200.04, []], [210, [['TTFB', 210, 200]]]]) {
    begin(200.04, true);
    readings[0] = reading(ttfb);
    readings[1] = reading(900);
    const [batch] = left();
    assert.equal(batch.view.seq, 1);
    assert.deepEqual(batch.events.map(({ vital: { name, value, was } }) => [name, value, was]),
      [...told, ['FCP', 900, undefined]]);
  }
});

test('a view hidden from the start can measure what nobody has to see', () => {
  unseen();
  readings[0] = reading(200);
  readings[2] = reading(1700);
  const [batch] = left();
  assert.deepEqual(batch.view.can, ['TTFB', 'INP']);
  assert.deepEqual(batch.events.map(({ vital }) => vital.name), ['TTFB']);
});

test('events that do not fit leave with further batches, and a flood is bounded', () => {
  for (let i = 0; i < 300; i++) tell({ custom: { name: `${i}`.padStart(64, 'é'), props: properties([['a', 'é'.repeat(128)]]) } });
  const batches = left();
  const events = batches.flatMap((batch) => batch.events);
  assert.equal(events.length, 100);
  assert.equal(new Set(batches.map((batch) => batch.id)).size, batches.length);
});

test('what is told is within what is believed', () => {
  readings[1] = reading(9e9);
  readings[5] = reading(0.123_46, 0, 12.345, 0.1);
  const [{ events: [fcp, cls] }] = left();
  assert.equal(fcp.vital.value, 600_000);
  assert.deepEqual([cls.vital.value, cls.vital.why.at, cls.vital.why.shift], [0.1235, 12.3, 0.1]);
});

const custom = (i) => ({ custom: { name: `event-${i}`, props: {} } });

const arrival = { referral: { share: 'kT3vQx9bW1', landing: '/menu' } };

test('an arrival waits two seconds for company, and the vitals wait for the end', () => {
  readings[1] = reading(900);
  tell(arrival, SOON);
  mock.timers.tick(1000);
  tell(custom(0));
  tell({ conversion: { name: 'order' } }, SOON);
  assert.deepEqual(after(999), []);
  const [batch, ...others] = after(1);
  assert.deepEqual(batch.events, [arrival, custom(0), { conversion: { name: 'order' } }]);
  assert.deepEqual(others, []);
  assert.deepEqual(after(1e8), []);
  assert.deepEqual(left().map(({ view, events }) => [view.seq, events.length]), [[1, 1]]);
});

test('a lead takes along what was measured until it leaves, and what changes later is replaced', () => {
  readings[1] = reading(900);
  readings[5] = reading(0.05);
  tell({ lead: { form: 'table' } }, MEASURED);
  readings[5] = reading(0.1);
  const values = ([{ events }]) => events.map(({ vital }) => vital && [vital.name, vital.value, vital.was]);
  assert.deepEqual(values(after(2000)), [undefined, ['FCP', 900, undefined], ['CLS', 0.1, undefined]]);
  readings[5] = reading(0.3);
  assert.deepEqual(values(left()), [['CLS', 0.3, 0.1]]);
});

test('what does not hurry waits until there is a crowd of fifty', () => {
  for (let i = 0; i < 49; i++) tell(custom(i));
  assert.deepEqual(after(1e8), []);
  tell(custom(49));
  assert.deepEqual(after(0).map(({ events }) => events.length), [50]);
});

test('who leaves before the two seconds are over tells all at once', () => {
  tell({ lead: {} }, MEASURED);
  assert.deepEqual(left().map(({ events }) => events.length), [1]);
  assert.deepEqual(after(1e8), []);
});

test('a view that is older than a week tells nothing any more', () => {
  const week = 604_800_000;
  for (const [older, batches] of [[-5000, 1], [1, 0]]) {
    begin(undefined, false, performance.now() - week - older);
    tell(custom(0));
    assert.equal(left().length, batches);
  }
});

test('a view has as many batches as the collector takes, and then no more', () => {
  let last;
  for (let i = 0; i < 10_003; i++) {
    tell(custom(i));
    posted = [];
    finish();
    if (posted.length) last = posted[0];
  }
  assert.equal(JSON.parse(last).view.seq, 10_000);
});
