// In: which part of the settings is chosen. Out: that part. Never: a form for somebody who may not send it.

import { useEffect } from 'preact/hooks';
import { zoneName } from '../../format/time.ts';
import { TABS, type Tab } from '../../state/selection.ts';
import { may } from '../../state/session.ts';
import { accessText as text } from '../../text/access.ts';
import { text as all } from '../../text/en.ts';
import { Frame, type PageProps } from '../Frame.tsx';
import { ViewLink } from '../ViewLink.tsx';
import { AccountTab } from './AccountTab.tsx';
import { AuditTab } from './AuditTab.tsx';
import { RetentionTab } from './RetentionTab.tsx';
import { SitesTab } from './SitesTab.tsx';
import { TokensTab } from './TokensTab.tsx';
import { UsersTab } from './UsersTab.tsx';
import '../../styles/settings.css';

/** Parts that need no special right. */
const FOR_ALL: readonly Tab[] = ['sites', 'retention', 'account'];

function Part(page: PageProps) {
  const { session, selection, sites } = page;
  const { tab } = selection;
  if (!FOR_ALL.includes(tab) && !may(session, 'admin')) {
    return <p class="nothing" data-testid="not-allowed">{text.needsAdmin(text.roles[session.user?.role ?? 'viewer'].toLowerCase())}</p>;
  }
  switch (tab) {
    case 'sites':
      return <SitesTab sites={sites} session={session} onChange={page.turns.refresh} />;
    case 'users':
      return <UsersTab session={session} />;
    case 'tokens':
      return <TokensTab />;
    case 'retention':
      return <RetentionTab />;
    case 'audit':
      return <AuditTab />;
    case 'account':
      return <AccountTab session={session} onSession={page.desk.begin} />;
  }
}

export function SettingsPage(page: PageProps) {
  const { selection, select, sites, wantSites } = page;
  useEffect(wantSites, [wantSites]);
  const failed = sites.state === 'failed' ? 1 : 0;
  const progress = { loading: sites.state === 'loading', failed, oldest: sites.state === 'ready' ? sites.at : null };
  return (
    <Frame {...page} label={text.settings} progress={progress} answer={text.tabs[selection.tab]}>
      <div>
        <h1>{text.settings}</h1>
        <p class="note">{all.timesIn(zoneName())}</p>
      </div>
      <nav class="tabs" aria-label={text.parts}>
        {TABS.map((tab) => (
          <ViewLink key={tab} to={{ ...selection, tab }} select={select} testId={`tab-${tab}`} isCurrent={tab === selection.tab}>
            {text.tabs[tab]}
          </ViewLink>
        ))}
      </nav>
      <Part key={selection.tab} {...page} />
    </Frame>
  );
}
