// The three engines behind one interface, for tests that run in all of them.
//
// In: ENGINES, a comma-separated list of names, or nothing for all. Out: engines to launch. What they
// give is what a person has: a visitor (nothing remembered from another one), a tab, clicks, keys, a
// tab that is really hidden, the way back. Must never happen: a stand-in for something that the
// engine can do by itself, or a name in ENGINES that is passed over.
//
// launch() -> browser { name, visitor(), close() }
// visitor  -> { open(url), close() }
// tab      -> { goto, part, evaluate, until, click, type, press, scroll, hide, show, leave, close }
//
// `evaluate(function, argument)` runs in the page; both and its result travel as JSON. `part` comes
// before a page is left by a link or through the history; `goto` and `leave` do it. One visitor at a
// time with one tab at a time: WebKit's driver knows no second ones. An error of a driver that does not
// answer has `unresponsive`.

import { launchChromium } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { launchWebKit } from './webkit.mjs';

const ALL = [
  { name: 'chromium', launch: launchChromium },
  { name: 'firefox', launch: launchFirefox },
  { name: 'webkit', launch: launchWebKit },
];

/** The entry types about which engines differ, and who knows them. engines.test.mjs holds it true. */
export const ENTRY_TYPES = {
  chromium: ['paint', 'largest-contentful-paint', 'layout-shift', 'event', 'first-input',
    'long-animation-frame', 'visibility-state', 'soft-navigation', 'interaction-contentful-paint'],
  firefox: ['paint', 'largest-contentful-paint', 'event', 'first-input'],
  webkit: ['paint'],
};

/** The vitals that an engine can measure. */
const CAN = {
  chromium: ['LCP', 'INP', 'FID', 'CLS', 'FCP', 'TTFB'],
  firefox: ['LCP', 'INP', 'FID', 'FCP', 'TTFB'],
  webkit: ['FCP', 'TTFB'],
};

export const can = (engine) => CAN[engine];

/** Whether an engine knows an entry type; it prerenders pages if it knows what they lead to. */
export const knows = (engine, type) =>
  type === 'prerender' ? engine === 'chromium' : ENTRY_TYPES[engine].includes(type);

/** The engines to test, in order. */
export const engines = wanted(process.env.ENGINES);

function wanted(list) {
  const names = list?.split(',').filter(Boolean) ?? [];
  const unknown = names.filter((name) => !ALL.some((engine) => engine.name === name));
  if (unknown.length > 0) {
    throw new Error(`ENGINES: there is no ${unknown.join(', ')}; known are ${ALL.map(({ name }) => name).join(', ')}`);
  }
  return ALL.filter(({ name }) => names.length === 0 || names.includes(name));
}
