// In: what is selected. Out: how the fleet spreads, what its visitors leave, what slowness costs, and what it earns. Never: a
// figure of the fleet shown as one of the chosen site.

import type { Cohorts } from '../../api/growth.ts';
import { count } from '../../format/number.ts';
import { period } from '../../format/time.ts';
import { useGrowth } from '../../state/growth.ts';
import type { Shown } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { progressOf } from '../../state/useResource.ts';
import { growthText as text } from '../../text/growth.ts';
import { Frame, Question, type PageProps } from '../Frame.tsx';
import { CohortsPanel } from './CohortsPanel.tsx';
import { ChannelsPanel, FunnelPanel } from './FunnelPanel.tsx';
import { LeadsPanel } from './LeadsPanel.tsx';
import { PartnersPanel } from './PartnersPanel.tsx';
import { RevenuePanel } from './RevenuePanel.tsx';
import { SlowPanel } from './SlowPanel.tsx';
import { CyclePanel, TreePanel } from './TreePanel.tsx';

/** The owners who came in the period. */
function ownersOf(cohorts: Shown<Cohorts>): number | null {
  return cohorts.state === 'ready' ? cohorts.data.cohorts.reduce((sum, cohort) => sum + cohort.owners, 0) : null;
}

export function GrowthPage(page: PageProps) {
  const { selection, select, turns, scheme, session } = page;
  const growth = useGrowth(selection, turns.turn, may(session, 'analyst'));
  const { cohorts } = growth;
  const owners = ownersOf(cohorts);
  const answer =
    cohorts.state === 'ready' && owners !== null
      ? text.announce(period(cohorts.data.from, cohorts.data.to), count(owners), owners)
      : null;
  return (
    <Frame {...page} label={text.growth} progress={progressOf(growth)} answer={answer}>
      <div class="question">
        <Question span={cohorts.state === 'ready' ? cohorts.data : null} selection={selection}>
          <p class="summary-views">
            <span class="summary-number" data-testid="owners-total" data-value={owners ?? ''}>
              {owners === null ? '–' : count(owners)}
            </span>{' '}
            {text.newOwners(owners ?? 0)}
          </p>
        </Question>
        <p class="note">{text.wholeFleet}</p>
      </div>
      <CohortsPanel shown={cohorts} selection={selection} select={select} />
      <div class="pair pair-wide">
        <FunnelPanel shown={growth.funnel} />
        <ChannelsPanel shown={growth.channels} />
      </div>
      <div class="pair pair-growth">
        <TreePanel shown={growth.tree} />
        <CyclePanel shown={growth.cycle} />
      </div>
      <LeadsPanel shown={growth.leads} />
      <SlowPanel shown={growth.slow} selection={selection} select={select} />
      <RevenuePanel
        templates={growth.templates}
        channels={growth.revenueChannels}
        forecast={growth.forecast}
        scheme={scheme}
      />
      <PartnersPanel shown={growth.partners} />
    </Frame>
  );
}
