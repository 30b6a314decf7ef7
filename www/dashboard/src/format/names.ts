// In: values of dimensions as the API gives them. Out: what people call them. Never: a value hidden
// because it has no name.

import type { Filter } from '../api/types.ts';

const viewer: string | undefined = typeof navigator === 'undefined' ? undefined : navigator.language;

/** A country's name with its code: `Germany (DE)`. What is not a country's code stays as it is. */
export function country(code: string, locale = viewer): string {
  if (!/^[A-Z]{2}$/.test(code)) {
    return code;
  }
  const name = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' }).of(code);
  return name === undefined ? code : `${name} (${code})`;
}

/** A dimension's value as it is shown. */
export function dimensionValue(filter: Filter, value: string): string {
  return filter === 'country' ? country(value) : value;
}
