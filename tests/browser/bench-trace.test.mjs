// The benchmark reads traces rightly: what is the script's, what is the page's, and what is long.
//
// In: traces made by hand, with times in microseconds as Chromium writes them. Out: a verdict.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './bench/trace.mjs';
import { interval, median } from './bench/statistics.mjs';

const PAGE = 'http://localhost/page/1';
const SCRIPT = 'http://localhost/script.js';

const head = [
  { name: 'thread_name', ph: 'M', pid: 1, tid: 2, cat: '__metadata', args: { name: 'CrRendererMain' } },
  { name: 'navigationStart', ph: 'R', pid: 1, tid: 2, ts: 1000, cat: 'blink.user_timing',
    args: { frame: 'F', data: { documentLoaderURL: PAGE } } },
];

/** An event of the main thread, by its times in ms since the navigation. */
const event = (name, at, dur, url, cat = 'devtools.timeline') => ({ name, ph: 'X', pid: 1, tid: 2, cat,
  ts: 1000 + at * 1000, dur: dur * 1000, tdur: dur * 1000, args: { data: { url } } });

test('what a script runs is its own once, however deep it is nested, and what the page runs is not', () => {
  const cost = read([...head,
    event('RunTask', 0, 30), event('EvaluateScript', 1, 20, SCRIPT), event('FunctionCall', 5, 10, SCRIPT),
    event('RunTask', 40, 20), event('FunctionCall', 41, 15, PAGE), event('RunMicrotasks', 45, 5),
    event('RunTask', 70, 10), event('RunMicrotasks', 71, 6), event('wasm.SyncInstantiate', 72, 4, '', 'v8.wasm'),
    event('RunTask', 90, 5),
  ], PAGE);
  assert.deepEqual([cost.main, cost.script, cost.wasm, cost.longest, cost.long], [65, 26, 4, 20, 0]);
});

test('a task is the script\'s long one if it is over 50 ms and more than half of it is the script', () => {
  const tasks = (own) => [...head, event('RunTask', 0, 60), event('FunctionCall', 1, own, SCRIPT)];
  assert.equal(read(tasks(31), PAGE).long, 1);
  assert.equal(read(tasks(29), PAGE).long, 0);
  assert.equal(read([...head, event('RunTask', 0, 49), event('FunctionCall', 1, 48, SCRIPT)], PAGE).long, 0);
});

test('paints and interactions of the page are found, wasm on other threads is apart', () => {
  const cost = read([...head,
    { name: 'largestContentfulPaint::Candidate', ph: 'R', pid: 1, tid: 2, ts: 401_000, cat: 'loading', args: { frame: 'F' } },
    { name: 'largestContentfulPaint::Candidate', ph: 'R', pid: 1, tid: 2, ts: 901_000, cat: 'loading', args: { frame: 'F' } },
    { name: 'largestContentfulPaint::Candidate', ph: 'R', pid: 1, tid: 2, ts: 990_000, cat: 'loading', args: { frame: 'other' } },
    { name: 'EventTiming', ph: 'b', pid: 1, tid: 2, ts: 1, cat: 'devtools.timeline', args: { data: { interactionId: 7, duration: 64 } } },
    { name: 'EventTiming', ph: 'b', pid: 1, tid: 2, ts: 1, cat: 'devtools.timeline', args: { data: { interactionId: 0, duration: 640 } } },
    { ...event('wasm.CompileBaseline', 10, 3, '', 'v8.wasm'), tid: 9 },
  ], PAGE);
  assert.deepEqual([cost.lcp, cost.inp, cost.beside, cost.wasm], [900, 64, 3, 0]);
});

test('a trace of another page is no answer', () => {
  assert.throws(() => read(head, 'http://localhost/page/2'), /knows no/);
});

test('the interval of a median is that of ranks', () => {
  const numbers = Array.from({ length: 15 }, (_, index) => 15 - index);
  assert.equal(median(numbers), 8);
  assert.deepEqual(interval(numbers), [4, 12]);
  assert.equal(median([1, 2, 3, 10]), 2.5);
  assert.deepEqual(interval([5]), [5, 5]);
});
