// In: the address. Out: the page that it selects. Never: requests of a page that is not shown.

import { useSelection } from '../state/address.ts';
import { useTheme } from '../state/theme.ts';
import { useTurns } from '../state/turns.ts';
import { GrowthPage } from './growth/GrowthPage.tsx';
import { OverviewPage } from './OverviewPage.tsx';

export function App() {
  const [selection, select] = useSelection();
  const { theme, scheme, choose } = useTheme();
  const turns = useTurns();
  const page = { selection, select, turns, theme, scheme, onTheme: choose };
  return selection.view === 'growth' ? <GrowthPage {...page} /> : <OverviewPage {...page} />;
}
