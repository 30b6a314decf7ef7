// Entries of the performance timeline that TypeScript's own library does not know, or knows in part.
//
// They are global, with the names and types of their specifications and of web-vitals, so that code
// that names them, such as `LayoutShift`, goes on to work when the import is swapped.

export {};

interface EntriesByType {
  event: PerformanceEventTiming;
  'interaction-contentful-paint': InteractionContentfulPaint;
  'layout-shift': LayoutShift;
  navigation: PerformanceNavigationTiming;
  paint: PerformancePaintTiming;
  resource: PerformanceResourceTiming;
  'soft-navigation': PerformanceSoftNavigation;
}

type Milliseconds = DOMHighResTimeStamp;

declare global {
  interface Document {
    /** Whether the page is rendered ahead: https://wicg.github.io/nav-speculation/prerendering.html */
    prerendering?: boolean;
    /** Whether the browser had discarded the tab: https://wicg.github.io/page-lifecycle/ */
    wasDiscarded?: boolean;
  }

  interface Performance {
    getEntriesByType<K extends keyof EntriesByType>(type: K): EntriesByType[K][];
  }

  interface PerformanceEntry {
    /** The navigation, hard or soft, that it belongs to. */
    navigationId?: number;
  }

  interface PerformanceObserverInit {
    /** The shortest event to tell, in ms. */
    durationThreshold?: number;
  }

  interface PerformanceNavigationTiming extends PerformanceEntry {
    /** When a page that was rendered ahead was asked for. */
    activationStart?: number;
  }

  interface PerformanceEventTiming extends PerformanceEntry {
    duration: Milliseconds;
    readonly interactionId: number;
    /** Names the target, also after it was removed. */
    readonly targetSelector: string;
  }

  /** https://wicg.github.io/layout-instability/ */
  interface LayoutShiftAttribution {
    node: Node | null;
    previousRect: DOMRectReadOnly;
    currentRect: DOMRectReadOnly;
  }

  /** https://wicg.github.io/layout-instability/ */
  interface LayoutShift extends PerformanceEntry {
    value: number;
    sources: LayoutShiftAttribution[];
    hadRecentInput: boolean;
  }

  /** https://w3c.github.io/largest-contentful-paint/ */
  interface LargestContentfulPaint extends PerformanceEntry {
    readonly renderTime: Milliseconds;
    readonly loadTime: Milliseconds;
    readonly size: number;
    readonly id: string;
    readonly url: string;
    readonly element: Element | null;
  }

  /** https://github.com/WICG/soft-navigations */
  interface InteractionContentfulPaint extends PerformanceEntry {
    readonly interactionId: number;
    readonly largestContentfulPaint?: LargestContentfulPaint;
  }

  /** https://github.com/WICG/soft-navigations */
  interface PerformanceSoftNavigation extends PerformanceEntry {
    readonly interactionId: number;
    readonly navigationType?: NavigationType;
    readonly paintTime?: number;
    readonly presentationTime?: number;
    readonly getLargestInteractionContentfulPaint?: () => InteractionContentfulPaint | null;
  }
  var PerformanceSoftNavigation: { prototype: PerformanceSoftNavigation };

  /** https://w3c.github.io/long-animation-frame/ */
  interface PerformanceScriptTiming extends PerformanceEntry {
    readonly startTime: Milliseconds;
    readonly duration: Milliseconds;
    readonly name: string;
    readonly entryType: string;
    readonly invokerType:
      | 'classic-script'
      | 'module-script'
      | 'event-listener'
      | 'user-callback'
      | 'resolve-promise'
      | 'reject-promise';
    readonly invoker: string;
    readonly executionStart: Milliseconds;
    readonly sourceURL: string;
    readonly sourceFunctionName: string;
    readonly sourceCharPosition: number;
    readonly pauseDuration: Milliseconds;
    readonly forcedStyleAndLayoutDuration: Milliseconds;
    readonly window?: Window;
    readonly windowAttribution: 'self' | 'descendant' | 'ancestor' | 'same-page' | 'other';
  }

  /** https://w3c.github.io/long-animation-frame/ */
  interface PerformanceLongAnimationFrameTiming extends PerformanceEntry {
    readonly startTime: Milliseconds;
    readonly duration: Milliseconds;
    readonly name: string;
    readonly entryType: string;
    readonly renderStart: Milliseconds;
    readonly styleAndLayoutStart: Milliseconds;
    readonly blockingDuration: Milliseconds;
    readonly firstUIEventTimestamp: Milliseconds;
    readonly scripts: PerformanceScriptTiming[];
  }
}
