// Chromium as Playwright drives it, behind the interface of engines.mjs, as far as the dashboard's tests use it.
//
// In: nothing. Out: a browser. Playwright makes every tab believe that it has the focus, so no tab is ever hidden here.
// Must never happen: an error in a page, or a request that its content security policy stops, that nobody hears of.

import { launchChromium } from '../chromium.mjs';
import { untilTrue } from './wait.mjs';

const VIEWPORT = { width: 1280, height: 900 };

/** Launches Chromium. Whoever launches it closes it. */
export async function launchPlaywright() {
  const browser = await launchChromium();
  return {
    name: 'chromium',
    visitor: async () => new Visitor(await browser.newContext({ viewport: VIEWPORT })),
    close: () => browser.close(),
  };
}

class Visitor {
  constructor(context) {
    this.context = context;
  }

  async open(url) {
    const tab = new Tab(await this.context.newPage());
    await tab.goto(url);
    return tab;
  }

  close() {
    return this.context.close();
  }
}

/** A page with what Puppeteer's has under the same names. */
class Page {
  constructor(page) {
    this.playwright = page;
    this.keyboard = page.keyboard;
  }

  select(selector, value) {
    return this.playwright.selectOption(selector, value);
  }

  focus(selector) {
    return this.playwright.focus(selector);
  }

  goBack() {
    return this.playwright.goBack();
  }

  reload() {
    return this.playwright.reload();
  }

  setViewport(size) {
    return this.playwright.setViewportSize(size);
  }
}

class Tab {
  /** What went wrong in the page. */
  faults = [];

  constructor(page) {
    this.playwright = page;
    this.page = new Page(page);
    page.on('pageerror', (error) => this.faults.push(String(error.message ?? error)));
    page.on('console', (message) => message.type() === 'error' && this.faults.push(message.text()));
  }

  goto(url) {
    return this.playwright.goto(url);
  }

  evaluate(ask, argument) {
    return this.playwright.evaluate(ask, argument);
  }

  until(ask, argument) {
    return untilTrue(this, ask, argument);
  }

  press(key) {
    return this.playwright.keyboard.press(key);
  }
}
