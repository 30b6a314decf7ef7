// In: the system's colour scheme and the viewer's choice. Out: `data-theme` on the document, which
// the style sheets read. Never: an exception where storage is refused.

import { useEffect, useState } from 'preact/hooks';

export const THEMES = ['system', 'light', 'dark'] as const;
/** What the viewer chose. */
export type Theme = (typeof THEMES)[number];
/** What is shown. */
export type Scheme = 'light' | 'dark';

const KEY = 'foresight.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

function remembered(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    // Storage can be switched off. The choice then lasts as long as the page.
    return 'system';
  }
}

function remember(theme: Theme): void {
  try {
    if (theme === 'system') {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, theme);
    }
  } catch {
    // As above.
  }
}

function schemeOf(theme: Theme): Scheme {
  return theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
}

function apply(scheme: Scheme): void {
  document.documentElement.dataset['theme'] = scheme;
}

/** Applies the remembered theme. Called before the first paint. */
export function applyRememberedTheme(): void {
  apply(schemeOf(remembered()));
}

/** The viewer's choice, what it comes to, and a way to change it. */
export function useTheme(): { theme: Theme; scheme: Scheme; choose: (theme: Theme) => void } {
  const [theme, setTheme] = useState(remembered);
  const [scheme, setScheme] = useState(() => schemeOf(theme));
  useEffect(() => {
    const follow = (): void => {
      apply(schemeOf(theme));
      setScheme(schemeOf(theme));
    };
    follow();
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, [theme]);
  return {
    theme,
    scheme,
    choose: (next) => {
      remember(next);
      setTheme(next);
    },
  };
}
