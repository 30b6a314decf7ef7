// The dashboard in two engines. In: tests, and the server that they are against. Out: the same tests in Chromium and in
// Firefox. Must never happen: a page that threw and whose test passes, or a browser that outlives its tests.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startDashboard } from './dashboard-server.mjs';
import { Looker } from './dashboard-visitor.mjs';
import { launchChromium } from './engines/chromium.mjs';
import { launchFirefox } from './engines/firefox.mjs';

/** Sites of the mock's fleet. */
const SITES = 10_000;

const ENGINES = [
  ['chromium', launchChromium],
  ['firefox', launchFirefox],
];

/** The dashboard with the mock of the API. */
const startMock = () => {
  process.env.FORESIGHT_MOCK_SITES = String(SITES);
  return startDashboard();
};

/**
 * Defines tests for each engine. `start` makes what has `url` and `stop`. `define` is given the engine's name; `look`, which makes a test with a person of its
 * own who opens an address; `alone`, the same in a browser of its own; `ask`, which asks the server's API; and, once a test runs, what was started, its address and the browser.
 */
export function inEngines(define, { start = startMock, engines = ENGINES } = {}) {
  let server;
  before(async () => {
    server = await start();
  });
  after(() => server?.stop());
  const url = () => server.url;
  const ask = async (path) => {
    const response = await fetch(`${url()}${path}`);
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.json();
  };
  for (const [engine, launch] of engines) {
    describe(engine, () => {
      let browser;
      before(async () => {
        browser = await launch();
      });
      after(() => browser?.close());
      const visit = async (inside, query, body) => {
        const looker = await Looker.open(inside, url(), query);
        try {
          await body(looker);
          assert.deepEqual(looker.tab.faults, []);
        } finally {
          await looker.close();
        }
      };
      const look = (name, query, body) => test(name, () => visit(browser, query, body));
      // What a browser shows by itself, as of a file it was given, can take the focus from the page.
      const alone = (name, query, body) =>
        test(name, async () => {
          const own = await launch();
          try {
            await visit(own, query, body);
          } finally {
            await own.close();
          }
        });
      define({ engine, look, alone, ask, url, server: () => server, browser: () => browser });
    });
  }
}
