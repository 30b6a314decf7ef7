// In: a selection and a counter of refreshes. Out: what each panel of the growth page shows. Never: a
// request for a selection that is no longer the one shown.

import { growthAddressesOf } from '../api/addresses.ts';
import type { Cohorts, Cycle, Funnel, Leads, Slow, Tree } from '../api/growth.ts';
import type { Forecast, Partners, Revenue } from '../api/money.ts';
import type { Shown } from './resource.ts';
import type { Selection } from './selection.ts';
import { useForAnalysts, useResource } from './useResource.ts';

/** Everything the growth page shows. */
export interface Growth {
  cohorts: Shown<Cohorts>;
  funnel: Shown<Funnel>;
  channels: Shown<Funnel>;
  tree: Shown<Tree>;
  cycle: Shown<Cycle>;
  leads: Shown<Leads>;
  slow: Shown<Slow>;
  templates: Shown<Revenue>;
  revenueChannels: Shown<Revenue>;
  forecast: Shown<Forecast>;
  partners: Shown<Partners>;
}

/** Loads the growth of a selection, and again whenever `turn` grows. */
export function useGrowth(selection: Selection, turn: number, isAnalyst: boolean): Growth {
  const addresses = growthAddressesOf(selection);
  return {
    cohorts: useResource(addresses.cohorts, turn),
    funnel: useResource(addresses.funnel, turn),
    channels: useResource(addresses.channels, turn),
    tree: useResource(addresses.tree, turn),
    cycle: useResource(addresses.cycle, turn),
    leads: useForAnalysts(isAnalyst, addresses.leads, turn),
    slow: useResource(addresses.slow, turn),
    templates: useForAnalysts(isAnalyst, addresses.templates, turn),
    revenueChannels: useForAnalysts(isAnalyst, addresses.revenueChannels, turn),
    forecast: useForAnalysts(isAnalyst, addresses.forecast, turn),
    partners: useForAnalysts(isAnalyst, addresses.partners, turn),
  };
}
