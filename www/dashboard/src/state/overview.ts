// In: a selection and a counter of refreshes. Out: what each panel of the overview shows. Never: a
// request for a selection that is no longer the one shown.

import { addressesOf } from '../api/addresses.ts';
import type { Activity, Dimensions, Pages, Series, Shares, Sites, Vitals } from '../api/types.ts';
import type { Shown } from './resource.ts';
import type { Selection } from './selection.ts';
import { useResource } from './useResource.ts';

/** Everything the overview shows. */
export interface Overview {
  sites: Shown<Sites>;
  dimensions: Shown<Dimensions>;
  vitals: Shown<Vitals>;
  series: Shown<Series>;
  pages: Shown<Pages>;
  shares: Shown<Shares>;
  activity: Shown<Activity>;
}

/** Loads the overview of a selection, and again whenever `turn` grows. */
export function useOverview(selection: Selection, turn: number): Overview {
  const addresses = addressesOf(selection);
  return {
    sites: useResource(addresses.sites, turn),
    dimensions: useResource(addresses.dimensions, turn),
    vitals: useResource(addresses.vitals, turn),
    series: useResource(addresses.series, turn),
    pages: useResource(addresses.pages, turn),
    shares: useResource(addresses.shares, turn),
    activity: useResource(addresses.activity, turn),
  };
}
