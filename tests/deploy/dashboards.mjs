// The dashboards, and what their panels ask.
//
// In: deploy/grafana/dashboards. Out: dashboards and queries. Must never happen: a panel in a row that is passed over.

import { DEPLOY, names, read } from './files.mjs';

export const NAMES = names(`${DEPLOY}/grafana/dashboards`, '.json');

export const dashboard = (name) => JSON.parse(read(`${DEPLOY}/grafana/dashboards/${name}.json`));

/** All panels, those in rows too, without the rows. */
export const panels = (name) => dashboard(name).panels.flatMap((panel) =>
  panel.type === 'row' ? panel.panels : [panel]);

/** All queries of a kind of data source: `prometheus`, `loki`, or Postgres' name. */
export const queries = (type) => NAMES.flatMap((name) => panels(name).flatMap((panel) => panel.targets
  .filter((target) => target.datasource.type === type)
  .map((target) => ({ where: `${name}, ${panel.title}`, ...target }))));
