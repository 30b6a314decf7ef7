// In: what was taken on each day, and what is expected. Out: the data and the options of their plot. Never: an
// axis without its currency, or a day of the past drawn as expected.

import uPlot from 'uplot';
import type { Currency, CurrencyForecast, CurrencyRevenue } from '../api/money.ts';
import { amount } from '../format/money.ts';
import { axisName } from '../format/time.ts';

export const MONEY_HEIGHT = 220;
const DAY_S = 86_400;

/** Times in s since 1970, and by time: taken, the upper and the lower end of the interval, expected. */
export type MoneyData = [number[], ...(number | null)[][]];

const secondsOf = (start: string): number => Date.parse(start) / 1000;

/** The days of the past, and after them the ones that are expected. Today is in both. */
export function moneyData(revenue: CurrencyRevenue, forecast: CurrencyForecast | null): MoneyData {
  const taken = new Map(revenue.days.map((day) => [secondsOf(day.start), day.net_minor]));
  const expected = new Map((forecast?.days ?? []).map((day) => [secondsOf(day.start), day]));
  const times = [...new Set([...taken.keys(), ...expected.keys()])].sort((a, b) => a - b);
  return [
    times,
    times.map((time) => taken.get(time) ?? null),
    times.map((time) => expected.get(time)?.high_minor ?? null),
    times.map((time) => expected.get(time)?.low_minor ?? null),
    times.map((time) => expected.get(time)?.expected_minor ?? null),
  ];
}

/** The options of the plot, in the theme's colours. */
export function moneyOptions(of: Currency, width: number, names: { taken: string; expected: string }): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const bars = uPlot.paths.bars?.({ size: [0.75, 24] });
  const quiet = { stroke: 'transparent', width: 0, points: { show: false } };
  return {
    width,
    height: MONEY_HEIGHT,
    padding: [12, 8, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false },
    // Days are those of UTC.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: {
      x: { time: true, range: (_, min, max) => [min - DAY_S / 2, max + DAY_S / 2] },
      y: { range: (_, min, max) => [Math.min(min, 0), Math.max(max, 1) * 1.05] },
    },
    axes: [
      { stroke: colour('--muted'), font, grid: { show: false }, ticks: { stroke: colour('--line'), size: 4 }, size: 28, space: 64, values: (_, marks) => marks.map((mark) => axisName(mark, 'day')) },
      { stroke: colour('--muted'), font, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, size: 92, values: (_, marks) => marks.map((mark) => amount(Math.round(mark), of)) },
    ],
    series: [
      {},
      { label: names.taken, fill: colour('--bars'), ...quiet, ...(bars === undefined ? {} : { paths: bars }) },
      quiet,
      quiet,
      // The last one, so that the interval does not hide it.
      { label: names.expected, stroke: colour('--accent'), width: 2, dash: [6, 4], points: { show: false } },
    ],
    bands: [{ series: [2, 3], fill: colour('--accent-soft') }],
  };
}
