// In: times in RFC 3339. Out: text in the viewer's locale and time zone, or in UTC for UTC days.
// Never: a UTC day named after another day because the viewer is west of Greenwich.

import type { Step } from '../api/types.ts';
import { decimal } from './number.ts';

const HOUR_MS = 3_600_000;
const viewer: string | undefined = typeof navigator === 'undefined' ? undefined : navigator.language;

/** Where times are shown. Without `zone` it is the viewer's. */
export interface Place {
  locale?: string | undefined;
  zone?: string | undefined;
}

function formatter(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(place.locale ?? viewer, {
    ...options,
    ...(place.zone === undefined ? {} : { timeZone: place.zone }),
  });
}

/** The viewer's time zone, such as `Europe/Berlin`. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const MINUTE: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
};

/** A date with its time, to the minute. */
export function dateTime(time: string, place: Place = {}): string {
  return formatter(place, MINUTE).format(new Date(time));
}

/** A period: `22 Nov 2026, 14:00 – 23 Nov 2026, 14:00`, with what both ends share said once. */
export function period(from: string, to: string, place: Place = {}): string {
  return formatter(place, MINUTE).formatRange(new Date(from), new Date(to));
}

/** A time of day to the second, from ms since 1970. */
export function clock(timeMs: number, place: Place = {}): string {
  return formatter(place, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(timeMs);
}

/** One step of a series: an hour in the viewer's zone, or a UTC day, or the first one of a week. It ends at `to` at the latest. */
export function stepName(start: string, step: Step, to: string, place: Place = {}): string {
  if (step !== 'hour') {
    const day = formatter({ ...place, zone: 'UTC' }, { year: 'numeric', month: 'short', day: 'numeric' });
    return `${day.format(new Date(start))} (UTC)`;
  }
  const end = Math.min(new Date(start).getTime() + HOUR_MS, new Date(to).getTime());
  return formatter(place, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }).formatRange(
    new Date(start),
    new Date(end),
  );
}

/** The mark of a time axis, from s since 1970: a time, or a date at midnight and for days. */
export function axisName(timeS: number, step: Step, place: Place = {}): string {
  const at = new Date(timeS * 1000);
  const here = step !== 'hour' ? { ...place, zone: 'UTC' } : place;
  const time = formatter(here, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  const isDate = step !== 'hour' || time === '00:00';
  const options: Intl.DateTimeFormatOptions = isDate
    ? { month: 'short', day: 'numeric' }
    : { hour: '2-digit', minute: '2-digit' };
  return formatter(here, options).format(at);
}

/** The value of a `datetime-local` field for a time, in the viewer's zone. */
export function fieldValue(time: string): string {
  const at = new Date(time);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A day of UTC, from its start: `12 Oct 2026`. */
export function dayName(start: string, place: Place = {}): string {
  return formatter({ ...place, zone: 'UTC' }, { year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(start));
}

/** How long something took: `3.4 d` from one day on, else `5.0 h`. */
export function duration(ms: number, locale = viewer): string {
  const days = ms / (24 * HOUR_MS);
  return days >= 1 ? `${decimal(days, 1, locale)}\u00a0d` : `${decimal(ms / HOUR_MS, 1, locale)}\u00a0h`;
}
