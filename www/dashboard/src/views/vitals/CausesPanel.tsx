// In: what caused a metric's values. Out: its parts as one bar, and the elements as a table. Never: parts that seem to
// add up to a percentile: they are means, and said to be.

import type { Cause, CausePart, Causes } from '../../api/fleet.ts';
import { LEAST_COUNT, type Metric, type Unit } from '../../api/types.ts';
import { count, NOTHING, percent } from '../../format/number.ts';
import { vital } from '../../format/vital.ts';
import type { Shown } from '../../state/resource.ts';
import type { Selection } from '../../state/selection.ts';
import { text } from '../../text/en.ts';
import { Panel } from '../Panel.tsx';
import { RatingWord } from '../Rating.tsx';
import { Table, type Column } from '../Table.tsx';

interface Props {
  shown: Shown<Causes>;
  metric: Metric;
  selection: Selection;
  onMetric: (metric: Metric) => void;
}

/** A part that lies inside others is not one of those that add up. */
const INSIDE = 'script';

const partName = (part: string): string => text.parts[part as keyof typeof text.parts] ?? part;

function Parts({ parts, metric }: { parts: CausePart[]; metric: Metric }) {
  const adding = parts.filter(({ part }) => part !== INSIDE);
  const whole = adding.reduce((sum, { mean_ms }) => sum + mean_ms, 0);
  const columns: Column<CausePart>[] = [
    {
      name: text.part,
      cell: ({ part }) => (
        <>
          {part !== INSIDE && <span class={`part-key part-${adding.findIndex((one) => one.part === part) % 6}`} aria-hidden="true" />}
          {partName(part)}
        </>
      ),
    },
    { name: text.mean, number: true, cell: ({ mean_ms }) => vital(mean_ms, 'ms') },
    { name: text.partOf(metric), number: true, cell: ({ part, mean_ms }) => (part === INSIDE ? NOTHING : percent(mean_ms, whole)) },
    { name: text.measured, number: true, cell: (part) => count(part.count) },
  ];
  return (
    <div class="cause">
      <h3>{text.partsOf(metric)}</h3>
      <div class="parts-bar" aria-hidden="true">
        {adding.map(({ part, mean_ms }, index) => (
          <span key={part} class={`part-${index % 6}`} style={{ flexGrow: String(Math.max(mean_ms, whole / 200)) }} />
        ))}
      </div>
      <Table
        caption={text.partsOf(metric)}
        columns={columns}
        rows={parts}
        keyOf={({ part }) => part}
        dataOf={({ part, mean_ms, count: samples }) => ({ 'data-testid': 'part-row', 'data-metric': metric, 'data-part': part, 'data-mean-ms': mean_ms, 'data-count': samples })}
      />
    </div>
  );
}

function elementColumns(unit: Unit, all: number): Column<Cause>[] {
  return [
    { name: text.element, cell: ({ element }) => <code class="event-name">{element}</code> },
    { name: text.p75, number: true, cell: ({ p75, count: samples }) => (samples === 0 ? NOTHING : p75 === null || samples < LEAST_COUNT ? text.tooFew : vital(p75, unit)) },
    { name: text.rating, cell: ({ rating, count: samples }) => <RatingWord rating={samples < LEAST_COUNT ? null : rating} /> },
    { name: text.count, number: true, cell: (cause) => count(cause.count) },
    { name: text.partOfListed, number: true, cell: (cause) => percent(cause.count, all) },
  ];
}

function Elements({ causes, metric }: { causes: Causes; metric: Metric }) {
  const all = causes.causes.reduce((sum, cause) => sum + cause.count, 0);
  return (
    <div class="cause">
      <h3>{text.elements[metric]}</h3>
      {causes.causes.length === 0 && causes.small_groups === undefined ? (
        <p class="nothing">{text.noElements(metric)}</p>
      ) : (
        <Table
          caption={text.elements[metric]}
          columns={elementColumns(causes.unit, all)}
          rows={causes.causes}
          keyOf={({ element }) => element}
          dataOf={({ element, count: samples, p75, rating }) => ({
            'data-testid': 'cause-row',
            'data-metric': metric,
            'data-element': element,
            'data-count': samples,
            'data-p75': p75 ?? '',
            'data-rating': rating ?? '',
          })}
          smallGroups={causes.small_groups}
        />
      )}
    </div>
  );
}

/** Filters that the collector does not know of causes. */
const IGNORED = ['country', 'browser', 'navigation'] as const;

export function CausesPanel({ shown, metric, selection, onMetric }: Props) {
  const ignored = IGNORED.filter((filter) => selection.filters[filter] !== undefined).map((filter) => text.filterNames[filter].toLowerCase());
  // No element causes them.
  const isOfParts = metric === 'TTFB' || metric === 'FCP';
  const tabs = (
    <div class="segments" role="group" aria-label={text.metric}>
      {(['LCP', 'INP', 'CLS', 'TTFB'] as const).map((name) => (
        <button key={name} type="button" aria-pressed={name === metric} data-testid={`causes-${name}`} onClick={() => onMetric(name)}>
          {name}
        </button>
      ))}
    </div>
  );
  return (
    <Panel
      id="causes"
      title={text.causes(metric)}
      note={ignored.length === 0 ? text.causesNote : text.causesIgnore(ignored.join(', '))}
      shown={shown}
      actions={tabs}
      isEmpty={({ causes, parts, small_groups }) => causes.length === 0 && (parts ?? []).length === 0 && small_groups === undefined}
      empty={isOfParts && shown.state === 'ready' && shown.data.parts === undefined ? text.noParts(metric) : text.noElements(metric)}
    >
      {(causes) => (
        <>
          {causes.parts !== undefined && causes.parts.length > 0 && <Parts parts={causes.parts} metric={metric} />}
          {!isOfParts && <Elements causes={causes} metric={metric} />}
        </>
      )}
    </Panel>
  );
}
