// In: a period. Out: how the fleet does: what passes, what changed, how it spreads and earns, and whether all of that is
// measured. Never: a figure without what it is compared with.

import type { Summary } from '../../api/fleet.ts';
import { count } from '../../format/number.ts';
import { period } from '../../format/time.ts';
import { useHome } from '../../state/home.ts';
import type { Shown } from '../../state/resource.ts';
import { may } from '../../state/session.ts';
import { progressOf } from '../../state/useResource.ts';
import { text as all } from '../../text/en.ts';
import { homeText as text } from '../../text/home.ts';
import { Frame, Question, type PageProps } from '../Frame.tsx';
import { NoData } from '../vitals/NoData.tsx';
import { AlertsPanel } from './AlertsPanel.tsx';
import { BusinessPanel } from './BusinessPanel.tsx';
import { ChangesPanel } from './ChangesPanel.tsx';
import { HealthPanel } from './HealthPanel.tsx';
import { PassingPanel } from './PassingPanel.tsx';

function answerOf(summary: Shown<Summary>): string | null {
  if (summary.state !== 'ready') {
    return null;
  }
  const { from, to, views, sites_passing, sites_measured } = summary.data;
  return text.announce(period(from, to), count(views), views, count(sites_passing), count(sites_measured));
}

export function OverviewPage(page: PageProps) {
  const { selection, select, turns, session } = page;
  const home = useHome(selection, turns, may(session, 'analyst'));
  const { summary } = home;
  const ready = summary.state === 'ready' ? summary.data : null;
  const hasNoSites = ready !== null && ready.sites === 0;
  return (
    <Frame {...page} label={all.overview} progress={progressOf(home)} answer={answerOf(summary)}>
      <div class="question">
        <Question span={ready} selection={selection}>
          <p class="summary-views">
            <span class="summary-number" data-testid="views-total" data-value={ready?.views ?? ''}>
              {ready === null ? '–' : count(ready.views)}
            </span>{' '}
            {all.pageViews}
          </p>
        </Question>
      </div>
      {hasNoSites && <NoData hasSites={false} selection={selection} select={select} />}
      <AlertsPanel shown={home.alerts} select={select} />
      <PassingPanel shown={summary} selection={selection} select={select} />
      <div class="pair pair-wide">
        <ChangesPanel shown={home.changes} select={select} />
        <div class="stack">
          <BusinessPanel home={home} selection={selection} select={select} />
          <HealthPanel home={home} />
        </div>
      </div>
    </Frame>
  );
}
