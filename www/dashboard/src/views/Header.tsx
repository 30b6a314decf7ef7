// In: the selection, the sites and how fresh the numbers are. Out: the bar at the top: pages, site, period,
// comparison, refreshing, theme and who is signed in. Never: numbers of unknown age.

import { RANGES } from '../api/types.ts';
import { clock } from '../format/time.ts';
import type { Select } from '../state/address.ts';
import { VIEWS, withSite, withView, type Selection, type View } from '../state/selection.ts';
import { THEMES, type Theme } from '../state/theme.ts';
import { EVERY_MS, type Turns } from '../state/turns.ts';
import type { Progress } from '../state/useResource.ts';
import { text } from '../text/en.ts';
import type { PageProps } from './Frame.tsx';
import { RangePicker } from './RangePicker.tsx';
import { SitePicker } from './SitePicker.tsx';
import { ViewLink } from './ViewLink.tsx';

interface Props extends PageProps {
  progress: Progress;
}

function Freshness({ progress, turns, byItself }: { progress: Progress; turns: Turns; byItself: boolean }) {
  const { loading, failed } = progress;
  // While something is on its way there is no one time that all numbers have.
  const oldest = loading ? null : progress.oldest;
  return (
    <div class="freshness">
      <p class="fine">
        <span data-testid="updated-at" data-value={oldest === null ? '' : new Date(oldest).toISOString()}>
          {oldest === null ? text.notYet : text.updatedAt(clock(oldest))}
        </span>
        {failed > 0 && (
          <span class="ink-poor" data-testid="failed-parts" data-value={failed}>
            {text.someFailed(failed)}
          </span>
        )}
      </p>
      {byItself && (
        <button
          type="button"
          class="button button-live"
          aria-pressed={turns.live}
          title={text.liveName(EVERY_MS / 1000)}
          data-testid="live"
          onClick={() => turns.setLive(!turns.live)}
        >
          <span class="live-dot" aria-hidden="true" />
          {text.live}
        </button>
      )}
      <button type="button" class="button" data-testid="refresh" onClick={turns.refresh}>
        {text.refresh}
      </button>
    </div>
  );
}

function ThemePicker({ theme, onTheme }: { theme: Theme; onTheme: (theme: Theme) => void }) {
  return (
    <label class="field">
      <span>{text.theme}</span>
      <select
        data-testid="theme"
        value={theme}
        onChange={(event) => onTheme(THEMES.find((name) => name === event.currentTarget.value) ?? 'system')}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {text.themes[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The product's mark: a pulse. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" />
      <path d="M5 21h5l3-10 5 14 4-9h5" />
    </svg>
  );
}

/** Whole days are counted in reports on growth. */
const DAILY = RANGES.filter((range) => range.endsWith('d'));

/** The pages of the dashboard, as links that keep the period, and the site where there is one. */
function ViewLinks({ selection, select }: { selection: Selection; select: Select }) {
  return (
    <nav class="views" aria-label={text.pagesOf}>
      {VIEWS.map((view) => (
        <ViewLink key={view} to={withView(selection, view)} select={select} testId={`view-${view}`} isCurrent={view === selection.view}>
          {text.viewNames[view]}
        </ViewLink>
      ))}
    </nav>
  );
}

/** Which pages are about a period, and which can be compared with the one before. */
const WITH_PERIOD: readonly View[] = ['overview', 'fleet', 'site', 'growth'];
const WITH_COMPARISON: readonly View[] = ['fleet', 'site'];

function Who({ session, desk, selection, select }: PageProps) {
  if (session.user === null) {
    return null;
  }
  return (
    <div class="who">
      <ViewLink to={{ ...withView(selection, 'settings'), tab: 'account' }} select={select} testId="who">
        {session.user.name}
      </ViewLink>
      <button type="button" class="button" data-testid="sign-out" onClick={() => void desk.leave()}>
        {text.signOut}
      </button>
    </div>
  );
}

export function Header({ progress, ...page }: Props) {
  const { selection, select, sites, wantSites, turns, theme, onTheme } = page;
  const { view } = selection;
  return (
    <header class="top">
      <div class="top-row">
        <p class="brand">
          <Mark />
          {text.product}
        </p>
        <ViewLinks selection={selection} select={select} />
        <Freshness progress={progress} turns={turns} byItself={WITH_PERIOD.includes(view)} />
        <ThemePicker theme={theme} onTheme={onTheme} />
        <Who {...page} />
      </div>
      {WITH_PERIOD.includes(view) && (
        <div class="top-row">
          <SitePicker
            sites={sites}
            onWant={wantSites}
            site={selection.site}
            onSite={(site) => select(withSite(selection, site))}
          />
          <RangePicker
            ranges={view === 'growth' ? DAILY : RANGES}
            period={selection.period}
            onPeriod={(period) => select({ ...selection, period })}
          />
          {WITH_COMPARISON.includes(view) && (
            <label class="check">
              <input
                type="checkbox"
                checked={selection.compare}
                data-testid="compare"
                onChange={(event) => select({ ...selection, compare: event.currentTarget.checked })}
              />
              {text.compare}
            </label>
          )}
        </div>
      )}
    </header>
  );
}
