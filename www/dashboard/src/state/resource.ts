// In: a key and a way to load what it names. Out: what to show for it: loading, ready or failed.
// Never: an answer shown under another key than its own, two requests at once for one resource, or
// data thrown away because a refresh failed. A collector that asks to wait is not asked meanwhile.

import { Failure } from '../api/failure.ts';

/** What a panel shows. `at` is when the data came, in ms since 1970 by the browser's clock. */
export type Shown<T> =
  | { state: 'loading' }
  | { state: 'ready'; data: T; at: number; failure: Failure | null }
  | { state: 'failed'; failure: Failure };

/** The longest wait that a collector is granted, in ms: the viewer is still looking. */
const LONGEST_WAIT_MS = 60_000;

/** Loads what a key names, until the signal is aborted. */
export type Load<T> = (key: string, signal: AbortSignal) => Promise<T>;

/** How long the collector asked to wait, in ms; 0 if it did not. */
function waitOf<T>(shown: Shown<T>): number {
  const failure = shown.state === 'loading' ? null : shown.failure;
  return Math.min((failure?.retryAfterS ?? 0) * 1000, LONGEST_WAIT_MS);
}

export class Resource<T> {
  private key: string | null = null;
  private shown: Shown<T> = { state: 'loading' };
  private running: AbortController | null = null;
  private listener: () => void = () => undefined;
  /** When the resource may be asked for again, in ms since 1970. */
  private notBefore = 0;

  constructor(
    private readonly load: Load<T>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Calls `listener` after every change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = () => undefined;
      this.running?.abort();
      this.running = null;
    };
  }

  /** What there is to show under `key`: loading, if it is not the one that was asked for last. */
  under(key: string): Shown<T> {
    return key === this.key ? this.shown : { state: 'loading' };
  }

  /** Asks for `key`, unless it was asked for last. An answer still on its way is forgotten. */
  async show(key: string): Promise<void> {
    if (key !== this.key) {
      this.running?.abort();
      this.running = null;
      this.key = key;
      this.shown = { state: 'loading' };
      this.notBefore = 0;
      await this.refresh();
    }
  }

  /** Asks again, keeping what is shown. Does nothing while an answer is on its way or asked to wait. */
  async refresh(): Promise<void> {
    const key = this.key;
    if (key === null || this.running !== null || this.now() < this.notBefore) {
      return;
    }
    const running = new AbortController();
    this.running = running;
    let next: Shown<T>;
    try {
      const data = await this.load(key, running.signal);
      next = { state: 'ready', data, at: this.now(), failure: null };
    } catch (cause) {
      const failure = cause instanceof Failure ? cause : new Failure('unexpected', String(cause), 0);
      next = this.shown.state === 'ready' ? { ...this.shown, failure } : { state: 'failed', failure };
    }
    if (this.running === running) {
      this.running = null;
      this.shown = next;
      this.notBefore = this.now() + waitOf(next);
      this.listener();
    }
  }
}
