// The matrix of the differential suite. In: CASE, a part of a name, or nothing for all. Out: cases.
//
// A case: name; head, body, headers of its page; registrations (default: all metrics once); drive(tab,
// { site, address, elsewhere, launch }), what the visitor does from when the page is there to before it
// is left; types: the entry types of which an engine must know one, or the case says nothing there;
// not: engines that cannot do it; sees: metrics that must be called back, where the engine knows them;
// documents and navigations: how many documents and which types of navigation it must lead to, so
// that no case passes because nothing happened; hiddenFirst: the tab is hidden before the page loads;
// launched: the drive opens the page itself; hasty: it does not wait for the script tag; beacon: whether the script tag's values are compared.

import { INPUTS } from './inputs.mjs';
import { HIDDEN, PRERENDERED, RESTORED, SOFT } from './life.mjs';
import { LOADS } from './loads.mjs';
import { OPTIONS } from './options.mjs';
import { SHIFTS } from './shifts.mjs';
import { all } from './steps.mjs';

const DEFAULTS = {
  registrations: all(),
  types: ['paint'],
  not: [],
  sees: ['LCP', 'CLS', 'FCP', 'TTFB'],
  documents: 1,
  navigations: ['navigate'],
  beacon: true,
};

const ALL = [...LOADS, ...HIDDEN, ...RESTORED, ...PRERENDERED, ...SOFT, ...INPUTS, ...SHIFTS, ...OPTIONS].map(
  (one) => ({ ...DEFAULTS, ...one }),
);

/** The cases to run. */
export const cases = wanted(process.env.CASE ?? '');

function wanted(part) {
  const found = ALL.filter(({ name }) => name.includes(part));
  if (found.length === 0) {
    throw new Error(`CASE: no case has ${part} in its name; there are:\n${ALL.map(({ name }) => name).join('\n')}`);
  }
  return found;
}
