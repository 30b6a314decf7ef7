// Browsers that Puppeteer drives. In: what to launch. Out: the interface that engines.mjs describes.
// Must never happen: an error in a page that nobody hears of; a tab keeps them in `faults`.

import puppeteer from 'puppeteer-core';
import { untilTrue } from './wait.mjs';

const VIEWPORT = { width: 1280, height: 900 };

/** How long a busy machine may take to start a browser, in ms. */
const START_MS = 90_000;

/** Launches a browser with these options. `go` brings a page of it to an address. */
export async function launchPuppeteer(name, options, go = (page, url) => page.goto(url)) {
  const browser = await puppeteer.launch({
    headless: true,
    defaultViewport: VIEWPORT,
    timeout: START_MS,
    ...options,
  });
  return {
    name,
    visitor: async () => new Visitor(await browser.createBrowserContext(), go),
    close: () => browser.close(),
  };
}

class Visitor {
  constructor(context, go) {
    this.context = context;
    this.go = go;
  }

  async open(url) {
    const tab = new Tab(this.context, await this.context.newPage(), this.go);
    await tab.goto(url);
    return tab;
  }

  close() {
    return this.context.close();
  }
}

class Tab {
  /** What went wrong in the page's scripts. */
  faults = [];

  constructor(context, page, go) {
    this.context = context;
    this.page = page;
    this.go = go;
    page.on('pageerror', (error) => this.faults.push(String(error.message ?? error)));
  }

  goto(url) {
    return this.go(this.page, url);
  }

  /** These engines post what a page has to tell however it is left. */
  async part() {}

  evaluate(ask, argument) {
    return this.page.evaluate(ask, argument);
  }

  until(ask, argument) {
    return untilTrue(this, ask, argument);
  }

  click(selector) {
    return this.page.click(selector);
  }

  type(selector, text) {
    return this.page.type(selector, text);
  }

  press(key) {
    return this.page.keyboard.press(key);
  }

  scroll(pixels) {
    return this.page.mouse.wheel({ deltaY: pixels });
  }

  /** Another tab comes to the front, as when a person reads something else. */
  async hide() {
    this.other = await this.context.newPage();
    await this.other.bringToFront();
    await this.until(() => document.visibilityState === 'hidden');
  }

  async show() {
    await this.page.bringToFront();
    await this.until(() => document.visibilityState === 'visible');
    await this.other.close();
    this.other = undefined;
  }

  /** Goes to a page that has nothing to do with the tests. */
  leave() {
    return this.goto('about:blank');
  }

  /** Looks for the page anew. Puppeteer gives up a page that was prerendered, if it takes over from
   * another one in more than a tenth of a second. */
  async renew(url) {
    const browserWSEndpoint = this.page.browser().wsEndpoint();
    this.connection = await puppeteer.connect({ browserWSEndpoint, defaultViewport: null });
    const pages = await this.connection.pages();
    this.page = pages.find((page) => page.url() === url);
    if (!this.page) {
      throw new Error(`no page at ${url}, only at ${pages.map((page) => page.url()).join(', ')}`);
    }
  }

  async close() {
    await this.page.close();
    await this.other?.close();
    await this.connection?.disconnect();
  }
}
