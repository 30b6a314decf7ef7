// In: the rows of a table, as names and raw values. Out: the text of a file. Never: a cell that a spreadsheet would
// run, or a number in the viewer's locale, which the next program could not read.

/** One row: what each column is called, and its value. */
export type Row = Record<string, string | number | boolean | null>;

export const FORMATS = ['csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** A cell as RFC 4180 has it. A text that begins like a formula gets a quote in front. */
function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) {
    return '';
  }
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows as CSV, with a line of names. Every name that any row has is a column. */
export function csv(rows: Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [names.map(cell), ...rows.map((row) => names.map((name) => cell(row[name])))].map((line) => `${line.join(',')}\r\n`).join('');
}

/** The rows as JSON that a person can read too. */
export const json = (rows: Row[]): string => `${JSON.stringify(rows, null, 2)}\n`;

/** A name for a file: `slowest-pages-by-lcp.csv`. */
export function fileName(title: string, format: Format): string {
  const plain = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  return `${plain === '' ? 'table' : plain}.${format}`;
}

/** The attributes that tests read of a row, as a row of a file: `data-p75` is `p75`. */
export function rowOf(data: Record<`data-${string}`, string | number>): Row {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([name]) => name !== 'data-testid')
      .map(([name, value]) => [name.slice('data-'.length).replaceAll('-', '_'), value === '' ? null : value]),
  );
}
