// In: a series and its thresholds. Out: the chart of p75 and page views, what the pointer is at in
// words, and the same numbers as a table. Never: a chart in the colours of the other theme.

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Series, Thresholds } from '../api/types.ts';
import { count, NOTHING } from '../format/number.ts';
import { stepName } from '../format/time.ts';
import { mark, vital } from '../format/vital.ts';
import type { Scheme } from '../state/theme.ts';
import { text } from '../text/en.ts';
import { Scroll } from '../views/Scroll.tsx';
import { topOf, trendData, type TrendData } from './trendData.ts';
import { p75Options, P75_HEIGHT, viewsOptions, VIEWS_HEIGHT } from './trendOptions.ts';

interface Props {
  series: Series;
  thresholds: Thresholds | null;
  scheme: Scheme;
}

interface Plots {
  p75: uPlot;
  views: uPlot;
}

function fill(plots: Plots, data: TrendData): void {
  plots.p75.setData([data.times, data.p75]);
  plots.views.setData([data.times, data.views]);
}

/** Draws both plots into `box`, and again when its width, the theme or the metric changes. */
function usePlots({ series, thresholds, scheme }: Props, onPoint: (index: number | null) => void) {
  const box = useRef<HTMLDivElement>(null);
  const plots = useRef<Plots | null>(null);
  const data = useRef<TrendData>(trendData(series));
  data.current = trendData(series);
  const { unit, step, metric } = series;
  useEffect(() => {
    const host = box.current;
    if (host === null) {
      return undefined;
    }
    const look = { step, unit, thresholds, onPoint, top: () => topOf(data.current, thresholds) };
    const width = host.clientWidth;
    const drawn: Plots = {
      p75: new uPlot(p75Options(look, width), [[], []], host),
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
  }, [series]);
  return box;
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
        {text.p75} <b>{point.p75 === null ? NOTHING : vital(point.p75, series.unit)}</b>
      </span>
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
              <th scope="col" class="number">{text.measured}</th>
              <th scope="col" class="number">{text.views}</th>
            </tr>
          </thead>
          <tbody>
            {series.points.map((point) => (
              <tr
                key={point.start}
                data-testid="trend-row"
                data-start={point.start}
                data-p75={point.p75 ?? ''}
                data-count={point.count}
                data-views={point.views}
              >
                <th scope="row">{stepName(point.start, series.step, series.to)}</th>
                <td class="number">{point.p75 === null ? NOTHING : vital(point.p75, series.unit)}</td>
                <td class="number">{count(point.count)}</td>
                <td class="number">{count(point.views)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
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
      {thresholds !== null && (
        <p class="note">{text.lines(mark(thresholds.good, series.unit), mark(thresholds.poor, series.unit))}</p>
      )}
      <TrendTable series={series} />
    </>
  );
}
