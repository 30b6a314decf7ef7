// web-vitals with one mistake of each kind, to see that the differential suite finds them. Runs in the
// page, in place of the library under test.

import { onCLS as cls, onFCP as fcp, onINP as inp, onLCP as lcp, onTTFB as ttfb } from '/web-vitals.attribution.js?wrong';

const changed = (metric, change) => Object.assign(Object.create(Object.getPrototypeOf(metric)), metric, change);

/** A value that is two milliseconds too large. */
export const onLCP = (report, options) => lcp((metric) => report(changed(metric, { value: metric.value + 2 })), options);

/** A list without its last entry. */
export const onCLS = (report, options) =>
  cls((metric) => report(changed(metric, { entries: metric.entries.slice(0, -1) })), options);

/** A field that is not there, deep inside. */
export const onINP = (report, options) =>
  inp((metric) => {
    const { interactionTarget, ...attribution } = metric.attribution;
    report(changed(metric, { attribution }));
  }, options);

/** One call too many. */
export const onFCP = (report, options) =>
  fcp((metric) => {
    report(metric);
    report(metric);
  }, options);

/** An id of another form. */
export const onTTFB = (report, options) => ttfb((metric) => report(changed(metric, { id: 'first' })), options);
