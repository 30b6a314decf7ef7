// In: counts and shares. Out: text in the viewer's locale. Never: a share of nothing shown as 0%.

/** What stands where there is no number. */
export const NOTHING = '–';

const viewer: string | undefined = typeof navigator === 'undefined' ? undefined : navigator.language;

/** A whole number with digits grouped: `12,345`. */
export function count(value: number, locale = viewer): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(value);
}

/** A decimal with exactly `digits` digits after the point. */
export function decimal(value: number, digits: number, locale = viewer): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A decimal with at most `digits` digits after the point: `2.5`, `4`. */
export function trimmed(value: number, digits: number, locale = viewer): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/**
 * `part` of `whole` in whole percent. A small part is `<1%` and a nearly whole one `>99%`: neither
 * is rounded to none or all.
 */
export function percent(part: number, whole: number, locale = viewer): string {
  if (whole === 0) {
    return NOTHING;
  }
  const share = part / whole;
  const format = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  if (share > 0 && share < 0.005) {
    return `<${format.format(0.01)}`;
  }
  if (share < 1 && share >= 0.995) {
    return `>${format.format(0.99)}`;
  }
  return format.format(share);
}

/** `part` for each of `whole`, with two digits: visits per share, say. */
export function rate(part: number, whole: number, locale = viewer): string {
  return whole === 0 ? NOTHING : decimal(part / whole, 2, locale);
}
