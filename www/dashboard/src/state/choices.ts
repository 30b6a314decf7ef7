// In: the sites and what the viewer typed. Out: the sites to offer. Never: a list as long as the
// fleet, or an exact match left out of it.

import type { Site } from '../api/types.ts';

/** Sites offered at once. */
const MOST = 50;

export interface Choices {
  sites: Site[];
  /** Sites that match and are not offered. */
  more: number;
}

/** Sites whose host contains `typed`: exact first, then those that begin with it, then by views. */
export function choicesOf(sites: Site[], typed: string): Choices {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ site }: Site): number => (site === wanted ? 0 : site.startsWith(wanted) ? 1 : 2);
  const matches = sites.filter(({ site }) => site.includes(wanted));
  matches.sort((a, b) => rank(a) - rank(b) || b.views - a.views || a.site.localeCompare(b.site));
  return { sites: matches.slice(0, MOST), more: Math.max(0, matches.length - MOST) };
}
