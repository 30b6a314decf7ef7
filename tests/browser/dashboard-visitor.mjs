// Somebody who looks at the dashboard. In: a tab of an engine. Out: what tests do and read there. Must never happen: a
// wait for time to pass instead of for what is to be seen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each view of the dashboard, with the panels that are there once it is drawn. */
export const VIEWS = {
  overview: ['', ['alerts', 'passing', 'changes', 'business', 'health']],
  fleet: ['?view=fleet&compare=previous', ['fleet', 'worth', 'fleet-cohorts']],
  vitals: [
    '?view=site&site=bakery.4site.pro&compare=previous',
    ['vitals', 'trend', 'causes', 'breakdown', 'pages', 'troubles', 'shares', 'links', 'activity'],
  ],
  growth: ['?view=growth', ['cohorts', 'funnel', 'channels', 'tree', 'cycle', 'leads', 'slow', 'revenue', 'partners']],
  live: ['?view=live', ['minute', 'stream']],
  sites: ['?view=settings', ['sites']],
  users: ['?view=settings&tab=users', ['users']],
  tokens: ['?view=settings&tab=tokens', ['tokens']],
  retention: ['?view=settings&tab=retention', ['retention', 'about']],
  audit: ['?view=settings&tab=audit', ['audit']],
  account: ['?view=settings&tab=account', []],
};

export const byId = (id) => `[data-testid="${id}"]`;

export class Looker {
  constructor(tab, url) {
    this.tab = tab;
    this.url = url;
  }

  static async open(browser, url, query = '') {
    const visitor = await browser.visitor();
    const looker = new Looker(await visitor.open(`${url}/${query}`), url);
    looker.visitor = visitor;
    return looker;
  }

  close() {
    return this.visitor.close();
  }

  goto(query) {
    return this.tab.goto(`${this.url}/${query}`);
  }

  reload() {
    return this.tab.page.reload();
  }

  /** Waits until the panels are drawn. */
  async ready(...panels) {
    for (const panel of panels) {
      await this.tab.until((id) => document.querySelector(`[data-testid="panel-${id}"]`)?.dataset.state === 'ready', panel);
    }
  }

  /** Opens a view, drawn whole. */
  async view(name) {
    const [query, panels] = VIEWS[name];
    await this.goto(query);
    await this.tab.until(() => document.querySelector('h1') !== null);
    await this.ready(...panels);
  }

  /** Waits for an element, and clicks it by way of the page: where it lies is not the question. */
  async click(id, index = 0) {
    await this.tab.until(([id, index]) => document.querySelectorAll(`[data-testid="${id}"]`)[index] !== undefined, [id, index]);
    await this.tab.evaluate(([id, index]) => document.querySelectorAll(`[data-testid="${id}"]`)[index].click(), [id, index]);
  }

  /** Chooses an option, as a person does by a list. */
  choose(id, value) {
    return this.tab.page.select(byId(id), value);
  }

  /** Writes into a field what was not there. */
  async write(id, text) {
    await this.tab.until((id) => document.querySelector(`[data-testid="${id}"]`) !== null, id);
    await this.tab.page.focus(byId(id));
    await this.tab.evaluate((id) => document.querySelector(`[data-testid="${id}"]`).select(), id);
    await this.tab.page.keyboard.type(text);
  }

  /** The `data-…` attributes of all elements of a test id. */
  rows(id) {
    return this.tab.evaluate((id) => [...document.querySelectorAll(`[data-testid="${id}"]`)].map((row) => ({ ...row.dataset })), id);
  }

  async row(id) {
    await this.tab.until((id) => document.querySelector(`[data-testid="${id}"]`) !== null, id);
    return (await this.rows(id))[0];
  }

  /** Waits until the address has this query. */
  address(query) {
    return this.tab.until((query) => location.search === query, query);
  }

  /** Presses Tab until the element is focused, which must be seen. */
  async tabTo(id, most = 80) {
    for (let presses = 0; presses < most; presses += 1) {
      await this.tab.press('Tab');
      if ((await this.tab.evaluate(() => document.activeElement.dataset.testid)) === id) {
        // The style follows the focus with the next frame.
        await this.tab.until(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return outlineStyle !== 'none' && outlineWidth !== '0px';
        });
        return;
      }
    }
    assert.fail(`${id} is not reached by ${most} presses of Tab`);
  }

  /** What axe finds against WCAG 2.2 AA, and its best practices. */
  async axe() {
    await this.tab.evaluate(AXE);
    const { violations, passes } = await this.tab.evaluate(() =>
      window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(
        ({ violations, passes }) => ({
          passes: passes.length,
          violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`),
        }),
      ),
    );
    assert.ok(passes > 10, 'axe looked at nothing');
    return violations;
  }

  /** Gathers what the page gives as files, from now on. */
  catchFiles() {
    return this.tab.evaluate(() => {
      window.files = [];
      const make = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        window.files.push(blob.text());
        return make.call(URL, blob);
      };
    });
  }

  files() {
    return this.tab.evaluate(() => Promise.all(window.files));
  }

  /** Changes the theme, as the list in the header does. */
  async theme(scheme) {
    await this.choose('theme', scheme);
    await this.tab.until((scheme) => document.documentElement.dataset.theme === scheme, scheme);
  }
}
