/** How to reach the collector. */
export interface Options {
  /** The collector's origin, such as `https://collector.example`. */
  endpoint: string | URL;
  /** The secret token, as `foresight token issue --server` printed it. Never in a page. */
  token: string;
  /** How long events wait for company, in ms. Default: 1000. */
  flushMs?: number;
  /** How long `close` and the end of the program wait for the collector, in ms. Default: 5000. */
  exitMs?: number;
  /** How many events may wait while the collector is away. The oldest give way. Default: 10,000. */
  maxWaiting?: number;
  /** Called with what is lost: refused for good, or given up. Default: `console.warn`. */
  onError?: (error: Lost) => void;
}

/** Events that are lost, and why. */
export interface Lost extends Error {
  /** The events, as they were to be posted. */
  events: { id: string; at: number; fact: Record<string, unknown> }[];
}

/** What every event may have besides its fields. */
export interface Occurrence {
  /**
   * The idempotency key: 8 to 128 visible ASCII characters. Give one that belongs to what happened, such as an
   * invoice's number, so that it is counted once whoever tells it again. Default: a random one.
   */
  id?: string;
  /** When it happened. Default: now. */
  at?: Date | number;
}

/** Money, in a currency's smallest unit. */
export interface Payment {
  amountMinor: number;
  /** ISO 4217. */
  currency: string;
  /** What for, such as `subscription`. */
  kind: string;
  site: string;
  owner: string;
}

/** How many events wait, were told for the first time, had been told before, and are lost. */
export interface Counts {
  waiting: number;
  told: number;
  repeated: number;
  lost: number;
}

/**
 * Tells a collector what servers know. Every call returns at once, with the event's idempotency key; events are posted
 * in batches, and again while the collector is away. Ids of owners, leads and partners are your own, and must not be
 * names, addresses or anything else of a person.
 */
export class Foresight {
  constructor(options: Options);
  /** A site was generated; `referredBy` is the id of the share that had brought its owner. */
  siteGenerated(fields: {
    site: string; owner: string; template?: string; build?: string;
    durationMs: number; aiDurationMs?: number; referredBy?: string;
  }, event?: Occurrence): string;
  siteGenerationFailed(fields: { stage: string; reason: string; durationMs: number }, event?: Occurrence): string;
  /** Somebody left their details; `score` is from 0 to 100. */
  lead(fields: { site: string; lead: string; score: number; source: string }, event?: Occurrence): string;
  conversion(fields: { site: string; name: string; lead?: string; share?: string }, event?: Occurrence): string;
  revenue(fields: Payment, event?: Occurrence): string;
  refund(fields: Payment, event?: Occurrence): string;
  /** A partner's commission has a new state. */
  commission(fields: {
    state: 'accrued' | 'held' | 'approved' | 'paid' | 'reversed';
    partner: string; share: string; amountMinor: number; currency: string;
  }, event?: Occurrence): string;
  authFailed(fields: { realm: string; reason: string }, event?: Occurrence): string;
  rateLimited(fields: { route: string }, event?: Occurrence): string;
  /** Counts a request; `route` is a template such as `/api/sites/:id`. Told as sums. */
  httpRequest(route: string, status: number, ms: number): void;
  get counts(): Counts;
  /** Posts what waits. Resolves when nothing waits any more. */
  flush(): Promise<void>;
  /** Posts what waits, for `exitMs` at most. Call it before `process.exit()`; a program that ends by itself need not. */
  close(): Promise<void>;
}
