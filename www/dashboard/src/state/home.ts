// In: a selection and a counter of refreshes. Out: what each panel of the overview shows. Never: figures of
// growth asked for each ten seconds: they are of whole days.

import { homeAddressesOf } from '../api/addresses.ts';
import type { Alerts, Changes, Ready, Summary } from '../api/fleet.ts';
import type { Cohorts, Funnel, Leads } from '../api/growth.ts';
import type { Revenue } from '../api/money.ts';
import type { Activity } from '../api/types.ts';
import type { Shown } from './resource.ts';
import type { Selection } from './selection.ts';
import type { Turns } from './turns.ts';
import { useForAnalysts, useResource } from './useResource.ts';

/** Everything the overview shows. */
export interface Home {
  summary: Shown<Summary>;
  changes: Shown<Changes>;
  alerts: Shown<Alerts>;
  activity: Shown<Activity>;
  ready: Shown<Ready>;
  cohorts: Shown<Cohorts>;
  funnel: Shown<Funnel>;
  funnelBefore: Shown<Funnel>;
  leads: Shown<Leads>;
  leadsBefore: Shown<Leads>;
  revenue: Shown<Revenue>;
  revenueBefore: Shown<Revenue>;
}

/** Loads the overview, and again whenever the turns say so. */
export function useHome(selection: Selection, { turn, manual }: Turns, isAnalyst: boolean): Home {
  const addresses = homeAddressesOf(selection, Date.now());
  return {
    summary: useResource(addresses.summary, turn),
    changes: useResource(addresses.changes, turn),
    alerts: useResource(addresses.alerts, turn),
    activity: useResource(addresses.activity, turn),
    ready: useResource(addresses.ready, turn),
    cohorts: useResource(addresses.cohorts, manual),
    funnel: useResource(addresses.funnel, manual),
    funnelBefore: useResource(addresses.funnelBefore, manual),
    leads: useForAnalysts(isAnalyst, addresses.leads, manual),
    leadsBefore: useForAnalysts(isAnalyst, addresses.leadsBefore, manual),
    revenue: useForAnalysts(isAnalyst, addresses.revenue, manual),
    revenueBefore: useForAnalysts(isAnalyst, addresses.revenueBefore, manual),
  };
}
