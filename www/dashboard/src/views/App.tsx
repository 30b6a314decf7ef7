// In: the address and the session. Out: the page that the address selects, or the way in. Never: requests of a page
// that is not shown, or numbers before it is known whether they may be seen.

import type { VNode } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { sitesAddress } from '../api/addresses.ts';
import type { Session } from '../api/admin.ts';
import type { Sites } from '../api/types.ts';
import { useSelection } from '../state/address.ts';
import { parse, type View } from '../state/selection.ts';
import { useSession, type SessionDesk } from '../state/session.ts';
import { useTheme } from '../state/theme.ts';
import { useTurns } from '../state/turns.ts';
import { useResource } from '../state/useResource.ts';
import { text } from '../text/en.ts';
import type { EntryProps } from './access/EntryPage.tsx';
import type { PageProps } from './Frame.tsx';
import { lazy, useLazy, type Lazy } from './lazy.ts';
import { FailureText } from './Panel.tsx';

const PAGES: Record<View, Lazy<PageProps>> = {
  overview: lazy(async () => (await import('./home/OverviewPage.tsx')).OverviewPage),
  fleet: lazy(async () => (await import('./fleet/FleetPage.tsx')).FleetPage),
  site: lazy(async () => (await import('./vitals/VitalsPage.tsx')).VitalsPage),
  growth: lazy(async () => (await import('./growth/GrowthPage.tsx')).GrowthPage),
  live: lazy(async () => (await import('./live/LivePage.tsx')).LivePage),
  settings: lazy(async () => (await import('./settings/SettingsPage.tsx')).SettingsPage),
};
const ENTRY: Lazy<EntryProps> = lazy(async () => (await import('./access/EntryPage.tsx')).EntryPage);

const again = (): void => location.reload();

function Notice({ children, onAgain }: { children: preact.ComponentChildren; onAgain: () => void }) {
  return (
    <main class="entry">
      <div class="notice notice-failed" data-testid="failure">
        <strong>{text.failedTitle}</strong>
        <p>{children}</p>
        <button type="button" class="button" onClick={onAgain}>
          {text.tryAgain}
        </button>
      </div>
    </main>
  );
}

const Waiting = () => (
  <main class="entry">
    <p class="skeleton">{text.loading}</p>
  </main>
);

/** The pages. The one before stays until the next one's code is there. */
function Pages({ session, desk }: { session: Session; desk: SessionDesk }) {
  const [selection, select] = useSelection();
  const { theme, scheme, choose } = useTheme();
  const turns = useTurns();
  const [isWanted, setWanted] = useState(false);
  const wantSites = useCallback(() => setWanted(true), []);
  const sites = useResource<Sites>(isWanted ? sitesAddress(selection) : null, turns.manual);
  const { Page, failed } = useLazy(PAGES[selection.view]);
  const last = useRef<VNode | null>(null);
  if (failed) {
    return <Notice onAgain={again}>{text.codeFailed}</Notice>;
  }
  if (Page !== null) {
    const page = { selection, select, sites, wantSites, turns, theme, scheme, onTheme: choose, session, desk };
    last.current = <Page key={selection.view} {...page} />;
  }
  return last.current ?? <Waiting />;
}

function Entry({ session, desk }: { session: Session; desk: SessionDesk }) {
  useTheme();
  const { Page, failed } = useLazy(ENTRY);
  if (failed) {
    return <Notice onAgain={again}>{text.codeFailed}</Notice>;
  }
  return Page === null ? <Waiting /> : <Page setup={session.setup} oidc={session.oidc} onSession={desk.begin} />;
}

/** Loads the code of the page that the address selects while it is asked who is signed in. */
function useEarly(): void {
  useEffect(() => {
    // If it fails, the page says so once it is to be shown.
    PAGES[parse(location.search).view].load().catch(() => undefined);
  }, []);
}

export function App() {
  const desk = useSession();
  useEarly();
  const { shown } = desk;
  if (shown.state === 'loading') {
    return <Waiting />;
  }
  if (shown.state === 'failed') {
    return (
      <Notice onAgain={desk.again}>
        <FailureText failure={shown.failure} />
      </Notice>
    );
  }
  const { session } = shown;
  const isOut = session.login === 'required' && session.user === null;
  return isOut ? <Entry session={session} desk={desk} /> : <Pages session={session} desk={desk} />;
}
