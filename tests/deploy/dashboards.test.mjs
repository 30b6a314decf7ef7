// Dashboards as Grafana defines them.
//
// In: deploy/grafana. Out: a verdict by TypeScript, with the types of Grafana's own package: each dashboard is written
// down as a constant of the type Dashboard, so a missing, misspelt or unknown field is an error. Must never happen: a
// panel without a type that is checked, or a data source that is not provisioned.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NAMES, dashboard, panels, queries } from './dashboards.mjs';
import { DEPLOY, alerts, ended, rules, yaml } from './files.mjs';
import { metricsOf } from './promql.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The names of panels' types, as directories of the package. */
const TYPES = { timeseries: 'TimeSeriesPanelCfg', stat: 'StatPanelCfg', table: 'TablePanelCfg', bargauge: 'BarGaugePanelCfg', logs: 'LogsPanelCfg' };

/** Those with settings of their own for fields. */
const FIELDS = ['timeseries', 'table'];

/** Enums of texts are their texts in JSON. Indexed types, as Record, stay what they are. */
const PREAMBLE = `import type { Dashboard, Panel } from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
${Object.entries(TYPES).map(([type, file]) => `import type { Options as ${type} } from '@grafana/schema/dist/esm/raw/composable/${type}/panelcfg/x/${file}_types.gen';`).join('\n')}
${FIELDS.map((type) => `import type { FieldConfig as ${type}Field } from '@grafana/schema/dist/esm/raw/composable/${type}/panelcfg/x/${TYPES[type]}_types.gen';`).join('\n')}
type Json<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined | unknown[] ? Items<T> : { [K in keyof T]: Json<T[K]> };
type Items<T> = T extends (infer I)[] ? Json<I>[] : T;
`;

const checked = async (text) => {
  const directory = mkdtempSync(join(HERE, 'node_modules/.foresight-'));
  try {
    const file = join(directory, 'dashboards.ts');
    writeFileSync(file, PREAMBLE + text);
    return await ended(join(HERE, 'node_modules/.bin/tsc'), [
      '--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--types', '', '--module', 'esnext', '--moduleResolution', 'bundler', file,
    ], { cwd: HERE });
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const source = (name, content) => {
  const parts = [`const ${name}: Json<Dashboard> = ${JSON.stringify(content)};`];
  for (const [n, { type, options, fieldConfig }] of content.panels.flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel])).entries()) {
    parts.push(`const ${name}${n}: Json<${type}> = ${JSON.stringify(options)};`);
    const { custom = {} } = fieldConfig.defaults;
    const fields = FIELDS.includes(type) ? `Partial<Json<${type}Field>>` : 'Record<string, never>';
    parts.push(`const ${name}Field${n}: ${fields} = ${JSON.stringify(custom)};`);
  }
  return `${parts.join('\n')}\n`;
};

test("dashboards and the options of their panels pass the types of Grafana's package", async () => {
  assert.deepEqual(NAMES, ['business', 'infrastructure', 'performance', 'production', 'security']);
  for (const name of NAMES) for (const { type } of panels(name)) assert.ok(type in TYPES, type);
  const { code, said } = await checked(NAMES.map((name) => source(name, dashboard(name))).join('\n'));
  assert.equal(code, 0, said);
});

test('a mistake in a dashboard would be seen', async () => {
  const mistakes = [
    [(content) => { content.panles = []; }, 'panles'],
    [(content) => { content.panels[0].gridPos.w = '4'; }, 'string'],
    [(content) => { content.panels[0].fieldConfig.defaults.thresholds.mode = 'relative'; }, 'relative'],
    [(content) => { content.panels[0].options.colorMode = 'pink'; }, 'pink'],
    [(content) => { content.panels.flatMap((panel) => panel.panels ?? panel).find(({ type }) => type === 'timeseries').fieldConfig.defaults.custom.lineInterpolation = 'curly'; }, 'curly'],
    [(content) => { content.panels[0].fieldConfig.defaults.custom = { drawStyle: 'line' }; }, "'never'"],
    [(content) => { delete content.schemaVersion; }, 'schemaVersion'],
  ];
  const text = mistakes.map(([change], n) => {
    const content = dashboard('production');
    change(content);
    return source(`wrong${n}`, content);
  }).join('\n');
  const { code, said } = await checked(text);
  assert.notEqual(code, 0);
  for (const [, word] of mistakes) assert.ok(said.includes(word), `${word} is not seen in:\n${said}`);
});

test('panels have a place of their own, a text, and only data sources that are provisioned', () => {
  const sources = yaml(`${DEPLOY}/grafana/provisioning/datasources/foresight.yml`).datasources;
  const known = sources.map(({ uid, type }) => `${type}/${uid}`);
  assert.deepEqual(sources.map(({ uid }) => uid).sort(), ['jaeger', 'loki', 'postgres', 'prometheus']);
  const seen = new Set();
  for (const name of NAMES) {
    const { uid, panels: all } = dashboard(name);
    assert.equal(uid, `foresight-${name}`);
    assert.ok(!seen.has(uid));
    seen.add(uid);
    const cells = new Set();
    const ids = all.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, name);
    for (const { title, gridPos: { x, y, w, h } } of all) {
      assert.ok(x + w <= 24, `${name}, ${title}`);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          assert.ok(!cells.has(`${column},${line}`), `${name}, ${title} lies on another`);
          cells.add(`${column},${line}`);
        }
      }
    }
    for (const panel of panels(name)) {
      assert.ok(panel.description.length > 5 && panel.targets.length > 0, panel.title);
      for (const { datasource } of [panel, ...panel.targets]) {
        assert.ok(known.includes(`${datasource.type}/${datasource.uid}`), `${panel.title}: ${datasource.uid}`);
      }
      for (const { url } of panel.links ?? []) {
        const panes = JSON.parse(new URLSearchParams(url.slice(url.indexOf('?'))).get('panes'));
        assert.ok(sources.some(({ uid: known }) => known === panes.a.datasource), url);
      }
    }
    const links = panels(name).flatMap((panel) => panel.links ?? []).map(({ title }) => title);
    assert.ok(links.includes('Traces') || links.some((title) => /logs/i.test(title)), `${name} leads nowhere`);
  }
});

test("every query parses by Prometheus' own grammar, in dashboards and rules", () => {
  const asked = [...queries('prometheus').map(({ expr }) => expr), ...rules().map(({ expr }) => expr)];
  assert.ok(asked.length > 150);
  for (const expr of asked) metricsOf(expr);
  assert.throws(() => metricsOf('sum(rate(a[5m])'));
  assert.deepEqual(metricsOf('sum by (a) (rate(b{c="d"}[5m])) / on (e) f'), ['b', 'f']);
  assert.equal(alerts().length > 40, true);
});
