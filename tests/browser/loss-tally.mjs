// What was lost: the witness's notes against what the collector counted.
//
// In: what the witness saw of each view, and what the collector's API says of its page. Out: counts
// by way of ending, and every loss with its reason, as lines to print. It is pure.

import { BEYOND, WAYS } from './loss-plan.mjs';

export const METRICS = ['TTFB', 'FCP', 'LCP', 'CLS', 'INP', 'FID'];

/** What is known of one view. `answer` is the collector's answer of `/api/v1/vitals` for its page. */
const judge = (seen, answer) => {
  const { way } = seen.plan;
  const counts = Object.fromEntries(answer.vitals.map(({ metric, count }) => [metric, count]));
  const had = seen.vitals;
  return { seen, way, known: answer.views, counts, had, lost: METRICS.filter((name) => name in had && !counts[name]) };
};

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Views and vitals of some judgements: what there was and what arrived. */
const total = (judged) => ({
  started: judged.length,
  known: sum(judged.map(({ known }) => Math.min(known, 1))),
  vitals: Object.fromEntries(METRICS.map((name) => [name, {
    had: sum(judged.map(({ had }) => name in had)),
    got: sum(judged.map(({ had, counts }) => name in had && counts[name] > 0)),
  }])),
});

/** Adds up all views that started. */
export const tally = (pairs) => {
  const judged = pairs.filter(([seen]) => seen.started).map(([seen, answer]) => judge(seen, answer));
  const within = judged.filter(({ way }) => way != BEYOND);
  const all = total(within);
  const vitals = Object.values(all.vitals);
  return {
    judged,
    all,
    views: all.known / all.started,
    vitals: sum(vitals.map(({ got }) => got)) / sum(vitals.map(({ had }) => had)),
    // A view or a vital that is counted although there was none, or twice, is as wrong as a loss.
    twice: judged.filter(({ known, counts }) => known > 1 || METRICS.some((name) => counts[name] > 1)),
    invented: pairs.filter(([seen, { views }]) => !seen.started && views > 0),
  };
};

const row = (name, { started, known, vitals }) => [
  name.padEnd(16),
  `${known}/${started}`.padStart(9),
  ...METRICS.map((metric) => `${vitals[metric].got}/${vitals[metric].had}`.padStart(9)),
].join('');

const percent = (share) => `${(share * 100).toFixed(1)}%`;

/** How long before its end a page saw something, in words. */
const before = (seen, at) => (at === undefined ? '' : `, ${Math.round(seen.endedAt - at)} ms after its last news`);

const losses = ({ seen, way, known, had, lost }) => {
  const where = `${seen.plan.path}: ${way} at ${Math.round(seen.endedAt)} ms, ${seen.stage}, ${seen.told}`;
  if (!known) return [`view ${where}${before(seen, seen.when('start'))}; with it ${lost.join(' ') || 'nothing'}`];
  return lost.map((name) => `${name} of ${where}${before(seen, had[name])}`);
};

/** The whole account, as text. */
export const report = ({ judged, all, views, vitals }) => [
  `${'ended by'.padEnd(16)}${'views'.padStart(9)}${METRICS.map((name) => name.padStart(9)).join('')}`,
  ...WAYS.map((way) => row(way, total(judged.filter((one) => one.way == way)))),
  row('all of these', all),
  row(`beyond: ${BEYOND}`, total(judged.filter(({ way }) => way == BEYOND))),
  `views known / started: ${percent(views)}; vitals received / had: ${percent(vitals)}`,
  'lost:',
  ...judged.flatMap(losses).map((line) => `  ${line}`),
].join('\n');
