// Tells the collector what the platform's servers know: sites, leads, money, failures.
//
// In: calls that return at once. Out: batches of events, posted with a secret token, and again with
// the same idempotency keys until they are taken. Node 20 or newer, no dependencies. Must never happen:
// an event under two keys, an error thrown into the work that is reported, memory without a bound, or
// an event that is lost and not told to `onError`.

import { randomUUID } from 'node:crypto';
import { Requests } from './requests.js';

/** What the collector takes at once (shared/src/limits.rs); bytes with room for the frame. */
const EVENTS = 500;
const BYTES = 250_000;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/** How long a request may take, in ms. */
const REQUEST_MS = 10_000;

/** `aiDurationMs` is `ai_duration_ms` on the wire. What is undefined is left out. */
const wire = (fields) => Object.fromEntries(Object.entries(fields)
  .map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]));

export class Foresight {
  #endpoint;
  #token;
  #onError;
  #flushMs;
  #exitMs;
  #maxWaiting;
  #waiting = [];
  #requests = new Requests();
  #counts = { told: 0, repeated: 0, lost: 0 };
  #timer;
  #sending;
  /** How many of those that wait are in a request just now. */
  #posted = 0;
  /** Ends the pause before the next try. */
  #wake = () => {};
  #closing = new AbortController();
  #exit = () => this.#finish();

  constructor({ endpoint, token, flushMs = 1000, exitMs = 5000, maxWaiting = 10_000, onError = console.warn }) {
    if (!token) throw new TypeError('token: `foresight token issue --server` prints one');
    this.#endpoint = new URL('/v1/events', endpoint);
    this.#token = token;
    this.#flushMs = flushMs;
    this.#exitMs = exitMs;
    this.#maxWaiting = maxWaiting;
    this.#onError = onError;
    process.once('beforeExit', this.#exit);
  }

  siteGenerated(fields, event) { return this.#tell('site_generated', fields, event); }
  siteGenerationFailed(fields, event) { return this.#tell('site_generation_failed', fields, event); }
  lead(fields, event) { return this.#tell('lead', fields, event); }
  conversion(fields, event) { return this.#tell('conversion', fields, event); }
  revenue(fields, event) { return this.#tell('revenue', fields, event); }
  refund(fields, event) { return this.#tell('refund', fields, event); }
  commission(fields, event) { return this.#tell('commission', fields, event); }
  authFailed(fields, event) { return this.#tell('auth_failed', fields, event); }
  rateLimited(fields, event) { return this.#tell('rate_limited', fields, event); }

  /** Counts a request that a service answered. Requests are told as sums per route and status. */
  httpRequest(route, status, ms) {
    this.#requests.add(route, status, ms);
    this.#soon();
  }

  /** How many events wait, were told for the first time, had been told before, and are lost. */
  get counts() {
    return { waiting: this.#waiting.length, ...this.#counts };
  }

  /** Posts what waits. Resolves when nothing waits any more: told, or lost. */
  async flush() {
    this.#timer = clearTimeout(this.#timer);
    for (const fields of this.#requests.take()) this.#add('http_requests', fields);
    this.#sending ??= this.#send().finally(() => { this.#sending = undefined; });
    await this.#sending;
  }

  /** Posts what waits, for `exitMs` at most, and ends. What is left then is lost, and told so. */
  async close() {
    process.off('beforeExit', this.#exit);
    await this.#finish();
  }

  async #finish() {
    const timer = setTimeout(() => {
      this.#closing.abort();
      this.#wake();
    }, this.#exitMs);
    this.#wake();
    await this.flush();
    clearTimeout(timer);
  }

  #tell(kind, fields, event) {
    const id = this.#add(kind, wire(fields), event);
    if (this.#waiting.length >= EVENTS) this.flush();
    else this.#soon();
    return id;
  }

  #add(kind, fields, { id = randomUUID(), at = Date.now() } = {}) {
    this.#waiting.push(JSON.stringify({ id, at: Number(at), fact: { [kind]: fields } }));
    // The oldest gives way: what is new says more.
    if (this.#waiting.length > this.#maxWaiting) {
      this.#lose(1, new Error(`more than ${this.#maxWaiting} events wait for the collector`), this.#posted);
    }
    return id;
  }

  #soon() {
    // It must not keep a program alive that is done: `beforeExit` comes then.
    this.#timer ??= setTimeout(() => this.flush(), this.#flushMs).unref();
  }

  async #send() {
    let cause;
    for (let tries = 0; this.#waiting.length > 0;) {
      const batch = this.#batch();
      this.#posted = batch.length;
      const { wait, refused, error } = await this.#post(batch);
      this.#posted = 0;
      if (refused) {
        // One event breaks a rule, or all do; the others are sent anew.
        this.#lose(...refused);
      } else if (!error) {
        this.#waiting.splice(0, batch.length);
      } else if (this.#closing.signal.aborted) {
        // The request that the end has cut off says less than the one before.
        this.#lose(this.#waiting.length, cause ?? error);
      } else {
        cause = error;
        tries += 1;
        const backoff = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
        await this.#pause(Math.max(wait, backoff) * (1 + Math.random() / 2));
        continue;
      }
      tries = 0;
    }
  }

  /** Waits, and keeps no program alive for it. */
  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** As many of the events that wait as one request may carry. */
  #batch() {
    let bytes = 0;
    const end = this.#waiting.findIndex((event, place) => {
      bytes += Buffer.byteLength(event) + 1;
      return place > 0 && bytes > BYTES || place === EVENTS;
    });
    return end < 0 ? [...this.#waiting] : this.#waiting.slice(0, end);
  }

  /** Posts a batch. `wait`: ms until it may be tried again; `refused`: what will never be taken. */
  async #post(batch) {
    try {
      const response = await fetch(this.#endpoint, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: `{"v":1,"events":[${batch}]}`,
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      const answer = await response.json();
      if (response.ok) {
        this.#counts.told += answer.accepted;
        this.#counts.repeated += answer.repeated;
        return {};
      }
      const { status } = response;
      const error = new Error(`the collector answers ${status} ${answer.code}: ${answer.field ?? ''} ${answer.rule ?? answer.detail ?? answer.title}`);
      if (status >= 500 || status === 429 || status === 408) {
        return { error, wait: Number(response.headers.get('retry-after')) * 1000 || 0 };
      }
      const [, place] = /^events\[(\d+)\]/.exec(answer.field) ?? [];
      return { refused: place === undefined ? [batch.length, error] : [1, error, Number(place)] };
    } catch (error) {
      return { error, wait: 0 };
    }
  }

  #lose(count, error, place = 0) {
    const events = this.#waiting.splice(place, count);
    this.#counts.lost += events.length;
    try {
      this.#onError(Object.assign(error, { events: events.map((event) => JSON.parse(event)) }));
    } catch { /* the reporter's own mistake is no business of the work that is reported */ }
  }
}
