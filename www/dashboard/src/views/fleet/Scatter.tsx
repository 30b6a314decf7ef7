// In: sites with their page views and p75. Out: a mark for each, at its traffic and its p75, in its rating's shape;
// the ones most worth fixing have numbers. Never: the only place where a figure can be read, or a mark told by colour.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FleetSite } from '../../api/fleet.ts';
import type { Metric, Rating } from '../../api/types.ts';
import { decades, linear, logarithmic, rounds, type Place } from '../../charts/scale.ts';
import { count } from '../../format/number.ts';
import { mark, vital } from '../../format/vital.ts';
import { THRESHOLDS, type Worth } from '../../state/worth.ts';
import { fleetText as text } from '../../text/fleet.ts';
import { unitOf } from '../Figure.tsx';

const HEIGHT = 380;
/** The width of a box that was not laid out yet. */
const FIRST_WIDTH = 720;
/** How near the pointer must be to a mark, in CSS pixels. */
const NEAR = 16;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 58, 14, 46];

interface Props {
  sites: FleetSite[];
  metric: Metric;
  worth: Worth[];
  /** Called with the site whose mark was clicked. The keyboard's way is the table. */
  onSite: (site: string) => void;
}

/** The outline of a rating's shape around a point. */
function outline(rating: Rating, x: number, y: number): string {
  const [cx, cy] = [x.toFixed(1), y.toFixed(1)];
  switch (rating) {
    case 'good':
      return `M${cx} ${cy}m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0`;
    case 'needs-improvement':
      return `M${cx} ${cy}m-3.2 -3.2h6.4v6.4h-6.4z`;
    case 'poor':
      return `M${cx} ${cy}m0 -4.2l4.2 7.4h-8.4z`;
  }
}

interface Axes {
  x: Place;
  y: Place;
  high: number;
  low: number;
  most: number;
  width: number;
}

interface Point {
  site: string;
  views: number;
  p75: number;
  rating: Rating;
}

function axesOf(points: Point[], metric: Metric, width: number): Axes {
  const { good, poor } = THRESHOLDS[metric];
  const views = points.map((point) => point.views);
  const low = Math.max(1, Math.min(...views));
  const most = Math.max(low * 10, ...views);
  // One site that is far off must not press all others to the ground.
  const sorted = points.map(({ p75 }) => p75).sort((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length * 0.99)] ?? good;
  const high = Math.max(Math.min(Math.max(usual * 1.1, good * 1.4), poor * 4), good * 1.4);
  return { x: logarithmic(low, most, LEFT, width - RIGHT), y: linear(0, high, HEIGHT - BOTTOM, TOP), high, low, most, width };
}

function Grid({ axes, metric }: { axes: Axes; metric: Metric }) {
  const unit = unitOf(metric);
  const { width } = axes;
  const { good, poor } = THRESHOLDS[metric];
  const lines: [Rating, number][] = [['good', good], ['poor', poor]];
  return (
    <g aria-hidden="true">
      {rounds(axes.high, 5).map((value) => (
        <g key={value}>
          <line class="grid" x1={LEFT} x2={width - RIGHT} y1={axes.y(value)} y2={axes.y(value)} />
          <text class="axis" x={LEFT - 8} y={axes.y(value) + 4} text-anchor="end">{value === 0 ? '0' : mark(value, unit)}</text>
        </g>
      ))}
      {decades(axes.low, axes.most).map((value) => (
        <text key={value} class="axis" x={axes.x(value)} y={HEIGHT - BOTTOM + 18} text-anchor="middle">{count(value)}</text>
      ))}
      {lines.filter(([, value]) => value <= axes.high).map(([rating, value]) => (
        <g key={rating}>
          <line class={`threshold stroke-${rating}`} x1={LEFT} x2={width - RIGHT} y1={axes.y(value)} y2={axes.y(value)} />
          <text class={`axis fill-${rating}`} x={width - RIGHT + 6} y={axes.y(value) + (rating === 'good' ? 14 : -4)}>{text.lines[rating === 'good' ? 'good' : 'poor']}</text>
        </g>
      ))}
      <text class="axis" x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">{text.viewsAxis}</text>
      <text class="axis" transform={`translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`} text-anchor="middle">{text.p75Of(metric)}</text>
    </g>
  );
}

/** The width of an element, followed as it changes. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  useEffect(() => {
    const host = box.current;
    if (host === null) {
      return undefined;
    }
    const watch = new ResizeObserver(() => setWidth(Math.max(host.clientWidth, 260)));
    watch.observe(host);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}

/** The mark that is nearest to a place, if one is near. */
export function nearest(points: Point[], { x, y }: Pick<Axes, 'x' | 'y'>, at: { x: number; y: number }): Point | null {
  let [found, best]: [Point | null, number] = [null, NEAR];
  for (const point of points) {
    const distance = Math.hypot(x(point.views) - at.x, y(point.p75) - at.y);
    if (distance <= best) {
      [found, best] = [point, distance];
    }
  }
  return found;
}

/** The marks: one path for each rating, so that a thousand of them are three elements. */
function pathsOf(points: Point[], axes: Axes): Record<Rating, string> {
  const paths: Record<Rating, string> = { good: '', 'needs-improvement': '', poor: '' };
  for (const { views, p75, rating } of points) {
    paths[rating] += outline(rating, axes.x(views), axes.y(p75));
  }
  return paths;
}

export function Scatter({ sites, metric, worth, onSite }: Props) {
  const unit = unitOf(metric);
  const { box, width } = useWidth();
  const [pointed, setPointed] = useState<Point | null>(null);
  const { points, axes, paths } = useMemo(() => {
    const all = sites.flatMap((site): Point[] => {
      const { p75, rating } = site.vitals[metric];
      return p75 === null || rating === null || site.views === 0 ? [] : [{ site: site.site, views: site.views, p75, rating }];
    });
    const scales = axesOf(all, metric, width);
    return { points: all, axes: scales, paths: pathsOf(all, scales) };
  }, [sites, metric, width]);
  const find = (event: MouseEvent & { currentTarget: SVGSVGElement }): Point | null => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return nearest(points, axes, { x: event.clientX - left, y: event.clientY - top });
  };
  return (
    <div ref={box} class="scatter">
      <p class="readout">{pointed === null ? text.scatterHint : text.pointed(pointed.site, vital(pointed.p75, unit), count(pointed.views))}</p>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={text.scatterLabel(metric, count(points.length))}
        data-testid="scatter"
        data-count={points.length}
        onMouseMove={(event) => setPointed(find(event))}
        onMouseLeave={() => setPointed(null)}
        onClick={(event) => {
          const found = find(event);
          if (found !== null) {
            onSite(found.site);
          }
        }}
      >
        <Grid axes={axes} metric={metric} />
        {(['good', 'needs-improvement', 'poor'] as const).map((rating) => (
          <path key={rating} class={`dots fill-${rating}`} d={paths[rating]} />
        ))}
        {worth.slice(0, 5).map(({ of, p75 }, index) => (
          <g key={of.site} class="worth">
            <circle cx={axes.x(of.views)} cy={axes.y(p75)} r={9} />
            <text x={axes.x(of.views) - 13} y={axes.y(p75) + 4} text-anchor="end">{index + 1}</text>
          </g>
        ))}
        {pointed !== null && <circle class="pointed" cx={axes.x(pointed.views)} cy={axes.y(pointed.p75)} r={7} />}
      </svg>
    </div>
  );
}
