// In: an answer. Out: its first list as CSV. Never: part of the built dashboard.

import { csv, type Row } from '../src/format/file.ts';

/** One level of an object as columns: `LCP.p75`. */
function flat(of: object, start = ''): Row {
  return Object.assign(
    {},
    ...Object.entries(of).map(([name, value]): Row => {
      if (Array.isArray(value)) {
        return { [start + name]: value.join(' ') };
      }
      return typeof value === 'object' && value !== null ? flat(value as object, `${start}${name}.`) : { [start + name]: value as string | number | null };
    }),
  ) as Row;
}

export function asCsv(answer: object): string {
  const list = Object.values(answer).find((value): value is object[] => Array.isArray(value)) ?? [];
  return csv(list.map((line) => flat(line)));
}
