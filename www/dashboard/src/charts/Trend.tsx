// In: a series and its thresholds. Out: the chart of p75 and page views, what the pointer is at in
// words, and the same numbers as a table. Never: a chart in the colours of the other theme.

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Series, Thresholds } from '../api/types.ts';
import type { Row } from '../format/file.ts';
import { count, NOTHING } from '../format/number.ts';
import { period, stepName } from '../format/time.ts';
import { mark, vital } from '../format/vital.ts';
import type { Scheme } from '../state/theme.ts';
import { text } from '../text/en.ts';
import { Export } from '../views/Export.tsx';
import { Scroll } from '../views/Scroll.tsx';
import { topOf, trendData, type TrendData } from './trendData.ts';
import { p75Options, P75_HEIGHT, viewsOptions, VIEWS_HEIGHT, type Deploy } from './trendOptions.ts';

interface Props {
  series: Series;
  thresholds: Thresholds | null;
  scheme: Scheme;
  /** Builds that were seen for the first time. */
  deploys: Deploy[];
}

interface Plots {
  p75: uPlot;
  views: uPlot;
}

function fill(plots: Plots, data: TrendData): void {
  plots.p75.setData([data.times, data.p75, data.before.length === 0 ? data.times.map(() => null) : data.before]);
  plots.views.setData([data.times, data.views]);
}

/** Draws both plots into `box`, and again when its width, the theme or the metric changes. */
function usePlots({ series, thresholds, scheme, deploys }: Props, onPoint: (index: number | null) => void) {
  const box = useRef<HTMLDivElement>(null);
  const plots = useRef<Plots | null>(null);
  const data = useRef<TrendData>(trendData(series));
  data.current = trendData(series);
  const marks = useRef(deploys);
  marks.current = deploys;
  const { unit, step, metric } = series;
  useEffect(() => {
    const host = box.current;
    if (host === null) {
      return undefined;
    }
    const look = { step, unit, thresholds, onPoint, top: () => topOf(data.current, thresholds), deploys: () => marks.current };
    const width = host.clientWidth;
    const drawn: Plots = {
      p75: new uPlot(p75Options(look, width), [[], [], []], host),
      views: new uPlot(viewsOptions(look, width), [[], []], host),
    };
    fill(drawn, data.current);
    plots.current = drawn;
    const watch = new ResizeObserver(() => {
      drawn.p75.setSize({ width: host.clientWidth, height: P75_HEIGHT });
      drawn.views.setSize({ width: host.clientWidth, height: VIEWS_HEIGHT });
    });
    watch.observe(host);
    return () => {
      watch.disconnect();
      drawn.p75.destroy();
      drawn.views.destroy();
      plots.current = null;
    };
  }, [metric, step, unit, thresholds?.good, thresholds?.poor, scheme, onPoint]);
  useEffect(() => {
    if (plots.current !== null) {
      fill(plots.current, trendData(series));
    }
  }, [series, deploys]);
  return box;
}

const pointText = (p75: number | null | undefined, { unit }: Series): string => (p75 === null || p75 === undefined ? NOTHING : vital(p75, unit));

/** A point as a row of a file. */
function fileRow(series: Series, index: number): Row {
  const { start, p75, count: samples, views } = series.points[index] ?? { start: '', p75: null, count: 0, views: 0 };
  const before = series.previous ? { p75_before: series.previous[index]?.p75 ?? null } : {};
  return { metric: series.metric, unit: series.unit, start, p75, ...before, count: samples, views };
}

function Readout({ series, index }: { series: Series; index: number | null }) {
  const point = index === null ? undefined : series.points[index];
  if (point === undefined) {
    return <p class="readout note">{text.trendHint}</p>;
  }
  return (
    <p class="readout">
      <span>{stepName(point.start, series.step, series.to)}</span>
      <span>
        {text.p75} <b>{pointText(point.p75, series)}</b>
      </span>
      {series.previous && (
        <span>
          {text.before} <b>{pointText(series.previous[index ?? 0]?.p75, series)}</b>
        </span>
      )}
      <span>{text.samples(count(point.count), count(point.views), point.views)}</span>
    </p>
  );
}

function TrendTable({ series }: { series: Series }) {
  const caption = text.trendCaption(series.metric);
  return (
    <details class="alternative">
      <summary>
        {text.asTable}
        <span class="unseen">: {caption}</span>
      </summary>
      <Scroll label={caption}>
        <table>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{text.stepColumn[series.step]}</th>
              <th scope="col" class="number">{text.p75}</th>
              {series.previous && <th scope="col" class="number">{text.before}</th>}
              <th scope="col" class="number">{text.measured}</th>
              <th scope="col" class="number">{text.views}</th>
            </tr>
          </thead>
          <tbody>
            {series.points.map((point, index) => (
              <tr
                key={point.start}
                data-testid="trend-row"
                data-start={point.start}
                data-p75={point.p75 ?? ''}
                data-count={point.count}
                data-views={point.views}
              >
                <th scope="row">{stepName(point.start, series.step, series.to)}</th>
                <td class="number">{pointText(point.p75, series)}</td>
                {series.previous && <td class="number">{pointText(series.previous[index]?.p75, series)}</td>}
                <td class="number">{count(point.count)}</td>
                <td class="number">{count(point.views)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Export name={caption} rows={() => series.points.map((_, index) => fileRow(series, index))} />
    </details>
  );
}

export function Trend(props: Props) {
  const [index, setIndex] = useState<number | null>(null);
  const box = usePlots(props, setIndex);
  const { thresholds, series } = props;
  return (
    <>
      <Readout series={series} index={index} />
      <div ref={box} class="trend" role="img" aria-label={text.trendLabel(series.metric)} />
      {series.previous && <p class="note">{text.beforeNote(series.previous_from && series.previous_to ? period(series.previous_from, series.previous_to) : null)}</p>}
      {thresholds !== null && (
        <p class="note">{text.lines(mark(thresholds.good, series.unit), mark(thresholds.poor, series.unit))}</p>
      )}
      <TrendTable series={series} />
    </>
  );
}
