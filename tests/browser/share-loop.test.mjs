// The whole share loop with nothing replaced: owners share in Chromium, visitors follow and generate sites of
// their own, the platform tells what it knows with `@4site/beacon/server`, and a visitor shares on.
//
// In: see collector.mjs, and libfaketime, as K is known only weeks later. Out: a verdict for SQLite and for
// Postgres. Must never happen: a share id that did not come out of a page's own link.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Foresight } from '../../www/beacon/dist/server.js';
import { launchChromium } from './chromium.mjs';
import { startCollector, until } from './collector.mjs';

const DAY_S = 86_400;

let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

for (const database of ['sqlite', 'postgres']) {
  test(`a share that is followed, and shared on, is the growth that it was, on ${database}`, async () => {
    const clock = new Clock();
    const collector = await startCollector(database, {
      ...clock.settings,
      // Nobody here waits for a minute before they generate.
      FORESIGHT_GROWTH_LEAST_SECONDS: '0',
    });
    const platform = await Platform.start(collector);
    try {
      await loop(collector, platform);
      // Two weeks later all owners have been watched for seven days.
      clock.shift(15 * DAY_S);
      await check(collector);
    } finally {
      await platform.stop();
      await collector.stop();
      clock.remove();
    }
  });
}

/**
 * o_1 shares; a visitor generates a site after it (o_2), shares o_1's on, and then their own; of the two who
 * follow these, each generates a site.
 */
async function loop(collector, platform) {
  platform.generate('one', 'o_1');
  const owner = await visitor(platform.origin('one'));
  const first = await share(collector, await owner.open(platform.origin('one')), 1);

  const guest = await visitor(platform.origin('one'), platform.origin('two'));
  const landing = await guest.open(first);
  const second = await share(collector, landing, 2);
  await make(platform, landing, 'two', 'o_2');
  await landing.waitForURL(`${platform.origin('two')}/`);
  const third = await share(collector, landing, 3);

  const ids = [first, second, third].map((link) => new URL(link).searchParams.get('ref'));
  assert.equal(new Set(ids).size, 3, `three shares: ${ids}`);
  for (const [link, site, id] of [[second, 'three', 'o_3'], [third, 'four', 'o_4']]) {
    const follower = await visitor(new URL(link).origin);
    await make(platform, await follower.open(link), site, id);
    await follower.close();
  }
  platform.foresight.lead({ site: platform.host('three'), lead: 'l_1', score: 70, source: 'form' });
  await platform.foresight.flush();
  assert.deepEqual(platform.lost, []);
  await owner.close();
  await guest.close();
  await until('three visits', async () => (await collector.metric('referral_visits_total')) === 3);
  await until('all that servers told', async () =>
    (await collector.metric('foresight_server_events_accepted_total')) === platform.foresight.counts.told);
  await until('an empty spool', async () => (await collector.metric('foresight_spool_depth')) === 0);
}

/** A person with a browser of their own, who may read the clipboard of these origins. */
async function visitor(...origins) {
  const context = await browser.newContext();
  for (const origin of origins) await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  return {
    open: async (url) => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    close: () => context.close(),
  };
}

/** Clicks on the page's share button; the link that is then in the clipboard. `count` shares are known after it. */
async function share(collector, page, count) {
  await page.bringToFront();
  // Links of before are no news.
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.click('[data-share=copy]');
  const link = await until('a link in the clipboard', async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text.includes('ref=') && text;
  });
  await until('the share to be counted', async () => (await collector.metric('share_events_total')) === count);
  return link;
}

/** The visitor opens the generator from the page and generates a site, which they see then. */
async function make(platform, page, name, owner) {
  await page.click('#make');
  await page.fill('[name=site]', name);
  await page.fill('[name=owner]', owner);
  await page.click('[type=submit]');
  await page.waitForURL(`${platform.origin(name)}/`);
}

