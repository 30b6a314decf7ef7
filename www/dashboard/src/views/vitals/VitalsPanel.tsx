// In: the vitals. Out: a card for each, in the order of METRICS. Never: a metric left out.

import { METRICS, type Metric, type Vitals } from '../../api/types.ts';
import type { Shown } from '../../state/resource.ts';
import { text } from '../../text/en.ts';
import { Panel } from '../Panel.tsx';
import { VitalCard } from './VitalCard.tsx';

interface Props {
  shown: Shown<Vitals>;
  metric: Metric;
  onMetric: (metric: Metric) => void;
}

export function VitalsPanel({ shown, metric, onMetric }: Props) {
  return (
    <Panel id="vitals" title={text.vitals} note={text.vitalsNote} shown={shown} boxes={METRICS.length}>
      {({ views, vitals }) => (
        <div class="cards">
          {METRICS.flatMap((name) => vitals.filter((vital) => vital.metric === name)).map((vital) => (
            <VitalCard
              key={vital.metric}
              of={vital}
              views={views}
              selected={vital.metric === metric}
              onSelect={() => onMetric(vital.metric)}
            />
          ))}
        </div>
      )}
    </Panel>
  );
}
