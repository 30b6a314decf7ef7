// In: what is selected. Out: what visitors experienced. Never: panels of a selection without page views.

import { useEffect } from 'preact/hooks';
import { addressesOf } from '../../api/addresses.ts';
import type { Vitals } from '../../api/types.ts';
import { count } from '../../format/number.ts';
import { period } from '../../format/time.ts';
import type { Select } from '../../state/address.ts';
import type { Shown } from '../../state/resource.ts';
import type { Selection } from '../../state/selection.ts';
import type { Scheme } from '../../state/theme.ts';
import { progressOf } from '../../state/useResource.ts';
import { useExperience, type Experience } from '../../state/vitals.ts';
import { text } from '../../text/en.ts';
import { Filters } from '../Filters.tsx';
import { Frame, Question, type PageProps } from '../Frame.tsx';
import { ActivityPanel } from './ActivityPanel.tsx';
import { BreakdownPanel } from './BreakdownPanel.tsx';
import { CausesPanel } from './CausesPanel.tsx';
import { NoData } from './NoData.tsx';
import { PagesPanel } from './PagesPanel.tsx';
import { LinksPanel, SharesPanel } from './SharesPanel.tsx';
import { TrendPanel } from './TrendPanel.tsx';
import { TroublesPanel } from './TroublesPanel.tsx';
import { VitalsPanel } from './VitalsPanel.tsx';

/** The number everything else is measured against, with its period and zone. */
function Summary({ vitals, selection }: { vitals: Shown<Vitals>; selection: Selection }) {
  const ready = vitals.state === 'ready' ? vitals.data : null;
  return (
    <Question span={ready} selection={selection}>
      <p class="summary-views">
        <span class="summary-number" data-testid="views-total" data-value={ready?.views ?? ''}>
          {ready === null ? '–' : count(ready.views)}
        </span>{' '}
        {text.pageViews}
      </p>
    </Question>
  );
}

interface PanelsProps {
  experience: Experience;
  selection: Selection;
  select: Select;
  scheme: Scheme;
}

function Panels({ experience, selection, select, scheme }: PanelsProps) {
  const { vitals, series, builds, breakdown, pages, causes, shares, activity } = experience;
  const { metric } = selection;
  const onMetric = (next: typeof metric): void => select({ ...selection, metric: next });
  return (
    <>
      <VitalsPanel shown={vitals} metric={metric} onMetric={onMetric} />
      <div class="pair pair-wide">
        <TrendPanel shown={series} vitals={vitals} builds={builds} metric={metric} scheme={scheme} onMetric={onMetric} />
        <CausesPanel shown={causes} metric={metric} selection={selection} onMetric={onMetric} />
      </div>
      <BreakdownPanel address={addressesOf(selection).breakdown} shown={breakdown} selection={selection} select={select} />
      <PagesPanel shown={pages} metric={metric} selection={selection} select={select} />
      <TroublesPanel shown={activity} />
      <div class="pair pair-even">
        <SharesPanel shown={shares} />
        <LinksPanel shown={shares} allSites={selection.site === null} />
      </div>
      <ActivityPanel shown={activity} />
    </>
  );
}

/** What is said of the answer. */
function answerOf({ vitals }: Experience): string | null {
  if (vitals.state !== 'ready') {
    return null;
  }
  const { site, from, to, views } = vitals.data;
  return text.announce(site ?? text.allSites, period(from, to), count(views), views);
}

export function VitalsPage(page: PageProps) {
  const { selection, select, turns, scheme, sites, wantSites } = page;
  const experience = useExperience(selection, turns.turn);
  const { vitals } = experience;
  const isEmpty = vitals.state === 'ready' && vitals.data.views === 0;
  useEffect(() => void (isEmpty && wantSites()), [isEmpty, wantSites]);
  const hasSites = sites.state !== 'ready' || sites.data.sites.length > 0;
  return (
    <Frame {...page} label={text.vitals} progress={progressOf(experience)} answer={answerOf(experience)}>
      <div class="question">
        <Summary vitals={vitals} selection={selection} />
        <Filters dimensions={experience.dimensions} selection={selection} select={select} />
      </div>
      {isEmpty ? (
        <NoData hasSites={hasSites} selection={selection} select={select} />
      ) : (
        <Panels experience={experience} selection={selection} select={select} scheme={scheme} />
      )}
    </Frame>
  );
}
