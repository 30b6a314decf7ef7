// Figures of the demo fleet, from its page views one by one, as `foresight seed --record` wrote them.
//
// In: the lines of that file. Out: counts, exact percentiles, and which sites pass, as https://web.dev/articles/vitals
// defines it. Must never happen: a sum, a histogram or an answer of the collector that is used here.

import { readFileSync } from 'node:fs';

/** "Good" is at most this: ms, and the score of CLS. */
const GOOD = { LCP: 2500, INP: 200, CLS: 0.1 };
/** Fewer values give no percentile: docs/api.md. */
const LEAST_COUNT = 25;

/** The page views in a file, oldest first. */
export function readViews(path) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.at_ms - b.at_ms);
}

/** Those of a span, `to` not included, that have all the values of `wanted`: `{ device: 'phone' }`. */
export function viewsOf(views, { from, to, ...wanted }) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  return views.filter((view) => view.at_ms >= start && view.at_ms < end && Object.entries(wanted).every(([name, value]) => view[name] === value));
}

/** The values of a metric, smallest first. */
const valuesOf = (views, metric) => views.flatMap(({ values }) => (metric in values ? [values[metric]] : [])).sort((a, b) => a - b);

/** How many measured a metric, and their 75th percentile by nearest rank; null if they are too few. */
export function figureOf(views, metric) {
  const values = valuesOf(views, metric);
  return { count: values.length, p75: values.length < LEAST_COUNT ? null : values[Math.ceil(values.length * 0.75) - 1] };
}

/** Views by what a field of theirs says. */
export function groupsOf(views, field) {
  const groups = new Map();
  for (const view of views) {
    const group = groups.get(view[field]);
    if (group === undefined) {
      groups.set(view[field], [view]);
    } else {
      group.push(view);
    }
  }
  return groups;
}

/** Whether a site passes; null if too few views measured LCP and CLS. INP may be lacking. */
function passes(views) {
  const good = (metric) => {
    const { p75 } = figureOf(views, metric);
    return p75 === null ? null : p75 <= GOOD[metric];
  };
  const [lcp, inp, cls] = ['LCP', 'INP', 'CLS'].map(good);
  return lcp === null || cls === null ? null : lcp && cls && (inp ?? true);
}

/** How many sites are measured and pass, and how many page views they have. */
export function passingOf(views) {
  const sum = { sites: 0, sitesPassing: 0, views: 0, viewsPassing: 0 };
  for (const ofSite of groupsOf(views, 'site').values()) {
    const passed = passes(ofSite);
    if (passed !== null) {
      sum.sites += 1;
      sum.views += ofSite.length;
      sum.sitesPassing += passed ? 1 : 0;
      sum.viewsPassing += passed ? ofSite.length : 0;
    }
  }
  return sum;
}
