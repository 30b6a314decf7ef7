// In: the address. Out: the overview of what it selects. Never: a change that a screen reader is not
// told of, or told of each ten seconds.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Vitals } from '../api/types.ts';
import { count } from '../format/number.ts';
import { period, zoneName } from '../format/time.ts';
import { useSelection, type Select } from '../state/address.ts';
import { progressOf, useOverview, type Overview, type Progress } from '../state/overview.ts';
import type { Shown } from '../state/resource.ts';
import { search, type Selection } from '../state/selection.ts';
import { useTheme, type Scheme } from '../state/theme.ts';
import { useTurns } from '../state/turns.ts';
import { text } from '../text/en.ts';
import { ActivityPanel } from './ActivityPanel.tsx';
import { Filters } from './Filters.tsx';
import { Header } from './Header.tsx';
import { NoData } from './NoData.tsx';
import { PagesPanel } from './PagesPanel.tsx';
import { LinksPanel, SharesPanel } from './SharesPanel.tsx';
import { TrendPanel } from './TrendPanel.tsx';
import { VitalsPanel } from './VitalsPanel.tsx';

/** What is said once a new selection or a refresh by hand has been answered. */
function useAnnouncement(question: string, overview: Overview, progress: Progress): string {
  const [said, setSaid] = useState('');
  const answered = useRef('');
  useEffect(() => {
    if (progress.loading || answered.current === question) {
      return;
    }
    answered.current = question;
    const { vitals } = overview;
    if (progress.failed > 0 || vitals.state !== 'ready') {
      setSaid(text.announceFailed(progress.failed));
      return;
    }
    const { site, from, to, views } = vitals.data;
    setSaid(text.announce(site ?? text.allSites, period(from, to), count(views), views));
  });
  return said;
}

/** The number everything else is measured against, with its period and zone. */
function Summary({ vitals, selection }: { vitals: Shown<Vitals>; selection: Selection }) {
  const ready = vitals.state === 'ready' ? vitals.data : null;
  const name = selection.period.kind === 'range' ? text.rangeNames[selection.period.range] : text.chosenPeriod;
  return (
    <div class="summary">
      <h1>{selection.site ?? text.allSites}</h1>
      <p class="summary-views">
        <span class="summary-number" data-testid="views-total" data-value={ready?.views ?? ''}>
          {ready === null ? '–' : count(ready.views)}
        </span>{' '}
        {text.pageViews}
      </p>
      <p class="note" data-testid="period" data-from={ready?.from ?? ''} data-to={ready?.to ?? ''}>
        {name}
        {ready !== null && `: ${period(ready.from, ready.to)}`}
        <br />
        {text.timesIn(zoneName())}
      </p>
    </div>
  );
}

interface PanelsProps {
  overview: Overview;
  selection: Selection;
  select: Select;
  scheme: Scheme;
}

function Panels({ overview, selection, select, scheme }: PanelsProps) {
  const { vitals, series, pages, shares, activity } = overview;
  const { metric } = selection;
  const onMetric = (next: typeof metric): void => select({ ...selection, metric: next });
  return (
    <>
      <VitalsPanel shown={vitals} metric={metric} onMetric={onMetric} />
      <div class="pair pair-wide">
        <TrendPanel shown={series} vitals={vitals} metric={metric} scheme={scheme} onMetric={onMetric} />
        <PagesPanel shown={pages} metric={metric} selection={selection} select={select} />
      </div>
      <div class="pair pair-even">
        <SharesPanel shown={shares} />
        <LinksPanel shown={shares} allSites={selection.site === null} />
      </div>
      <ActivityPanel shown={activity} />
    </>
  );
}

export function App() {
  const [selection, select] = useSelection();
  const { theme, scheme, choose } = useTheme();
  const turns = useTurns();
  const overview = useOverview(selection, turns.turn);
  const progress = progressOf(overview);
  const said = useAnnouncement(`${search(selection)} ${turns.manual}`, overview, progress);
  const { vitals, sites } = overview;
  useEffect(() => {
    document.title = text.title(selection.site ?? text.allSites);
  }, [selection.site]);
  const isEmpty = vitals.state === 'ready' && vitals.data.views === 0;
  const hasSites = sites.state !== 'ready' || sites.data.sites.length > 0;
  return (
    <>
      <a class="skip" href="#numbers">
        {text.skip}
      </a>
      <Header
        selection={selection}
        select={select}
        sites={sites}
        progress={progress}
        turns={turns}
        theme={theme}
        onTheme={choose}
      />
      <main id="numbers" tabIndex={-1} aria-label={text.overview}>
        <div class="question">
          <Summary vitals={vitals} selection={selection} />
          <Filters dimensions={overview.dimensions} selection={selection} select={select} />
        </div>
        {isEmpty ? (
          <NoData hasSites={hasSites} selection={selection} select={select} />
        ) : (
          <Panels overview={overview} selection={selection} select={select} scheme={scheme} />
        )}
      </main>
      <footer class="foot">
        <p>{text.footer}</p>
      </footer>
      <p class="unseen" role="status" aria-live="polite" data-testid="announcer">
        {said}
      </p>
    </>
  );
}
