// In: a table's rows. Out: buttons that give them as a file. Never: a file of other rows than those that are shown,
// unless the collector makes it, of all there are.

import { csv, FORMATS, fileName, json, type Format, type Row } from '../format/file.ts';
import { text } from '../text/en.ts';

interface Props {
  /** What the table is called. */
  name: string;
  rows: () => Row[];
  /** Where the collector gives the same as CSV, if it does. */
  csvAddress?: string | undefined;
}

const TYPES: Record<Format, string> = { csv: 'text/csv', json: 'application/json' };

function save(name: string, rows: Row[], format: Format): void {
  const content = format === 'csv' ? csv(rows) : json(rows);
  const address = URL.createObjectURL(new Blob([content], { type: `${TYPES[format]};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName(name, format);
  link.click();
  // The browser has the file by then; a page that stays open for days must not keep it.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function Export({ name, rows, csvAddress }: Props) {
  return (
    <p class="export">
      {FORMATS.map((format) =>
        format === 'csv' && csvAddress !== undefined ? (
          <a key={format} class="export-link" href={csvAddress} download={fileName(name, format)} data-testid="export-csv">
            {text.formats[format]}
            <span class="unseen">: {name}</span>
          </a>
        ) : (
          <button key={format} type="button" class="export-link" data-testid={`export-${format}`} onClick={() => save(name, rows(), format)}>
            {text.formats[format]}
            <span class="unseen">: {name}</span>
          </button>
        ),
      )}
    </p>
  );
}
