/** How to reach the collector. */
export interface Options {
  /** The site's token, as `foresight site add HOST` printed it. */
  site: string;
  /** The collector's origin, or the full address for batches. */
  endpoint: string;
  /** The share of page views that are measured, from 0 to 1. Default: all. */
  sample?: number;
  /** For how many days a referral is remembered with consent. Default: 30. */
  referralDays?: number;
}

/** What a visitor agrees to. What is left out stays as it is. */
export interface Choice {
  /** Whether page views are measured. Default: yes, without anything stored on the device. */
  measure?: boolean;
  /** Whether the share that brought the visitor is remembered on the device. Default: no. */
  referral?: boolean;
}

/** What a share's link is made of. */
export interface ShareOptions {
  /** The address to share. Default: the page's own. */
  url?: string;
}

/** A property of an event: a text of at most 128 characters, a finite number or a boolean. */
export type Property = string | number | boolean;

/**
 * Starts the beacon, once. Does nothing where there is no browser, and measures nothing for a
 * visitor who asks not to be measured (Global Privacy Control, Do Not Track).
 */
export function start(options: Options): void;

/** Records a share and returns the link to pass on, at once. Works for every visitor. */
export function share(channel: string, options?: ShareOptions): string;

/**
 * Records that a share brought the visitor, whose id the page found itself. An id in `?ref=` at the
 * page's start is found without it.
 */
export function referral(share: string): void;

/** Records that somebody left their details, and in which form. */
export function lead(form?: string): void;

/** Records that a goal was reached. */
export function convert(name: string): void;

/** Records an event of the page's own, with at most 16 properties. */
export function track(name: string, props?: Record<string, Property>): void;

/** Tells what the visitor has agreed to. Call it on every page: the choice itself is not stored. */
export function consent(choice: Choice): void;
