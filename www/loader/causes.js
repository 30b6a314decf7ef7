// What may be to blame for a bad view, besides the parts of its vitals.
//
// In: errors, requests of the page and its navigation entry, as the browser has them. Out: events,
// only a few of each kind per view. Nothing of the beacon's own may be among them, and no queries.

import { frame, ms, tell } from './batch.js';
import { keep } from './frames.js';
import { address, message, name } from './texts.js';

const FEW = 10;
const SLOW_MS = 1000;

let context;
let told;

/** Another view begins. */
export const forget = (loaded) => {
  context = loaded;
  told = { error: [], call: [] };
};

/** Tells an event of a kind unless it was told before or is one too many. */
const few = (kind, event) => {
  const text = JSON.stringify(event);
  if (told[kind].length < FEW && !told[kind].includes(text)) {
    told[kind].push(text);
    tell({ [kind]: event });
  }
};

/** An error that nobody caught, if it says anything. */
export const error = ({ message: text, filename, lineno, reason }) => {
  text = message(text || (reason?.message ? `${reason.name}: ${reason.message}` : reason));
  if (text) few('error', { message: text, source: address(filename) || undefined, line: lineno || undefined });
};

/** A request of the page's scripts that took long or failed. */
export const call = ({ initiatorType, name, duration, responseStatus }) => {
  const own = name == context.endpoint || /beacon\.wasm$/.test(name);
  const url = address(name);
  if (/^(fetch|xml)/.test(initiatorType) && !own && url
    && (duration >= SLOW_MS || responseStatus >= 400)) {
    few('call', { url, ms: ms(duration), status: responseStatus || undefined });
  }
};

export const longFrame = (entry) => {
  keep(entry);
  frame(entry);
};

/** Why the page was loaded anew on the way back or forward: of its frames and the reasons a few. */
export const notRestored = (root) => {
  const reasons = (node) => [...node.reasons || [], ...(node.children || []).flatMap(reasons)];
  const names = reasons(root || {}).map(({ reason }) => name(reason));
  [...new Set(names)].slice(0, 8).forEach((reason) => tell({ not_restored: { reason } }));
};
