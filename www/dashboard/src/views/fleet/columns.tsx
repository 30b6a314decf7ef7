// In: a site's row. Out: the columns of the fleet's table. Never: a column that can be sorted by and does not say so.

import type { ComponentChildren } from 'preact';
import type { FleetSite, Sort } from '../../api/fleet.ts';
import { METRICS, type Step } from '../../api/types.ts';
import { Spark } from '../../charts/Spark.tsx';
import type { Row } from '../../format/file.ts';
import { count, NOTHING } from '../../format/number.ts';
import type { Select } from '../../state/address.ts';
import { drill, type Selection } from '../../state/selection.ts';
import { fleetText as text } from '../../text/fleet.ts';
import { ChangeText, FigureCell, unitOf } from '../Figure.tsx';
import { ViewLink } from '../ViewLink.tsx';

export interface FleetColumn {
  id: string;
  name: string;
  sort: Sort | null;
  number: boolean;
  cell: (site: FleetSite) => ComponentChildren;
}

/** Whether a site passes, in a sign and a word. */
function Passes({ passes }: { passes: boolean | null }) {
  const word = passes === null ? 'unknown' : passes ? 'yes' : 'no';
  const ink = { yes: 'ink-good', no: 'ink-poor', unknown: 'ink-none' }[word];
  return <span class={`passes ${ink}`}>{text.passes[word]}</span>;
}

export function columnsOf(selection: Selection, select: Select, sparkStep: Step): FleetColumn[] {
  const { metric } = selection;
  const change: FleetColumn = {
    id: 'change',
    name: text.change(metric),
    sort: 'change',
    number: true,
    cell: ({ vitals, previous }) => <ChangeText now={vitals[metric]} before={previous?.vitals[metric]} unit={unitOf(metric)} />,
  };
  return [
    {
      id: 'site',
      name: text.site,
      sort: 'site',
      number: false,
      cell: ({ site, passes }) => (
        <>
          <ViewLink to={drill(selection, site)} select={select} class="cut" testId="fleet-link" title={site}>
            {site}
          </ViewLink>
          <Passes passes={passes} />
        </>
      ),
    },
    {
      id: 'template',
      name: text.templateAndBuild,
      sort: null,
      number: false,
      cell: ({ template, build }) => (
        <>
          <span class="cut">{template ?? NOTHING}</span>
          <span class="under">{build ?? NOTHING}</span>
        </>
      ),
    },
    { id: 'views', name: text.views, sort: 'views', number: true, cell: ({ views }) => count(views) },
    { id: 'spark', name: text.spark[sparkStep], sort: null, number: false, cell: ({ spark, site }) => <Spark values={spark} label={text.sparkOf(site, count(Math.max(0, ...spark)), sparkStep)} /> },
    ...METRICS.map((of): FleetColumn => ({ id: of, name: text.p75Of(of), sort: of, number: true, cell: ({ vitals }) => <FigureCell of={vitals[of]} unit={unitOf(of)} /> })),
    ...(selection.compare ? [change] : []),
  ];
}

/** A site as a row of a file. */
export function fileRow({ site, template, build, views, passes, vitals, previous }: FleetSite): Row {
  const figures = METRICS.flatMap((metric): [string, string | number | null][] => {
    const { count: samples, p75, p75_low, p75_high, rating } = vitals[metric];
    const name = metric.toLowerCase();
    const before: [string, number | null][] = previous ? [[`${name}_p75_before`, previous.vitals[metric].p75]] : [];
    return [[`${name}_count`, samples], [`${name}_p75`, p75], [`${name}_p75_low`, p75_low], [`${name}_p75_high`, p75_high], [`${name}_rating`, rating], ...before];
  });
  return { site, template, build, views, passes, ...Object.fromEntries(figures) };
}
