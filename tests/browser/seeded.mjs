// A real collector with a demo fleet whose page views are known one by one.
//
// In: how large the fleet is; the binary as collector.mjs finds it. Out: the running collector and the views. The fleet is
// the same each time, but for the hour in which it ends. Must never happen: a fleet of which a part is still to be merged.

import { join } from 'node:path';
import { startCollector } from './collector.mjs';
import { readViews } from './truth.mjs';

/** Small, and with enough page views that most sites are assessed. */
const SMALL = { sites: 60, days: 14, views: 40, seed: 1 };

/** Seeds a database and starts a collector on it. `settings` are `FORESIGHT_*` variables. */
export async function startSeeded(fleet = SMALL, settings = {}) {
  let views;
  let told;
  const collector = await startCollector('sqlite', settings, (run, directory) => {
    const file = join(directory, 'views.jsonl');
    const options = Object.entries(fleet).flatMap(([name, value]) => [`--${name}`, String(value)]);
    told = JSON.parse(run(['seed', ...options, '--record', file, '--json']));
    views = readViews(file);
  });
  return Object.assign(collector, { views, told });
}
