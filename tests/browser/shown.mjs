// Numbers as a person reads them on the dashboard. In: texts such as `1.73 s`, `12,345`, `81%`. Out: numbers, and
// whether a figure is what it should be, as exactly as it is shown. Must never happen: a text without a number that
// passes for one.

import assert from 'node:assert/strict';

/** A histogram's bin is this far from any value in it, at most. */
const BIN = 0.01;

/** The whole number in a text. */
export function count(text) {
  assert.match(text, /^[\d,]+$/, `"${text}" is no count`);
  return Number(text.replaceAll(',', ''));
}

/** A value in its unit (ms, or a score), and half of its last digit. */
function figure(text) {
  const found = /^([\d,]+)(\.\d+)?(?:\s(ms|s|score))?$/u.exec(text.trim());
  assert.ok(found, `"${text}" is no figure`);
  const [, whole, fraction = '', unit] = found;
  const scale = unit === 's' ? 1000 : 1;
  const digits = fraction === '' ? 0 : fraction.length - 1;
  return { value: Number(whole.replaceAll(',', '') + fraction) * scale, half: (0.5 / 10 ** digits) * scale };
}

/** Asserts that a figure is shown as what it is: to its last digit, and the histogram's bin. */
export function assertFigure(text, exact, about) {
  const { value, half } = figure(text);
  const room = half + BIN * exact + 1e-9;
  assert.ok(Math.abs(value - exact) <= room, `${about}: "${text}" is shown, by hand it is ${exact}`);
}

/** A share in whole percent, as the dashboard writes it. */
export function percent(part, whole) {
  const share = part / whole;
  if (share > 0 && share < 0.005) {
    return '<1%';
  }
  return share < 1 && share >= 0.995 ? '>99%' : `${Math.round(share * 100)}%`;
}
