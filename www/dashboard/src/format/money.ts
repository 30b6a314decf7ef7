// In: whole amounts of a currency's smallest unit. Out: text in the viewer's locale. Never: an amount that went
// through a float, or one without its currency.

import type { Currency } from '../api/money.ts';

const viewer: string | undefined = typeof navigator === 'undefined' ? undefined : navigator.language;

/** The amount as a decimal number, exactly: 2905 with two decimals is `29.05`. */
export function exact(minor: number, exponent: number): string {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const sign = minor < 0 ? '-' : '';
  return exponent === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-exponent)}`;
}

/** An amount with its currency; in smallest units if nobody knows how many decimals it has. */
export function amount(minor: number, { currency, exponent }: Currency, locale = viewer): string {
  if (exponent === null) {
    return `${new Intl.NumberFormat(locale).format(minor)}\u00a0${currency} (minor units)`;
  }
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  // A text is formatted digit by digit, however many it has.
  return format.format(exact(minor, exponent) as Intl.StringNumericLiteral);
}
