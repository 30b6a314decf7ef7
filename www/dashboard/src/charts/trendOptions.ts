// In: what the trend shows and the colours of the theme. Out: options of its two plots: p75 with the
// thresholds, and page views underneath, on one time axis. Never: an axis without units.

import uPlot from 'uplot';
import type { Step, Thresholds, Unit } from '../api/types.ts';
import { count } from '../format/number.ts';
import { axisName } from '../format/time.ts';
import { mark } from '../format/vital.ts';
import { text } from '../text/en.ts';

/** When a build was seen for the first time. */
export interface Deploy {
  /** In s since 1970. */
  at: number;
  label: string;
}

/** What both plots need to know. */
export interface Look {
  step: Step;
  unit: Unit;
  /** Null: no lines are drawn. */
  thresholds: Thresholds | null;
  /** The top of the p75 axis, asked for whenever the data change. */
  top: () => number;
  /** Builds seen for the first time, asked for whenever the plot is drawn. */
  deploys: () => Deploy[];
  /** Called with the place in the data that is pointed at, or null. */
  onPoint: (index: number | null) => void;
}

export const P75_HEIGHT = 240;
export const VIEWS_HEIGHT = 116;
/** Width of both vertical axes, so that the plots line up. */
const AXIS_WIDTH = 62;
/** Room at the right for the names of the thresholds. */
const RIGHT = 44;
const STEP_S: Record<Step, number> = { hour: 3600, day: 86_400, week: 604_800 };

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

function shared(look: Look, width: number, dots: boolean): Pick<uPlot.Options, 'width' | 'legend' | 'cursor' | 'tzDate'> {
  return {
    width,
    legend: { show: false },
    cursor: { sync: { key: 'trend' }, drag: { x: false, y: false }, points: { show: dots, size: 8 }, y: false },
    // Days of a series are UTC days; hours are marked in the viewer's zone.
    tzDate: (seconds) => {
      const time = new Date(seconds * 1000);
      return look.step !== 'hour' ? uPlot.tzDate(time, 'Etc/UTC') : time;
    },
  };
}

/** Half a step of room at both ends, so that the first and the last bar are whole. */
function timeScale(step: Step): uPlot.Scale {
  const half = STEP_S[step] / 2;
  return { time: true, range: (_, min, max) => [min - half, max + half] };
}

/** The name of a vertical axis, along it. */
const named = (label: string, colour: Colours): uPlot.Axis => ({ label, labelFont: colour.font, labelSize: 20, labelGap: 2 });

const pointHook = (look: Look) => (plot: uPlot) => look.onPoint(plot.cursor.idx ?? null);

/** A threshold as it is drawn. */
interface Line {
  value: number;
  label: string;
  /** Whether the rating holds above the line. */
  above: boolean;
  colour: string;
}

/** The thresholds that are on the chart. */
function linesOf(plot: uPlot, { thresholds }: Look, colour: Colours): Line[] {
  if (thresholds === null) {
    return [];
  }
  const { good, poor } = thresholds;
  const lines = [
    { value: good, label: text.lineGood, above: false, colour: colour.good },
    { value: poor, label: text.linePoor, above: true, colour: colour.poor },
  ];
  return lines.filter(({ value }) => value <= (plot.scales['y']?.max ?? 0));
}

const heightOf = (plot: uPlot, line: Line): number => Math.round(plot.valToPos(line.value, 'y', true)) + 0.5;

/** Draws a dashed line, under the series. */
function drawLine(plot: uPlot, line: Line): void {
  const { ctx, bbox } = plot;
  const y = heightOf(plot, line);
  ctx.save();
  ctx.strokeStyle = line.colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** Writes the rating that a line bounds beside its end, on the side where it holds. */
function drawLabel(plot: uPlot, line: Line, font: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = font.replace('12px', `${12 * devicePixelRatio}px`);
  ctx.fillStyle = line.colour;
  ctx.textAlign = 'left';
  ctx.textBaseline = line.above ? 'bottom' : 'top';
  ctx.fillText(line.label, bbox.left + bbox.width + 6 * devicePixelRatio, heightOf(plot, line));
  ctx.restore();
}

/** Draws a line where a build was first seen, with its number at the top. Lines that are close share the first name. */
function drawDeploys(plot: uPlot, deploys: Deploy[], colour: Colours): void {
  const { ctx, bbox } = plot;
  const { min = 0, max = 0 } = plot.scales['x'] ?? {};
  ctx.save();
  ctx.strokeStyle = colour.text;
  ctx.fillStyle = colour.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.font = colour.font.replace('12px', `${11 * devicePixelRatio}px`);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  let free = -Infinity;
  for (const { at, label } of deploys.filter((deploy) => deploy.at >= min && deploy.at <= max)) {
    const x = Math.round(plot.valToPos(at, 'x', true)) + 0.5;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(label).width + 8 * devicePixelRatio;
    const left = Math.min(x + 4 * devicePixelRatio, bbox.left + bbox.width - width);
    if (left >= free) {
      ctx.fillText(label, left, bbox.top + 2 * devicePixelRatio);
      free = left + width;
    }
  }
  ctx.restore();
}

/** The plot of p75. Its time axis is the lower plot's. */
export function p75Options(look: Look, width: number): uPlot.Options {
  const colour = colours();
  return {
    ...shared(look, width, true),
    height: P75_HEIGHT,
    padding: [12, RIGHT, 6, 0],
    scales: { x: timeScale(look.step), y: { range: () => [0, look.top()] } },
    axes: [
      { show: false },
      {
        ...named(text.p75, colour),
        size: AXIS_WIDTH,
        stroke: colour.text,
        font: colour.font,
        grid: { stroke: colour.grid, width: 1 },
        ticks: { show: false },
        values: (_, marks) => marks.map((value) => (value === 0 ? '0' : mark(value, look.unit))),
      },
    ],
    series: [
      {},
      { label: text.p75, stroke: colour.line, width: 2, spanGaps: false, points: { size: 6, fill: colour.line } },
      { label: text.before, stroke: colour.text, width: 1.5, dash: [4, 4], spanGaps: false, points: { show: false } },
    ],
    hooks: {
      setCursor: [pointHook(look)],
      drawAxes: [(plot) => linesOf(plot, look, colour).forEach((line) => drawLine(plot, line)), (plot) => drawDeploys(plot, look.deploys(), colour)],
      draw: [(plot) => linesOf(plot, look, colour).forEach((line) => drawLabel(plot, line, colour.font))],
    },
  };
}

/** The plot of page views, with the time axis of both. */
export function viewsOptions(look: Look, width: number): uPlot.Options {
  const colour = colours();
  const bars = uPlot.paths.bars?.({ size: [0.75, 36], radius: 0.12 });
  return {
    ...shared(look, width, false),
    height: VIEWS_HEIGHT,
    padding: [6, RIGHT, 0, 0],
    scales: { x: timeScale(look.step), y: { range: (_, _min, max) => [0, Math.max(max, 1) * 1.1] } },
    axes: [
      {
        stroke: colour.text,
        font: colour.font,
        grid: { show: false },
        ticks: { stroke: colour.grid, size: 4 },
        size: 28,
        space: 64,
        values: (_, marks) => marks.map((value) => axisName(value, look.step)),
      },
      {
        ...named(text.pageViews, colour),
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