/** The figures follow from who did what, and from nothing that the collector said before. */
async function check(collector) {
  const now = Date.now();
  const day = (days) => new Date(now + days * DAY_S * 1000).toISOString();
  const ask = async (report) => {
    const query = new URLSearchParams({ from: day(-7), to: day(1) });
    const response = await fetch(`${collector.url}/api/v1/growth/${report}?${query}`);
    assert.equal(response.status, 200, report);
    return response.json();
  };
  const { together, conversions } = await ask('cohorts');
  const [week] = together;
  assert.deepEqual(
    [week.state, week.owners, week.observed, week.active, week.shares, week.conversions],
    ['mature', 4, 4, 2, 3, 3],
  );
  assert.deepEqual([week.k, week.i, week.c], [0.75, 1.5, 1]);
  assert.equal(conversions.qualified, 3);
  const { funnel } = await ask('funnel');
  assert.deepEqual(funnel, [
    { value: 'all', shares: 3, visits: 3, opened: 3, generated: 3, qualified: 3, with_lead: 1 },
  ]);
  const { shares, owners } = await ask('tree');
  const counts = (depths) => depths.map(({ depth, count, qualified }) => [depth, count, qualified]);
  assert.deepEqual(counts(shares), [[0, 2, 2], [1, 1, 1]]);
  assert.deepEqual(counts(owners), [[0, 1, 2], [1, 2, 1], [2, 1, 0]]);
}

/** A site platform: generated sites on hosts of their own, and a generator that a visitor can open. */
class Platform {
  static async start(collector) {
    const platform = new Platform();
    platform.collector = collector;
    platform.server = createServer((request, response) => platform.serve(request, response));
    await new Promise((resolve) => platform.server.listen(0, '127.0.0.1', resolve));
    platform.lost = [];
    platform.foresight = new Foresight({
      endpoint: collector.url,
      token: collector.serverToken(),
      onError: (error) => platform.lost.push(error),
    });
    return platform;
  }

  /** Browsers know every name below `localhost` as this machine. */
  host(name) {
    return `${name}.localhost:${this.server.address().port}`;
  }

  origin(name) {
    return `http://${this.host(name)}`;
  }

  generate(name, owner, referredBy) {
    this.foresight.siteGenerated({ site: this.host(name), owner, template: 'aurora', durationMs: 4000, referredBy });
  }

  serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, `http://${request.headers.host}`);
    const share = searchParams.get('ref') ?? undefined;
    const page = (body) => response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><html lang="en"><title>Bakery</title>${body}`);
    if (pathname === '/') {
      const token = this.collector.token(request.headers.host);
      page(`<script async src="${this.collector.url}/beacon.js" data-site="${token}"></script>
        <h1>Bakery</h1><button data-share="copy">Share</button><a id="make" href="/make?ref=${share ?? ''}">Make your own</a>`);
    } else if (pathname === '/make') {
      this.foresight.conversion({ site: request.headers.host, name: 'generator_opened', share });
      page(`<form action="/generate"><input name="ref" value="${share ?? ''}" type="hidden">
        <input name="site"><input name="owner"><input type="submit"></form>`);
    } else if (pathname === '/generate') {
      const name = searchParams.get('site');
      this.generate(name, searchParams.get('owner'), share);
      response.writeHead(303, { location: `${this.origin(name)}/` }).end();
    } else {
      response.writeHead(404).end();
    }
  }

  async stop() {
    await this.foresight.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The collector's clock, which shows the true time until it is moved. */
class Clock {
  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'foresight-clock-'));
    this.file = join(this.directory, 'clock');
    this.shift(0);
    this.settings = {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  shift(seconds) {
    writeFileSync(this.file, `+${seconds}`);
  }

  remove() {
    rmSync(this.directory, { recursive: true });
  }
}

/** Where Debian puts libfaketime. */
function library() {
  for (const entry of readdirSync('/usr/lib')) {
    const path = join('/usr/lib', entry, 'faketime/libfaketimeMT.so.1');
    if (existsSync(path)) return path;
  }
  throw new Error('there is no libfaketime; cargo xtask test installs it');
}
