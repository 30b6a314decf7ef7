// Cumulative layout shift. In: the page's callback and options. Out: calls of it, as web-vitals has
// them: each time that the page is hidden, if the value changed. Only pages that were painted have one.

import { Ask } from './ask.ts';
import { afterPaint, onHidden, onRestore, watch } from './life.js';
import { fcp } from './fcp.js';
import { meter } from './metric.js';
import { loadState, observe, softly } from './observe.js';
import { target } from './target.js';

// The bits of `shift` in beacon/src/drop_in.rs.
const OPENED = 2, WORST = 4;

const sourceOf = ({ sources }) => sources.find(({ node }) => node?.nodeType == 1) || sources[0];

/** Calls `tell` for the layout shifts of each view. */
export const cls = (tell, options) => {
  const targets = new WeakMap();
  let session = [];
  let own;

  const explain = ({ entries }) => {
    const entry = entries[own.ask(Ask.LARGEST)];
    const source = entry?.sources?.length && sourceOf(entry);
    return source ? {
      largestShiftTarget: targets.get(source),
      largestShiftTime: entry.startTime,
      largestShiftValue: entry.value,
      largestShiftSource: source,
      largestShiftEntry: entry,
      loadState: loadState(entry.startTime),
    } : {};
  };

  const begin = (entry) => {
    own.begin(entry);
    session = [];
  };

  const shifted = (entry) => {
    const outcome = !entry.hadRecentInput && own.ask(Ask.SHIFT, entry.startTime, entry.value);
    if (!outcome) return;
    if (outcome & OPENED) session = [];
    session.push(entry);
    if (outcome & WORST) own.update(session);
    const source = entry.sources?.length && sourceOf(entry);
    if (source?.node) targets.set(source, target(source.node, options));
  };

  const handle = (entries) => {
    for (const entry of entries) {
      if (entry.entryType == 'soft-navigation') {
        own.report(true);
        begin(entry);
      } else shifted(entry);
    }
    own.report();
  };

  const start = () => {
    own = meter('CLS', tell, options, explain);
    const observer = observe(softly(options) ? ['layout-shift', 'soft-navigation'] : ['layout-shift'], handle);
    if (!observer) return;
    onHidden(() => {
      handle(observer.takeRecords());
      own.report(true);
    });
    onRestore(() => {
      begin();
      afterPaint(own.report);
    });
    setTimeout(() => own.report());
  };

  watch();
  let started;
  fcp(() => { started ||= start() ?? true; }, {});
};
