// In: rows and how their columns are read. Out: a table that scrolls inside its panel, and its rows as files. Never:
// a page that scrolls sideways because of a table.

import type { ComponentChildren } from 'preact';
import type { SmallGroups as Left } from '../api/types.ts';
import { rowOf } from '../format/file.ts';
import { Export } from './Export.tsx';
import { Scroll } from './Scroll.tsx';
import { SmallGroups } from './SmallGroups.tsx';

export interface Column<Row> {
  name: string;
  /** Whether the column holds numbers: right-aligned, tabular figures. */
  number?: boolean;
  cell: (row: Row) => ComponentChildren;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** A row's raw values: what tests read, and what files hold. */
  dataOf: (row: Row) => Record<`data-${string}`, string | number>;
  foot?: ComponentChildren;
  /** Where the collector gives the same as CSV, if it does. */
  csvAddress?: string | undefined;
  /** The groups that were left out, if any. */
  smallGroups?: Left | undefined;
}

/** The table alone. */
function Grid<Row>({ caption, columns, rows, keyOf, dataOf, foot }: Props<Row>) {
  return (
    <Scroll label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={column.number ? 'number' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} {...dataOf(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.name} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.name} class={column.number ? 'number' : undefined}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
        {foot}
      </table>
    </Scroll>
  );
}

export function Table<Row>(props: Props<Row>) {
  return (
    <>
      {(props.rows.length > 0 || props.smallGroups === undefined) && <Grid {...props} />}
      <SmallGroups of={props.smallGroups} />
      {props.rows.length > 0 && (
        <Export name={props.caption} rows={() => props.rows.map((row) => rowOf(props.dataOf(row)))} csvAddress={props.csvAddress} />
      )}
    </>
  );
}
