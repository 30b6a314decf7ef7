// What leaves of a page's texts: within the limits, without queries, and naming nobody.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, cut, isId, isLasting, message, name, properties, selector }
  from '../../www/loader/texts.js';

/** An element with the classes in `names`, inside the elements that follow. */
const element = ([tag, id = '', classes = ''], ...around) => ({
  nodeType: 1,
  localName: tag,
  classList: classes.split(' ').filter(Boolean),
  getAttribute: () => id,
  closest: () => null,
  parentElement: around.length ? element(...around) : null,
});

test('cutting counts scalars, never splits one and leaves nothing that JSON cannot hold', () => {
  for (const [text, limit, expected] of [
    ['héllo', 2, 'hé'], ['👩‍🚀x', 1, '👩'], ['ab', 5, 'ab'], ['ab', 0, ''], [undefined, 3, ''],
    [12, 3, '12'], ['a\ud83d', 3, 'a\ufffd'], ['\udc69\ud83d', 3, '\ufffd\ufffd'],
  ]) assert.equal(cut(text, limit), expected);
});

test('names are trimmed before and after the cut', () => {
  assert.equal(name('  table \n'), 'table');
  assert.equal(name(`${'a'.repeat(63)}  b`), 'a'.repeat(63));
  assert.equal(name(null), '');
});

test('only eight to 36 characters of base64url are an id', () => {
  for (const id of ['kT3vQx9bW1', 'f8QmJ2sK0xWc4TnVbR6uEg']) assert.ok(isId(id), id);
  for (const id of [null, '', 'short', 'has blanks in it', 'https://example.org', 'a'.repeat(37)]) {
    assert.ok(!isId(id), id);
  }
});

test('addresses lose query and fragment and only the web remains', () => {
  assert.equal(address('https://a.b/c.png?user=1#x'), 'https://a.b/c.png');
  assert.equal(address('http://a.b/#x?y'), 'http://a.b/');
  assert.equal(address('data:image/png;base64,AAAA'), '');
  assert.equal(address(undefined), '');
  assert.equal(address(`https://a.b/${'c'.repeat(300)}`).length, 256);
});

test('messages lose the queries of addresses only', () => {
  for (const [text, expected] of [
    ['Uncaught TypeError: no "https://a.b/c?mail=x@y.z" here? yes', 'TypeError: no "https://a.b/c" here? yes'],
    ['fetch(https://a.b/c#t=1) failed', 'fetch(https://a.b/c) failed'],
    ['at http://a/?q', 'at http://a/'],
    [' a  b ', 'a  b'],
    [undefined, ''],
  ]) assert.equal(message(text), expected);
  assert.equal([...message('é'.repeat(500))].length, 256);
});

test('selectors are built from the target upwards', () => {
  for (const [trail, expected] of [
    [[['img'], ['figure', '', 'hero'], ['main'], ['body', '', 'dark'], ['html']], 'main>figure.hero>img'],
    [[['body', '', 'dark'], ['html']], 'body.dark'],
    [[['b', '', 'z a b']], 'b.a.b.z'],
    [[['b', '', 'a b c d']], 'b.a.b.c'],
    [[['b', '', 'a css-1q2w3e c']], 'b.a.c'],
    [[['i'], ['nav', 'top', 'bar'], ['main']], 'nav#top>i'],
    [[['i', 'user-12345', 'bar']], 'i.bar'],
  ]) assert.equal(selector(element(...trail)), expected);
  assert.equal(selector(null), '');
});

test('long trails stay within the limit', () => {
  const long = Array(20).fill(['section', '', 'abcdefghij-abcdefghij']);
  const path = selector(element(...long));
  assert.ok(path.length <= 128 && path.startsWith('section.') && path.endsWith('abcdefghij'), path);
  assert.equal(selector(element(['é'.repeat(500)])).length, 128);
});

test('generated and personal names are dropped', () => {
  for (const name of ['css-1q2w3e', 'Hero_image__3xK9d', 'sc-bdVaJa', 'user-12345', 'a@b.c', 'md:w-1/2',
    ':r1:', 'user_anna.smith', '123', '', 'x-0b9f44a1', 'order20261123', '1st', 'a'.repeat(33)]) {
    assert.ok(!isLasting(name), name);
  }
  for (const name of ['hero', 'btn-primary', 'heroImageBox', 'col-12', 'h1', 'step-2', 'isActive']) {
    assert.ok(isLasting(name), name);
  }
});

test('properties keep their types, and others and those past the limit are left out', () => {
  const kept = properties([['vegan', true], ['count', 12.5], ['course', 'break"fast'], ['bad', NaN],
    ['worse', -Infinity], ['odd', {}], ['none', null], ['vegan', 1], [' ', 1], ['__proto__', 'x']]);
  assert.equal(JSON.stringify(kept), '{"vegan":true,"count":12.5,"course":"break\\"fast","__proto__":"x"}');
  const long = 'é'.repeat(500);
  const many = Object.entries(properties(Array.from({ length: 40 }, (_, i) => [`k${i}${long}`, long])));
  assert.equal(many.length, 16);
  for (const [key, value] of many) assert.deepEqual([key.length, value.length], [64, 128]);
});
