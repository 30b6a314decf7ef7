// In: rows and how their columns are read. Out: a table that scrolls inside its panel. Never: a page
// that scrolls sideways because of a table.

import type { ComponentChildren } from 'preact';
import { Scroll } from './Scroll.tsx';

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
  /** What tests read from a row. */
  dataOf: (row: Row) => Record<`data-${string}`, string | number>;
  foot?: ComponentChildren;
}

export function Table<Row>({ caption, columns, rows, keyOf, dataOf, foot }: Props<Row>) {
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
