// In: a selection and a counter of refreshes. Out: what each panel of the page on vitals shows. Never: a
// request for a selection that is no longer the one shown.

import { addressesOf } from '../api/addresses.ts';
import type { Breakdown, Builds, Causes } from '../api/fleet.ts';
import type { Activity, Dimensions, Pages, Series, Shares, Vitals } from '../api/types.ts';
import type { Shown } from './resource.ts';
import type { Selection } from './selection.ts';
import { useResource } from './useResource.ts';

/** Everything the page on vitals shows. */
export interface Experience {
  dimensions: Shown<Dimensions>;
  vitals: Shown<Vitals>;
  series: Shown<Series>;
  builds: Shown<Builds>;
  breakdown: Shown<Breakdown>;
  pages: Shown<Pages>;
  causes: Shown<Causes>;
  shares: Shown<Shares>;
  activity: Shown<Activity>;
}

/** Loads the vitals of a selection, and again whenever `turn` grows. */
export function useExperience(selection: Selection, turn: number): Experience {
  const addresses = addressesOf(selection);
  return {
    dimensions: useResource(addresses.dimensions, turn),
    vitals: useResource(addresses.vitals, turn),
    series: useResource(addresses.series, turn),
    builds: useResource(addresses.builds, turn),
    breakdown: useResource(addresses.breakdown, turn),
    pages: useResource(addresses.pages, turn),
    causes: useResource(addresses.causes, turn),
    shares: useResource(addresses.shares, turn),
    activity: useResource(addresses.activity, turn),
  };
}
