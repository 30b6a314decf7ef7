// In: the series of the selected metric. Out: its trend. Never: a chart of no points.

import type { Builds } from '../../api/fleet.ts';
import { METRICS, type Metric, type Series, type Thresholds, type Vitals } from '../../api/types.ts';
import { Trend } from '../../charts/Trend.tsx';
import type { Deploy } from '../../charts/trendOptions.ts';
import { count } from '../../format/number.ts';
import { dateTime } from '../../format/time.ts';
import type { Shown } from '../../state/resource.ts';
import type { Scheme } from '../../state/theme.ts';
import { text } from '../../text/en.ts';
import { useMemo } from 'preact/hooks';
import { Panel } from '../Panel.tsx';
import { Picker } from '../Picker.tsx';
import { Table } from '../Table.tsx';

interface Props {
  shown: Shown<Series>;
  vitals: Shown<Vitals>;
  builds: Shown<Builds>;
  metric: Metric;
  scheme: Scheme;
  onMetric: (metric: Metric) => void;
}

/** The thresholds of a metric. They come with the vitals; without those the chart has no lines. */
function thresholdsOf(vitals: Shown<Vitals>, metric: Metric): Thresholds | null {
  const answered = vitals.state === 'ready' ? vitals.data.vitals.find((vital) => vital.metric === metric) : undefined;
  return answered?.thresholds ?? null;
}

/** Builds as marks on the time axis; marks of the same hour, of other templates, are one. */
export function deploysOf(builds: Builds): Deploy[] {
  return builds.builds.map(({ template, build, first_seen }) => ({ at: Date.parse(first_seen) / 1000, label: `${template} ${build}` }));
}

/** The deploys as a table. */
function Deploys({ builds }: { builds: Builds }) {
  return (
    <details class="alternative" data-testid="deploys" data-count={builds.builds.length}>
      <summary>{text.deploys(builds.builds.length)}</summary>
      <Table
        caption={text.deploysCaption}
        columns={[
          { name: text.firstSeen, cell: (build) => <time dateTime={build.first_seen}>{dateTime(build.first_seen)}</time> },
          { name: text.template, cell: (build) => build.template },
          { name: text.build, cell: (build) => build.build },
          { name: text.sitesColumn, number: true, cell: (build) => count(build.sites) },
        ]}
        rows={builds.builds}
        keyOf={({ template, build }) => `${template} ${build}`}
        dataOf={({ template, build, first_seen, sites }) => ({ 'data-testid': 'deploy-row', 'data-first-seen': first_seen, 'data-template': template, 'data-build': build, 'data-sites': sites })}
      />
    </details>
  );
}

export function TrendPanel({ shown, vitals, builds, metric, scheme, onMetric }: Props) {
  const known = builds.state === 'ready' ? builds.data : null;
  const deploys = useMemo(() => (known === null ? [] : deploysOf(known)), [known]);
  return (
    <Panel
      id="trend"
      title={text.trend(metric)}
      note={shown.state === 'ready' ? text.trendNote[shown.data.step] : text.metricNames[metric]}
      shown={shown}
      actions={<Picker label={text.metric} testId="metric-picker" choices={METRICS} chosen={metric} nameOf={(name) => name} onChoice={onMetric} />}
      isEmpty={(series) => series.points.every((point) => point.count === 0)}
      empty={text.noTrend}
    >
      {(series) => (
        <>
          <Trend series={series} thresholds={thresholdsOf(vitals, metric)} scheme={scheme} deploys={deploys} />
          {known !== null && known.builds.length > 0 && <Deploys builds={known} />}
        </>
      )}
    </Panel>
  );
}
