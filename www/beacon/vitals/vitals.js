// `@4site/beacon/vitals`: a drop-in for web-vitals 6 and its attribution build.
//
// In: callbacks and options of a page. Out: metrics, when web-vitals would report them, with its
// fields; the numbers come from the wasm that the beacon has them from. It must be importable where
// there is no page, and do nothing there.

import { cls } from './cls.js';
import { fcp } from './fcp.js';
import { fid } from './fid.js';
import { inp } from './inp.js';
import { lcp } from './lcp.js';
import { ttfb } from './ttfb.js';
import { withWasm } from './wasm.js';

export const CLSThresholds = [0.1, 0.25];
export const FCPThresholds = [1800, 3000];
export const FIDThresholds = [100, 300];
export const INPThresholds = [200, 500];
export const LCPThresholds = [2500, 4000];
export const TTFBThresholds = [800, 1800];

// Options are copied: what the page does with them later changes nothing.
const entry = (metric) => (tell, options) => withWasm(() => metric(tell, { ...options }));

export const onCLS = entry(cls);
export const onFCP = entry(fcp);
export const onFID = entry(fid);
export const onINP = entry(inp);
export const onLCP = entry(lcp);
export const onTTFB = entry(ttfb);
