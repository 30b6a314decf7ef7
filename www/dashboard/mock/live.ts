// In: a request for what passes by. Out: a stream of figures and page views. Never: part of the built dashboard, or a
// timer that outlives its listener.

import type { ServerResponse } from 'node:http';
import { METRICS, type Metric } from '../src/api/types.ts';
import { chance } from './chance.ts';
import { PAGES, ratingOf, SHAPES } from './draw.ts';
import { fleetOf } from './sites.ts';

const pick = <T>(list: readonly T[], share: number): T => list[Math.min(list.length - 1, Math.floor(share * list.length))] as T;
const rounded = (metric: Metric, value: number): number => Math.round(value * (metric === 'CLS' ? 1e4 : 10)) / (metric === 'CLS' ? 1e4 : 10);

function view(turn: number): object {
  const sites = fleetOf().filter(({ size }) => size > 1);
  const of = pick(sites, chance('who', turn) ** 2);
  const metrics = Object.fromEntries(
    METRICS.filter((metric) => chance(metric, 'measured', turn) < SHAPES[metric].measured).map((metric) => [
      metric,
      rounded(metric, SHAPES[metric].middle * of.slowness * Math.exp((chance(metric, turn) - 0.5) * 3 * SHAPES[metric].width)),
    ]),
  );
  return {
    at: new Date().toISOString(),
    site: of.site,
    page: pick(PAGES, chance('page', turn) ** 2)[0],
    device: pick(['phone', 'phone', 'desktop', 'tablet'], chance('device', turn)),
    country: pick(['DE', 'DE', 'AT', 'CH'], chance('country', turn)),
    browser: pick(['Chrome', 'Chrome', 'Safari', 'Firefox'], chance('browser', turn)),
    metrics,
    skipped: turn % 10 === 0 ? 3 : 0,
  };
}

function minute(turn: number): object {
  const views = Math.round(420 + 80 * Math.sin(turn / 4));
  const metrics = Object.fromEntries(
    METRICS.map((metric) => {
      const { middle, width, measured } = SHAPES[metric];
      const p75 = rounded(metric, middle * Math.exp(0.674 * width) * (0.95 + 0.1 * chance(metric, turn)));
      return [metric, { count: Math.round(views * measured), p75, rating: ratingOf(metric, p75) }];
    }),
  );
  return { at: new Date().toISOString(), views, metrics };
}

/** Answers with a stream until the listener leaves. */
export function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let turn = 0;
  const tell = (event: string, data: object): void => void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  tell('minute', minute(0));
  const timer = setInterval(() => {
    turn += 1;
    tell('view', view(turn));
    if (turn % 12 === 0) {
      tell('minute', minute(turn / 12));
    }
  }, 400);
  response.on('close', () => clearInterval(timer));
}
