// In: the fleet's summary. Out: which part of its page views and sites passes Core Web Vitals, now and before, by day,
// and the vitals of all page views. Never: a share without what it is a share of.

import type { Passing, Summary, SummaryDay } from '../../api/fleet.ts';
import { comparedWith } from '../../api/addresses.ts';
import type { Metric } from '../../api/types.ts';
import { points } from '../../format/change.ts';
import { count, decimal, percent } from '../../format/number.ts';
import { dayName, period } from '../../format/time.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { drill, type Selection } from '../../state/selection.ts';
import { text as all } from '../../text/en.ts';
import { homeText as text } from '../../text/home.ts';
import { ChangeText, FigureCell, unitOf } from '../Figure.tsx';
import { Panel } from '../Panel.tsx';
import { Table } from '../Table.tsx';
import { ViewLink } from '../ViewLink.tsx';

interface Props {
  shown: Shown<Summary>;
  selection: Selection;
  select: Select;
}

/** How a share changed, in points of a hundred. */
function Points({ by }: { by: number | null }) {
  if (by === null) {
    return <span class="ink-none">{all.notComparable}</span>;
  }
  const rounded = Math.round(by * 10) / 10;
  const ink = rounded > 0 ? 'ink-good' : rounded < 0 ? 'ink-poor' : 'ink-none';
  const sign = rounded > 0 ? '+' : rounded < 0 ? '−' : '±';
  return (
    <span class={ink}>
      {text.points(`${sign}${decimal(Math.abs(rounded), 1)}`)} <span class="unseen">{text.pointsMean[rounded > 0 ? 'more' : rounded < 0 ? 'less' : 'same']}</span>
    </span>
  );
}

interface ShareProps {
  id: string;
  name: string;
  of: (passing: Passing) => [number, number];
  what: (part: string, whole: string) => string;
  summary: Summary;
}

function Share({ id, name, of, what, summary }: ShareProps) {
  const [part, whole] = of(summary);
  const [partBefore, wholeBefore] = summary.previous ? of(summary.previous) : [0, 0];
  return (
    <div class="score" data-testid={`passing-${id}`} data-part={part} data-whole={whole} data-part-before={partBefore} data-whole-before={wholeBefore}>
      <h3>{name}</h3>
      <p class="score-number">{percent(part, whole)}</p>
      <span class="meter" aria-hidden="true">
        <span class="meter-part" style={{ width: `${whole === 0 ? 0 : (part / whole) * 100}%` }} />
        {wholeBefore > 0 && <span class="meter-mark" style={{ left: `${(partBefore / wholeBefore) * 100}%` }} />}
      </span>
      <p class="fine">{what(count(part), count(whole))}</p>
      <p class="fine">
        {text.before(percent(partBefore, wholeBefore))} <Points by={points(part, whole, partBefore, wholeBefore)} />
      </p>
    </div>
  );
}

/** The Core Web Vitals and what they follow from, of all page views. */
const SHOWN: readonly Metric[] = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB'];

function Metrics({ summary, selection, select }: { summary: Summary; selection: Selection; select: Select }) {
  return (
    <ul class="score-metrics">
      {SHOWN.map((metric) => (
        <li key={metric} data-testid={`fleet-${metric}`} data-p75={summary.metrics[metric].p75 ?? ''}>
          <ViewLink to={{ ...drill(selection, null), metric, compare: true }} select={select} title={all.metricNames[metric]}>
            {all.p75Of(metric)}
          </ViewLink>
          <FigureCell of={summary.metrics[metric]} unit={unitOf(metric)} />
          <ChangeText now={summary.metrics[metric]} before={summary.previous?.metrics[metric]} unit={unitOf(metric)} />
        </li>
      ))}
    </ul>
  );
}

const HEIGHT = 56;
/** Of so few days there is nothing to see that the figures above do not say. */
const FEW_DAYS = 2;

/** The part of measured sites that passes, by day. */
function Days({ days, step }: { days: SummaryDay[]; step: 'day' | 'week' }) {
  const width = 100 / Math.max(days.length, 1);
  return (
    <div class="days">
      <h3>{text.days[step]}</h3>
      <svg class="days-chart" viewBox={`0 0 100 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text.daysLabel(days.length, step)}>
        {days.map((day, index) => {
          const share = day.sites_measured === 0 ? 0 : day.sites_passing / day.sites_measured;
          return (
            <g key={day.start}>
              <rect class="days-room" x={index * width + width * 0.25} width={width * 0.5} y={0} height={HEIGHT} />
              <rect class="days-part" x={index * width + width * 0.25} width={width * 0.5} y={HEIGHT * (1 - share)} height={HEIGHT * share} />
            </g>
          );
        })}
      </svg>
      <details class="alternative">
        <summary>
          {all.asTable}
          <span class="unseen">: {text.days[step]}</span>
        </summary>
        <Table
          caption={text.days[step]}
          columns={[
            { name: all.stepColumn[step], cell: ({ start }) => <time dateTime={start}>{`${dayName(start)} (UTC)`}</time> },
            { name: text.passing, number: true, cell: (day) => percent(day.sites_passing, day.sites_measured) },
            { name: text.passingSites, number: true, cell: (day) => count(day.sites_passing) },
            { name: text.measuredSites, number: true, cell: (day) => count(day.sites_measured) },
            { name: all.views, number: true, cell: (day) => count(day.views) },
          ]}
          rows={days}
          keyOf={({ start }) => start}
          dataOf={(day) => ({ 'data-testid': 'day-row', 'data-start': day.start, 'data-sites-passing': day.sites_passing, 'data-sites-measured': day.sites_measured, 'data-views': day.views })}
        />
      </details>
    </div>
  );
}

/** What the figures are compared with, to the hour. */
function Before({ summary, selection }: { summary: Summary; selection: Selection }) {
  const { previous, previous_from: from, previous_to: to } = summary;
  return (
    <p class="note score-before" data-testid="compared-with" data-from={from ?? ''} data-to={to ?? ''}>
      {previous && from && to ? `${text.comparedWith[comparedWith(selection.period)]} ${period(from, to)}.` : text.comparedNot}
    </p>
  );
}

export function PassingPanel({ shown, selection, select }: Props) {
  return (
    <Panel id="passing" title={text.passes} note={text.passesNote} shown={shown} isEmpty={({ views }) => views === 0} empty={text.noViews}>
      {(summary) => (
        <>
          <Before summary={summary} selection={selection} />
          <div class="scores">
            <Share id="views" name={text.shareOfViews} of={(one) => [one.views_on_passing_sites, one.views_measured]} what={text.ofViews} summary={summary} />
            <Share id="sites" name={text.shareOfSites} of={(one) => [one.sites_passing, one.sites_measured]} what={text.ofSites} summary={summary} />
            <Metrics summary={summary} selection={selection} select={select} />
            {summary.days.length > FEW_DAYS ? <Days days={summary.days} step={summary.step ?? 'day'} /> : <p class="note">{text.fewDays}</p>}
          </div>
        </>
      )}
    </Panel>
  );
}
