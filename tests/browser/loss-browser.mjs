// Chromium for the loss test: visits in windows of their own that can really be hidden and killed.
//
// In: nothing. Out: visits. Playwright makes every page of the browsers that it starts believe that
// it is in front of its visitor, so this one is started apart and joined without such stand-ins.
// Must never happen: a browser or a profile that outlives the test.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--remote-debugging-port=0', '--disable-features=ProcessPerSiteUpToMainFrameThreshold'];

/** How long Chromium may take to end, in ms. */
const END_MS = 10_000;

/** The address that Chromium prints when it can be joined. */
const address = async (stderr) => {
  for await (const line of createInterface(stderr)) {
    const [found] = line.match(/ws:\/\/\S+/) ?? [];
    if (found) {
      // Read on, or a full pipe would stop the browser.
      stderr.resume();
      return found;
    }
  }
  throw new Error('Chromium ended before it could be joined');
};

export class Browser {
  static async start() {
    const profile = mkdtempSync(join(tmpdir(), 'foresight-loss-'));
    const program = process.env.FORESIGHT_TEST_CHROMIUM ?? '/usr/bin/chromium';
    const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const stop = async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(timer);
      // Its other processes end a moment later, and may still write.
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    };
    try {
      const browser = await chromium.connectOverCDP(await address(child.stderr), { noDefaults: true });
      return new Browser(browser, stop, await browser.newBrowserCDPSession());
    } catch (error) {
      child.kill('SIGTERM');
      await stop();
      throw error;
    }
  }

  constructor(browser, stop, session) {
    this.browser = browser;
    this.stop = stop;
    this.session = session;
    [this.context] = browser.contexts();
    /** Windows are opened one after the other, so that each knows which page is its own. */
    this.opening = Promise.resolve();
  }

  /** A new window with an empty page. A first visit finds nothing in the cache. */
  async open({ first }) {
    const opened = this.opening.then(async () => {
      const page = this.context.waitForEvent('page');
      await this.session.send('Target.createTarget', { url: 'about:blank', newWindow: true });
      return page;
    });
    this.opening = opened.catch(() => { /* whoever asked for the window is told */ });
    const page = await opened;
    const session = await this.context.newCDPSession(page);
    if (first) await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    return new Visit(page, session, await page.evaluate(() => innerWidth));
  }

  async close() {
    // Playwright would only let go of a browser that it has not started.
    await this.session.send('Browser.close');
    await this.stop();
  }
}

/** A visit and the ways in which it may end. */
class Visit {
  constructor(page, session, width) {
    this.page = page;
    this.session = session;
    /** The width of the window, in CSS pixels. */
    this.width = width;
  }

  /** Puts the window away: the page is hidden as it is when a visitor looks at something else. */
  async hide() {
    const { windowId } = await this.session.send('Browser.getWindowForTarget');
    await this.session.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } });
  }

  /** Ends the renderer without a word to the page. */
  async kill() {
    const crashed = this.page.waitForEvent('crash');
    this.session.send('Page.crash').catch(() => { /* the renderer cannot answer any more */ });
    await crashed;
  }

  close() {
    return this.page.close();
  }
}
