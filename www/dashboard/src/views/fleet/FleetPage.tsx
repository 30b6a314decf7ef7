// In: what is selected. Out: every site, its cohorts, and those worth fixing. Never: a part of the fleet shown as all
// of it.

import { fleetAddressesOf } from '../../api/addresses.ts';
import { count } from '../../format/number.ts';
import { period } from '../../format/time.ts';
import { useFleet } from '../../state/fleet.ts';
import { progressOf } from '../../state/useResource.ts';
import { fleetText as text } from '../../text/fleet.ts';
import { Filters } from '../Filters.tsx';
import { Frame, Question, type PageProps } from '../Frame.tsx';
import { CohortsPanel } from './CohortsPanel.tsx';
import { SitesPanel } from './SitesPanel.tsx';
import { WorthPanel } from './WorthPanel.tsx';
import '../../styles/fleet.css';

export function FleetPage(page: PageProps) {
  const { selection, select, turns } = page;
  const addresses = fleetAddressesOf(selection);
  const fleet = useFleet(selection, turns);
  const { sites } = fleet;
  const ready = sites.state === 'ready' ? sites.data : null;
  const answer = ready === null ? null : text.announce(period(ready.from, ready.to), count(ready.total), ready.total);
  return (
    <Frame {...page} label={text.fleet} progress={progressOf(fleet)} answer={answer}>
      <div class="question">
        <Question span={ready} selection={selection} title={text.fleet}>
          <p class="summary-views">
            <span class="summary-number" data-testid="sites-total" data-value={ready?.total ?? ''}>
              {ready === null ? '–' : count(ready.total)}
            </span>{' '}
            {text.sitesCount(ready?.total ?? 0)}
          </p>
        </Question>
        <Filters dimensions={fleet.dimensions} selection={selection} select={select} without={['page']} />
      </div>
      <SitesPanel address={addresses.sites} shown={sites} selection={selection} select={select} />
      <WorthPanel shown={fleet.busiest} metric={selection.metric} selection={selection} select={select} />
      <CohortsPanel address={addresses.cohorts} shown={fleet.cohorts} selection={selection} select={select} />
    </Frame>
  );
}
