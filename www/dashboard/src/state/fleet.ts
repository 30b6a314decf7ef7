// In: a selection and a counter of refreshes. Out: what each panel of the page on the fleet shows. Never: the same
// sites asked for twice.

import { fleetAddressesOf } from '../api/addresses.ts';
import type { Breakdown, FleetSites } from '../api/fleet.ts';
import type { Dimensions } from '../api/types.ts';
import type { Shown } from './resource.ts';
import type { Selection } from './selection.ts';
import type { Turns } from './turns.ts';
import { useResource } from './useResource.ts';

export interface Fleet {
  dimensions: Shown<Dimensions>;
  sites: Shown<FleetSites>;
  busiest: Shown<FleetSites>;
  cohorts: Shown<Breakdown>;
}

/**
 * Loads the fleet of a selection. Its long answers come anew by hand only: rows that move while somebody reads them
 * are of no use.
 */
export function useFleet(selection: Selection, { turn, manual }: Turns): Fleet {
  const addresses = fleetAddressesOf(selection);
  const sites = useResource<FleetSites>(addresses.sites, manual);
  const others = useResource<FleetSites>(addresses.sites === addresses.busiest ? null : addresses.busiest, manual);
  return {
    dimensions: useResource(addresses.dimensions, turn),
    sites,
    busiest: addresses.sites === addresses.busiest ? sites : others,
    cohorts: useResource(addresses.cohorts, turn),
  };
}
