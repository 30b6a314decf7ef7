// In: what the viewer selected. Out: the addresses that answer it. Never: two spellings of one
// question (the address is also the key under which an answer is kept).

import { FILTERS, type Metric } from './types.ts';
import type { Period, Selection } from '../state/selection.ts';

/** One address per panel's data. */
export interface Addresses {
  sites: string;
  dimensions: string;
  vitals: string;
  series: string;
  pages: string;
  shares: string;
  activity: string;
}

/** Rows asked for in tables. */
const ROWS = 20;

function periodOf(period: Period): [string, string][] {
  return period.kind === 'range'
    ? [['range', period.range]]
    : [
        ['from', period.from],
        ['to', period.to],
      ];
}

function address(name: string, parameters: [string, string][]): string {
  return `/api/v1/${name}?${new URLSearchParams(parameters).toString()}`;
}

/**
 * The addresses for a selection. Sites are asked for with the period only, and dimensions with the
 * period and the site, so that their pickers always offer every choice.
 */
export function addressesOf(selection: Selection): Addresses {
  const period = periodOf(selection.period);
  const site: [string, string][] = selection.site === null ? [] : [['site', selection.site]];
  const filters = FILTERS.flatMap((filter): [string, string][] => {
    const value = selection.filters[filter];
    return value === undefined ? [] : [[filter, value]];
  });
  const all = [...site, ...period, ...filters];
  const metric: [string, Metric] = ['metric', selection.metric];
  return {
    sites: address('sites', period),
    dimensions: address('dimensions', [...site, ...period]),
    vitals: address('vitals', all),
    series: address('series', [...all, metric]),
    pages: address('pages', [...all, metric, ['limit', String(ROWS)]]),
    shares: address('shares', [...all, ['limit', String(ROWS)]]),
    activity: address('activity', all),
  };
}
