// In: the selection, the sites and how fresh the numbers are. Out: the bar at the top: site, period,
// refreshing and theme. Never: numbers of unknown age.

import { RANGES, type Sites } from '../api/types.ts';
import { clock } from '../format/time.ts';
import { isPlainClick, type Select } from '../state/address.ts';
import type { Shown } from '../state/resource.ts';
import { search, VIEWS, withSite, withView, type Selection } from '../state/selection.ts';
import { THEMES, type Theme } from '../state/theme.ts';
import { EVERY_MS, type Turns } from '../state/turns.ts';
import type { Progress } from '../state/useResource.ts';
import { text } from '../text/en.ts';
import { RangePicker } from './RangePicker.tsx';
import { SitePicker } from './SitePicker.tsx';

interface Props {
  selection: Selection;
  select: Select;
  sites: Shown<Sites>;
  progress: Progress;
  turns: Turns;
  theme: Theme;
  onTheme: (theme: Theme) => void;
}

function Freshness({ progress, turns }: { progress: Progress; turns: Turns }) {
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
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" />
      <path d="M5 21h5l3-10 5 14 4-9h5" />
    </svg>
  );
}

/** Whole days are counted in reports on growth. */
const DAILY = RANGES.filter((range) => range.endsWith('d'));

/** The pages of the dashboard, as links that keep site and period. */
function ViewLinks({ selection, select }: { selection: Selection; select: Select }) {
  return (
    <nav class="views" aria-label={text.pagesOf}>
      {VIEWS.map((view) => {
        const target = withView(selection, view);
        return (
          <a
            key={view}
            href={`/${search(target)}`}
            data-testid={`view-${view}`}
            {...(view === selection.view ? { 'aria-current': 'page' as const } : {})}
            onClick={(event) => {
              if (isPlainClick(event)) {
                event.preventDefault();
                select(target);
              }
            }}
          >
            {text.viewNames[view]}
          </a>
        );
      })}
    </nav>
  );
}

export function Header({ selection, select, sites, progress, turns, theme, onTheme }: Props) {
  return (
    <header class="top">
      <div class="top-row">
        <p class="brand">
          <Mark />
          {text.product}
        </p>
        <ViewLinks selection={selection} select={select} />
        <Freshness progress={progress} turns={turns} />
        <ThemePicker theme={theme} onTheme={onTheme} />
      </div>
      <div class="top-row">
        <SitePicker
          sites={sites.state === 'ready' ? sites.data.sites : []}
          site={selection.site}
          onSite={(site) => select(withSite(selection, site))}
        />
        <RangePicker
          ranges={selection.view === 'growth' ? DAILY : RANGES}
          period={selection.period} onPeriod={(period) => select({ ...selection, period })}
        />
      </div>
    </header>
  );
}
