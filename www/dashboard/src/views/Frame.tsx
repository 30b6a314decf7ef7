// In: a page's content, how far it is, and what was said. Out: the bar at the top, the content and the foot
// around it. Never: a change that a screen reader is not told of, or told of each ten seconds.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../api/admin.ts';
import type { Sites } from '../api/types.ts';
import { period, zoneName } from '../format/time.ts';
import type { Select } from '../state/address.ts';
import type { Shown } from '../state/resource.ts';
import { search, type Selection } from '../state/selection.ts';
import type { SessionDesk } from '../state/session.ts';
import type { Scheme, Theme } from '../state/theme.ts';
import type { Turns } from '../state/turns.ts';
import type { Progress } from '../state/useResource.ts';
import { text } from '../text/en.ts';
import { Header } from './Header.tsx';

/** What every page is handed. */
export interface PageProps {
  selection: Selection;
  select: Select;
  /** The sites to choose from. Loaded once somebody wants them: a large fleet's list is long. */
  sites: Shown<Sites>;
  wantSites: () => void;
  turns: Turns;
  theme: Theme;
  scheme: Scheme;
  onTheme: (theme: Theme) => void;
  session: Session;
  desk: SessionDesk;
}

/** What is said once a new selection or a refresh by hand has been answered; null if it failed. */
function useAnnouncement(question: string, progress: Progress, answer: string | null): string {
  const [said, setSaid] = useState('');
  const answered = useRef('');
  useEffect(() => {
    if (progress.loading || answered.current === question) {
      return;
    }
    answered.current = question;
    setSaid(progress.failed > 0 || answer === null ? text.announceFailed(progress.failed) : answer);
  });
  return said;
}

interface QuestionProps {
  span: { from: string; to: string } | null;
  selection: Selection;
  /** What stands above; the site or the fleet if absent. */
  title?: string;
  children?: ComponentChildren;
}

/** What a page is about: the site or the fleet, and the period that was counted. */
export function Question({ span, selection, title, children }: QuestionProps) {
  const name = selection.period.kind === 'range' ? text.rangeNames[selection.period.range] : text.chosenPeriod;
  return (
    <div class="summary">
      <h1>{title ?? selection.site ?? text.allSites}</h1>
      {children}
      <p class="note" data-testid="period" data-from={span?.from ?? ''} data-to={span?.to ?? ''}>
        {name}
        {span !== null && `: ${period(span.from, span.to)}`}
        <br />
        {text.timesIn(zoneName())}
      </p>
    </div>
  );
}

interface Props extends PageProps {
  label: string;
  progress: Progress;
  /** What is said of the answer; null if there is none. */
  answer: string | null;
  children: ComponentChildren;
}

export function Frame({ label, progress, answer, children, ...page }: Props) {
  const { selection, turns } = page;
  const said = useAnnouncement(`${search(selection)} ${turns.manual}`, progress, answer);
  useEffect(() => {
    document.title = text.title(selection.site === null ? label : `${label}, ${selection.site}`);
  }, [selection.site, label]);
  return (
    <>
      <a class="skip" href="#numbers">
        {text.skip}
      </a>
      <Header {...page} progress={progress} />
      <main id="numbers" tabIndex={-1} aria-label={label}>
        {children}
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
