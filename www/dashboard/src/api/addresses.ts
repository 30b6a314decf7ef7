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

/** One address per panel of the growth page. */
export interface GrowthAddresses {
  sites: string;
  cohorts: string;
  funnel: string;
  channels: string;
  tree: string;
  cycle: string;
  leads: string;
  slow: string;
  templates: string;
  revenueChannels: string;
  forecast: string;
  partners: string;
}

function periodOf(period: Period): [string, string][] {
  return period.kind === 'range'
    ? [['range', period.range]]
    : [
        ['from', period.from],
        ['to', period.to],
      ];
}

function address(name: string, parameters: [string, string][]): string {
  const query = new URLSearchParams(parameters).toString();
  return `/api/v1/${name}${query === '' ? '' : `?${query}`}`;
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

/**
 * The addresses for the growth of a selection. Owners and shares are those of the whole fleet; leads,
 * what slowness costs and revenue may be asked for one site. Pages and devices apply to none of it.
 */
export function growthAddressesOf(selection: Selection): GrowthAddresses {
  const period = periodOf(selection.period);
  const site: [string, string][] = selection.site === null ? [] : [['site', selection.site]];
  return {
    sites: address('sites', period),
    cohorts: address('growth/cohorts', [...period, ['step', selection.step]]),
    funnel: address('growth/funnel', period),
    channels: address('growth/funnel', [...period, ['by', 'channel']]),
    tree: address('growth/tree', period),
    cycle: address('growth/cycle', period),
    leads: address('growth/leads', [...site, ...period]),
    slow: address('growth/slow', [...site, ...period, ['metric', selection.metric], ['outcome', selection.outcome]]),
    templates: address('money/revenue', [...site, ...period, ['by', 'template']]),
    revenueChannels: address('money/revenue', [...site, ...period, ['by', 'channel']]),
    forecast: address('money/forecast', []),
    partners: address('money/partners', [['limit', String(ROWS)]]),
  };
}
