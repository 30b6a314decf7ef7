// Largest contentful paint. In: the page's callback and options. Out: calls of it, as web-vitals has
// them: when the first key press, click or hiding made it final, and with `reportAllChanges` for
// each candidate. Scrolling does not make it final, because scripts scroll too.

import { Ask } from './ask.ts';
import { activation, afterPaint, firstHidden, navigation, onRestore, show, watch, whenActivated, whenIdle } from './life.js';
import { meter, parts } from './metric.js';
import { observe, softly } from './observe.js';
import { target } from './target.js';

const PARTS = ['timeToFirstByte', 'resourceLoadDelay', 'resourceLoadDuration', 'elementRenderDelay'];
const FINAL = ['keydown', 'click', 'visibilitychange'];

// The browser keeps the first 250 resources; these are the last.
const resources = [];
let room = 50;
let observing;

const keepResources = () => {
  observing ||= observe(['resource'], (entries) => {
    resources.push(...entries);
    resources.splice(0, resources.length - room);
  }) || true;
};

/** The resource that an element showed: the last request of its address before the paint. */
const resourceOf = ({ url, startTime }) => {
  if (!url) return;
  const fits = (entry) => entry.name == url && (entry.requestStart || entry.startTime) <= startTime;
  const last = (entries) => entries.filter(fits).pop();
  return last(resources) || last(performance.getEntriesByType('resource'));
};

/** Calls `tell` for the largest contentful paint of each view. */
export const lcp = (tell, options) => {
  const targets = new WeakMap();
  const soft = softly(options);
  let navigated;
  let final = false;
  let own;

  if (options.resourceBufferSize != null) room = options.resourceBufferSize;
  keepResources();

  const explain = ({ entries: [lcpEntry], navigationType }) => {
    if (!lcpEntry) return parts(own.ask, PARTS);
    const { url } = lcpEntry;
    const resource = resourceOf(lcpEntry);
    const isSoft = navigationType == 'soft-navigation';
    const entry = isSoft ? navigated : navigation();
    const times = entry
      ? parts(own.ask, PARTS, isSoft ? 0 : entry.responseStart,
        resource ? resource.requestStart || resource.startTime : 0, resource?.responseEnd)
      : parts(own.ask, PARTS);
    const attribution = { ...times, target: targets.get(lcpEntry), lcpEntry };
    if (url) attribution.url = url;
    if (resource) attribution.lcpResourceEntry = resource;
    if (entry) attribution.navigationEntry = entry;
    return attribution;
  };

  const painted = (paint, at, start) => {
    const { element, id } = paint ?? {};
    if (element || id) targets.set(paint, element ? target(element, options) : `#${id}`);
    if (own.ask(Ask.PAINT, at, start, firstHidden())) {
      own.update(paint ? [paint] : []);
      own.report();
    }
  };

  const navigate = (entry) => {
    navigated = entry;
    if (!final) own.report(true);
    own.begin(entry);
    final = false;
    show();
    // What was painted until now came before it.
    const largest = entry.getLargestInteractionContentfulPaint?.();
    if (largest) handlers[largest.entryType](largest);
  };

  const handlers = {
    'largest-contentful-paint': (entry) => painted(entry, entry.startTime, activation()),
    'interaction-contentful-paint': (entry) => {
      const { navigationId, navigationInteractionId } = own.metric;
      // Paints of other interactions are none of this view's.
      if (!navigationId || (entry.interactionId ?? navigationInteractionId) != navigationInteractionId) return;
      const paint = entry.largestContentfulPaint;
      painted(paint, paint?.renderTime || 0, entry.startTime);
    },
    'soft-navigation': navigate,
  };

  whenActivated(() => {
    watch();
    own = meter('LCP', tell, options, explain);
    const types = Object.keys(handlers).slice(0, soft ? 3 : 1);
    const observer = observe(types, (entries) => entries.forEach((entry) => handlers[entry.entryType](entry)));
    if (!observer) return;

    const finish = ({ isTrusted }) => {
      if (!isTrusted || final) return;
      const { id } = own.metric;
      // Not inside the input's own task.
      whenIdle(() => {
        if (final) return;
        if (!soft) {
          observer.disconnect();
          FINAL.forEach((type) => removeEventListener(type, finish, true));
        }
        // A view that began since is not final.
        if (id == own.metric.id) {
          final = true;
          own.report(true);
        }
      });
    };
    FINAL.forEach((type) => addEventListener(type, finish, true));

    onRestore((time) => {
      own.begin();
      final = false;
      afterPaint(() => {
        if (!own.ask(Ask.PAINT, performance.now(), time, Infinity)) return;
        own.update();
        final = true;
        own.report(true);
      });
    });
  });
};
