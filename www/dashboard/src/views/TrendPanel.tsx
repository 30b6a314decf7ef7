// In: the series of the selected metric. Out: its trend. Never: a chart of no points.

import { METRICS, type Metric, type Series, type Thresholds, type Vitals } from '../api/types.ts';
import { Trend } from '../charts/Trend.tsx';
import type { Shown } from '../state/resource.ts';
import type { Scheme } from '../state/theme.ts';
import { text } from '../text/en.ts';
import { Panel } from './Panel.tsx';

interface Props {
  shown: Shown<Series>;
  vitals: Shown<Vitals>;
  metric: Metric;
  scheme: Scheme;
  onMetric: (metric: Metric) => void;
}

/** The thresholds of a metric. They come with the vitals; without those the chart has no lines. */
function thresholdsOf(vitals: Shown<Vitals>, metric: Metric): Thresholds | null {
  const answered = vitals.state === 'ready' ? vitals.data.vitals.find((vital) => vital.metric === metric) : undefined;
  return answered?.thresholds ?? null;
}

export function TrendPanel({ shown, vitals, metric, scheme, onMetric }: Props) {
  const picker = (
    <label class="field">
      <span>{text.metric}</span>
      <select
        data-testid="metric-picker"
        value={metric}
        onChange={(event) => onMetric(METRICS.find((name) => name === event.currentTarget.value) ?? metric)}
      >
        {METRICS.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel
      id="trend"
      title={text.trend(metric)}
      note={shown.state === 'ready' ? text.trendNote[shown.data.step] : text.metricNames[metric]}
      shown={shown}
      actions={picker}
      isEmpty={(series) => series.points.every((point) => point.count === 0)}
      empty={text.noTrend}
    >
      {(series) => <Trend series={series} thresholds={thresholdsOf(vitals, metric)} scheme={scheme} />}
    </Panel>
  );
}
