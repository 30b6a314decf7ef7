// The beacon for sites that bundle their own JavaScript.
//
// In: the site's token and the collector's address. Out: functions that pages call. The wasm is
// part of the package, as base64, so that every bundler takes it; it is loaded after the page. It
// must be importable where there is no browser, and do nothing there.

import { start as begin } from './early.js';

/** What the functions are before `start`: calls wait, and links work without an id. */
let waiting = [];
let api;

const call = (name, ...args) => {
  if (api) return api[name](...args);
  waiting?.push([name, ...args]);
};

export const start = ({ site, endpoint, sample, referralDays }) => {
  if (typeof window == 'undefined' || api) return;
  if (!site || !endpoint) throw new TypeError('foresight: start needs site and endpoint');
  const address = new URL(endpoint, location.href);
  // An origin alone means its usual path.
  if (address.pathname == '/') address.pathname = '/v1/batches';
  const options = { site, sample, referralDays };
  try {
    api = begin(options, address.href, async (context) => (await import('./core.js')).default(context));
    waiting?.forEach(api.push);
  } catch { /* the browser is too old: nobody will take the calls */ }
  waiting = undefined;
};

export const share = (channel, options) => {
  if (api) return api.share(channel, options);
  const base = typeof location == 'undefined' ? undefined : location.href;
  return options?.url ? new URL(options.url, base).href : base ?? '';
};

export const referral = (share) => call('referral', share);
export const lead = (form) => call('lead', form);
export const convert = (name) => call('convert', name);
export const track = (name, props) => call('track', name, props);
export const consent = (choice) => call('consent', choice);
