// WebKitGTK for tests in three engines: its small browser, on a screen in memory.
//
// In: Xvfb and WebKitWebDriver on the path. Out: a browser behind the interface of engines.mjs. A
// visitor is a browser process of its own. Must never happen: a screen or a driver that outlives the
// tests.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Builder, By, Key, Origin } from 'selenium-webdriver';
import { untilTrue } from './wait.mjs';

/** How long a busy machine may take to start a program, in ms. */
const START_MS = 90_000;

/** How long the driver may take for one command, in ms. It has hung on the way back to a page. */
const COMMAND_MS = 40_000;

const WINDOW = { x: 0, y: 0, width: 1280, height: 960 };

/** Starts the screen and the driver. Whoever launches it closes it. */
export async function launchWebKit() {
  const programs = [];
  const close = async () => {
    // The driver before the screen that it draws on.
    for (const program of programs.reverse()) {
      await end(program);
    }
  };
  try {
    // Without -noreset the screen starts anew when a visitor leaves, and the next one may find none.
    const screen = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1300x1000x24', '-nolisten', 'tcp', '-noreset']);
    programs.push(screen);
    const DISPLAY = `:${await firstLine(screen)}`;
    const port = await freePort();
    const driver = start('WebKitWebDriver', ['--host=127.0.0.1', `--port=${port}`], { DISPLAY });
    programs.push(driver);
    const url = `http://127.0.0.1:${port}`;
    await listening(url, driver);
    return { name: 'webkit', visitor: async () => new Visitor(await session(url)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A program that ends with this one at the latest. */
function start(program, parameters, env = {}) {
  const child = spawn(program, parameters, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.failed = new Promise((_, reject) => child.once('error', reject));
  // Heard where somebody waits for the program; here only kept from ending the process.
  child.failed.catch(() => {});
  process.once('exit', () => child.kill());
  return child;
}

function end(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  return ended;
}

/** The first line that a program prints: Xvfb prints the number of its display when it is ready. */
async function firstLine(child) {
  const read = async () => {
    for await (const line of createInterface(child.stdout)) {
      child.stdout.resume();
      return line.trim();
    }
    throw new Error(`${child.spawnfile} ended without a word`);
  };
  return Promise.race([read(), child.failed]);
}

/** A port that is free now. The driver takes no 0. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the driver answers. */
async function listening(url, driver) {
  driver.stdout.resume();
  const limit = Date.now() + START_MS;
  for (;;) {
    const answer = await Promise.race([fetch(`${url}/status`).catch((error) => error), driver.failed]);
    if (answer.ok) {
      return;
    }
    if (Date.now() > limit || driver.exitCode !== null) {
      throw new Error('WebKitWebDriver does not answer', { cause: answer });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function session(url) {
  // The driver knows where its browser is, and that it wants `--automation`.
  const starting = new Builder().usingServer(url).withCapabilities({ browserName: 'MiniBrowser' }).build();
  // The driver itself waits for a browser that does not start without end.
  return inTime(starting, START_MS, 'a WebKit window');
}

/** The driver's answer. One that does not come is an error with `unresponsive`. */
async function inTime(answer, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = Object.assign(new Error(`no ${what} within ${ms} ms`), { unresponsive: true });
    timer = setTimeout(() => reject(error), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

class Visitor {
  constructor(session) {
    this.session = session;
  }

  /** Opens a page in the one tab there is: the driver opens others behind it, where they stay. */
  async open(url) {
    const tab = new Tab(this.session);
    // The page before may have been left hidden.
    await tab.window.setRect(WINDOW);
    await tab.goto(url);
    return tab;
  }

  close() {
    return this.session.quit();
  }
}

class Tab {
  constructor(session) {
    this.session = session;
    this.window = session.manage().window();
  }

  async goto(url) {
    await this.part();
    return inTime(this.session.get(url), COMMAND_MS, `page at ${url}`);
  }

  /**
   * Looks at something else and back, so that the page has told what it has to tell. Of sixty pages
   * that this engine leaves at once, one loses what it posts at its end, by whatever call it does.
   */
  async part() {
    if (await this.evaluate(() => document.visibilityState === 'visible' && location.protocol !== 'about:')) {
      await this.hide();
      await this.show();
    }
  }

  async evaluate(ask, argument) {
    const running = this.session.executeAsyncScript(
      `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${ask})(arguments[0])).then(
        (value) => done({ value }),
        (fault) => done({ fault: String(fault) }));`,
      argument ?? null,
    );
    const { fault, value } = await inTime(running, COMMAND_MS, 'answer of the page');
    if (fault) {
      throw new Error(fault);
    }
    return value ?? undefined;
  }

  until(ask, argument) {
    return untilTrue(this, ask, argument);
  }

  click(selector) {
    return this.session.findElement(By.css(selector)).click();
  }

  type(selector, text) {
    return this.session.findElement(By.css(selector)).sendKeys(text);
  }

  press(key) {
    return this.session.actions().sendKeys(Key[key.toUpperCase()] ?? key).perform();
  }

  scroll(pixels) {
    return this.session.actions().scroll(0, 0, 0, pixels, Origin.VIEWPORT).perform();
  }

  /** The window is minimised. */
  async hide() {
    await this.window.minimize();
    await this.until(() => document.visibilityState === 'hidden');
  }

  async show() {
    await this.window.setRect(WINDOW);
    await this.until(() => document.visibilityState === 'visible');
  }

  /** Goes to a page that has nothing to do with the tests. */
  leave() {
    return this.goto('about:blank');
  }

  /** Ends the page. The tab itself ends with its visitor, whose session would end with it. */
  close() {
    return this.leave();
  }
}
