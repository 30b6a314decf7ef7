// In: what the trend shows and the colours of the theme. Out: options of its two plots: p75 with the
// thresholds, and page views underneath, on one time axis. Never: an axis without units.

import uPlot from 'uplot';
import type { Step, Thresholds, Unit } from '../api/types.ts';
import { count } from '../format/number.ts';
import { axisName } from '../format/time.ts';
import { mark } from '../format/vital.ts';
import { text } from '../text/en.ts';

/** What both plots need to know. */
export interface Look {
  step: Step;
  unit: Unit;
  /** Null: no lines are drawn. */
  thresholds: Thresholds | null;
  /** The top of the p75 axis, asked for whenever the data change. */
  top: () => number;
  /** Called with the place in the data that is pointed at, or null. */
  onPoint: (index: number | null) => void;
}

export const P75_HEIGHT = 240;
export const VIEWS_HEIGHT = 110;
/** Width of both vertical axes, so that the plots line up. */
const AXIS_WIDTH = 68;
const STEP_S: Record<Step, number> = { hour: 3600, day: 86_400 };

interface Colours {
  line: string;
  bars: string;
  text: string;
  grid: string;
  good: string;
  poor: string;
  font: string;
}

/** The theme's colours, from the style sheets: a canvas does not read them by itself. */
function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    line: of('--accent'),
    bars: of('--bars'),
    text: of('--muted'),
    grid: of('--line'),
    good: of('--good'),
    poor: of('--poor'),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
}

function shared(look: Look, width: number): Pick<uPlot.Options, 'width' | 'legend' | 'cursor' | 'tzDate'> {
  return {
    width,
    legend: { show: false },
    cursor: { sync: { key: 'trend' }, drag: { x: false, y: false }, points: { size: 8 }, y: false },
    // Days of a series are UTC days; hours are marked in the viewer's zone.
    tzDate: (seconds) => {
      const time = new Date(seconds * 1000);
      return look.step === 'day' ? uPlot.tzDate(time, 'Etc/UTC') : time;
    },
  };
}

/** Half a step of room at both ends, so that the first and the last bar are whole. */
function timeScale(step: Step): uPlot.Scale {
  const half = STEP_S[step] / 2;
  return { time: true, range: (_, min, max) => [min - half, max + half] };
}

const pointHook = (look: Look) => (plot: uPlot) => look.onPoint(plot.cursor.idx ?? null);

/** Draws a dashed line at a threshold with its meaning above it, if it is on the chart. */
function drawThreshold(plot: uPlot, value: number, label: string, colour: string, font: string): void {
  const top = plot.scales['y']?.max ?? 0;
  if (value > top) {
    return;
  }
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = ratio;
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = font.replace('12px', `${12 * ratio}px`);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y - 3 * ratio);
  ctx.restore();
}

/** The plot of p75. Its time axis is the lower plot's. */
export function p75Options(look: Look, width: number): uPlot.Options {
  const colour = colours();
  const { thresholds, unit } = look;
  return {
    ...shared(look, width),
    height: P75_HEIGHT,
    padding: [12, 12, 6, 0],
    scales: { x: timeScale(look.step), y: { range: () => [0, look.top()] } },
    axes: [
      { show: false },
      {
        size: AXIS_WIDTH,
        stroke: colour.text,
        font: colour.font,
        grid: { stroke: colour.grid, width: 1 },
        ticks: { show: false },
        values: (_, marks) => marks.map((value) => mark(value, unit)),
      },
    ],
    series: [{}, { label: text.p75, stroke: colour.line, width: 2, spanGaps: false, points: { size: 6, fill: colour.line } }],
    hooks: {
      setCursor: [pointHook(look)],
      drawAxes: [
        (plot) => {
          if (thresholds === null) {
            return;
          }
          drawThreshold(plot, thresholds.good, text.goodUpTo(mark(thresholds.good, unit)), colour.good, colour.font);
          drawThreshold(plot, thresholds.poor, text.poorAbove(mark(thresholds.poor, unit)), colour.poor, colour.font);
        },
      ],
    },
  };
}

/** The plot of page views, with the time axis of both. */
export function viewsOptions(look: Look, width: number): uPlot.Options {
  const colour = colours();
  const bars = uPlot.paths.bars?.({ size: [0.75, 36], radius: 0.12 });
  return {
    ...shared(look, width),
    height: VIEWS_HEIGHT,
    padding: [6, 12, 0, 0],
    scales: { x: timeScale(look.step), y: { range: (_, _min, max) => [0, Math.max(max, 1) * 1.1] } },
    axes: [
      {
        stroke: colour.text,
        font: colour.font,
        grid: { show: false },
        ticks: { stroke: colour.grid, size: 4 },
        space: 64,
        values: (_, marks) => marks.map((value) => axisName(value, look.step)),
      },
      {
        size: AXIS_WIDTH,
        stroke: colour.text,
        font: colour.font,
        grid: { stroke: colour.grid, width: 1 },
        ticks: { show: false },
        space: 28,
        incrs: [1, 2, 5].flatMap((first) => Array.from({ length: 9 }, (_, power) => first * 10 ** power)).sort((a, b) => a - b),
        values: (_, marks) => marks.map((value) => count(value)),
      },
    ],
    series: [
      {},
      {
        label: text.views,
        fill: colour.bars,
        stroke: colour.bars,
        width: 0,
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars }),
      },
    ],
    hooks: { setCursor: [pointHook(look)] },
  };
}
