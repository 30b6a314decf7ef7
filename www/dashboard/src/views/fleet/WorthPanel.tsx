// In: the fleet's busiest sites. Out: a scatter of traffic against p75, and a table of the sites most worth fixing.
// Never: a rank without the figures it follows from.

import type { FleetSites } from '../../api/fleet.ts';
import type { Metric } from '../../api/types.ts';
import { count } from '../../format/number.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { drill, type Selection } from '../../state/selection.ts';
import { worthFixing, type Worth } from '../../state/worth.ts';
import { fleetText as text } from '../../text/fleet.ts';
import { FigureCell, unitOf } from '../Figure.tsx';
import { Panel } from '../Panel.tsx';
import { Table, type Column } from '../Table.tsx';
import { ViewLink } from '../ViewLink.tsx';
import { Scatter } from './Scatter.tsx';

/** Sites listed. */
const MOST = 10;

interface Props {
  shown: Shown<FleetSites>;
  metric: Metric;
  selection: Selection;
  select: Select;
}

type Ranked = Worth & { rank: number };

function columns(metric: Metric, selection: Selection, select: Select): Column<Ranked>[] {
  return [
    {
      name: text.site,
      cell: ({ of, rank }) => (
        <>
          <ViewLink to={drill(selection, of.site)} select={select} class="path" testId="worth-link">
            {`${rank}. ${of.site}`}
          </ViewLink>
          <span class="under">{text.cohortLine(of.template, of.build)}</span>
        </>
      ),
    },
    { name: text.p75Of(metric), number: true, cell: ({ of }) => <FigureCell of={of.vitals[metric]} unit={unitOf(metric)} /> },
    { name: text.views, number: true, cell: ({ of }) => count(of.views) },
  ];
}

export function WorthPanel({ shown, metric, selection, select }: Props) {
  return (
    <Panel
      id="worth"
      title={text.worth(metric)}
      note={shown.state === 'ready' ? text.worthNote(count(shown.data.sites.length), count(shown.data.total)) : undefined}
      shown={shown}
      isEmpty={({ sites }) => sites.every(({ vitals }) => vitals[metric].p75 === null)}
      empty={text.noWorth}
    >
      {({ sites }) => {
        const worth = worthFixing(sites, metric, MOST);
        return (
          <div class="pair pair-scatter">
            <Scatter sites={sites} metric={metric} worth={worth} onSite={(site) => select(drill(selection, site))} />
            {worth.length === 0 ? (
              <p class="nothing">{text.nothingToFix(metric)}</p>
            ) : (
              <div>
                <Table
                  caption={text.worth(metric)}
                  columns={columns(metric, selection, select)}
                  rows={worth.map((one, index) => ({ ...one, rank: index + 1 }))}
                  keyOf={({ of }) => of.site}
                  dataOf={({ of, p75, rank }) => ({
                    'data-testid': 'worth-row',
                    'data-rank': rank,
                    'data-site': of.site,
                    'data-metric': metric,
                    'data-p75': p75,
                    'data-count': of.vitals[metric].count,
                    'data-views': of.views,
                  })}
                />
              </div>
            )}
          </div>
        );
      }}
    </Panel>
  );
}
