// In: the fleet's sites, page by page. Out: a table of all of them, of which only what is seen is in the document.
// Never: a table that grows heavy with the fleet, or a row that a screen reader cannot count.

import { useEffect, useRef } from 'preact/hooks';
import { asCsv } from '../../api/addresses.ts';
import type { FleetSites, Order, Sort } from '../../api/fleet.ts';
import { count } from '../../format/number.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import { useRows } from '../../state/rows.ts';
import type { Selection } from '../../state/selection.ts';
import { text as all } from '../../text/en.ts';
import { fleetText as text } from '../../text/fleet.ts';
import { Export } from '../Export.tsx';
import { FailureText, Panel } from '../Panel.tsx';
import { SmallGroups } from '../SmallGroups.tsx';
import { columnsOf, fileRow, type FleetColumn } from './columns.tsx';
import { Search } from './Search.tsx';
import { useWindow } from './window.ts';

interface Props {
  address: string;
  shown: Shown<FleetSites>;
  selection: Selection;
  select: Select;
}

/** In CSS pixels, as the style sheet has it. */
const ROW_HEIGHT = 56;
/** Rows before the end at which the next ones are asked for. */
const AHEAD = 100;

/** The order that a first click gives: names from A on, figures from the highest on. */
const firstOrder = (sort: Sort): Order => (sort === 'site' ? 'asc' : 'desc');

function Head({ columns, selection, select }: { columns: FleetColumn[]; selection: Selection; select: Select }) {
  const { sort, order } = selection;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map(({ id, name, sort: by, number }) => {
          const isSorted = by === sort;
          const sorted = isSorted ? (order === 'asc' ? 'ascending' : 'descending') : 'none';
          const next = by === null ? order : isSorted ? (order === 'asc' ? 'desc' : 'asc') : firstOrder(by);
          return (
            <th key={id} scope="col" class={`column-${id}${number ? ' number' : ''}`} {...(by === null ? {} : { 'aria-sort': sorted as 'none' })}>
              {by === null ? (
                name
              ) : (
                <button type="button" class="sort" data-testid={`sort-${by}`} onClick={() => select({ ...selection, sort: by, order: next })}>
                  {name}
                  <span aria-hidden="true" class="sort-sign">
                    {isSorted ? (order === 'asc' ? '▲' : '▼') : '↕'}
                  </span>
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

const Room = ({ height, columns }: { height: number; columns: number }) =>
  height > 0 ? (
    <tr class="room" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  ) : null;

function Sites({ address, first, selection, select }: Omit<Props, 'shown'> & { first: FleetSites }) {
  const rows = useRows(address, first);
  const box = useRef<HTMLDivElement>(null);
  const seen = useWindow(rows.sites.length, ROW_HEIGHT, box);
  const columns = columnsOf(selection, select, first.spark_step);
  const last = seen.rows[seen.rows.length - 1] ?? 0;
  const isNearEnd = rows.more && rows.failure === null && last >= rows.sites.length - AHEAD;
  useEffect(() => {
    if (isNearEnd) {
      rows.load();
    }
  });
  return (
    <>
      <div ref={box} class="scroll fleet-box" tabIndex={0} role="region" aria-label={all.scrolls(text.sites)} data-testid="fleet-box">
        <table class="fleet-table" aria-rowcount={first.total + 1}>
          <caption class="unseen">{text.sites}</caption>
          <Head columns={columns} selection={selection} select={select} />
          <tbody>
            <Room height={seen.above} columns={columns.length} />
            {seen.rows.map((index) => {
              const site = rows.sites[index];
              return site === undefined ? null : (
                <tr key={site.site} aria-rowindex={index + 2} data-testid="fleet-row" data-site={site.site} data-views={site.views} data-index={index}>
                  {columns.map(({ id, number, cell }) =>
                    id === 'site' ? (
                      <th key={id} scope="row">
                        {cell(site)}
                      </th>
                    ) : (
                      <td key={id} class={number ? 'number' : undefined}>
                        {cell(site)}
                      </td>
                    ),
                  )}
                </tr>
              );
            })}
            <Room height={seen.below} columns={columns.length} />
          </tbody>
        </table>
      </div>
      <p class="note" data-testid="fleet-loaded" data-value={rows.sites.length}>
        {text.loaded(count(rows.sites.length), count(first.total), rows.more)}
        {rows.failure !== null && (
          <span class="ink-poor">
            {' '}
            <FailureText failure={rows.failure} />
          </span>
        )}
      </p>
      <SmallGroups of={first.small_groups} />
      <Export name={text.sites} rows={() => rows.sites.map(fileRow)} csvAddress={asCsv(address)} />
    </>
  );
}

export function SitesPanel({ address, shown, selection, select }: Props) {
  return (
    <Panel
      id="fleet"
      title={text.sites}
      note={text.sitesNote}
      shown={shown}
      actions={<Search selection={selection} select={select} />}
      isEmpty={({ sites, small_groups }) => sites.length === 0 && small_groups === undefined}
      empty={text.noSites}
    >
      {(first) => <Sites address={address} first={first} selection={selection} select={select} />}
    </Panel>
  );
}
