/// <reference path="./entries.d.ts" />

// A drop-in for web-vitals 6: the names and types of its attribution build, and FID.

/** A metric of one page view. The same object is handed to every call for that view. */
export interface Metric {
  /** Its name. */
  name: 'CLS' | 'FCP' | 'INP' | 'LCP' | 'TTFB';
  /** Its value: ms, and for CLS a score. */
  value: number;
  /** How the value feels to a visitor, by the metric's thresholds. */
  rating: 'good' | 'needs-improvement' | 'poor';
  /** What the value differs by from the one reported before; the first time it is the value. */
  delta: number;
  /** Names this metric of this view: the same in each report of it. */
  id: string;
  /** The entries that made the value. There may be none, such as for a CLS of 0. */
  entries: PerformanceEntry[];
  /** How the view began. */
  navigationType:
    | 'navigate'
    | 'reload'
    | 'back-forward'
    | 'back-forward-cache'
    | 'prerender'
    | 'restore'
    | 'soft-navigation';
  /** The browser's number of the navigation; 0 where it gives none. */
  navigationId: number;
  /** The interaction that began a soft navigation. */
  navigationInteractionId?: number;
  /** When the view began, in ms since the time origin; 0 for the document's first. */
  navigationStartTime?: number;
  /** The address of the view, which may not be the present one any more. */
  navigationURL?: string;
}

/** How far the document was: its `readyState`, with `interactive` in two. */
export type LoadState = 'loading' | 'dom-interactive' | 'dom-content-loaded' | 'complete';

/** "Good" is at most the first, "poor" is above the second. */
export type MetricRatingThresholds = [number, number];

export interface ReportOpts {
  /** Report each change of the value, and not only when it may be final. */
  reportAllChanges?: boolean;
  /** The shortest event that counts for INP, in ms. Default: 40. */
  durationThreshold?: number;
  /** Report soft navigations as views of their own, where the browser tells of them. */
  reportSoftNavs?: boolean;
}

export interface AttributionReportOpts extends ReportOpts {
  /** Names an element; if it returns nothing, a selector does. */
  generateTarget?: (el: Node | null) => string | undefined;
}

export interface INPReportOpts extends ReportOpts {
  durationThreshold?: number;
}

export interface INPAttributionReportOpts extends AttributionReportOpts {
  durationThreshold?: number;
  /** Keep all entries of the interaction's frame, in `processedEventEntries`. */
  includeProcessedEventEntries?: boolean;
}

export interface LCPAttributionReportOpts extends AttributionReportOpts {
  /** How many resources to keep beside the browser's first 250. Default: 50. */
  resourceBufferSize?: number;
}

export interface CLSMetric extends Metric {
  name: 'CLS';
  entries: LayoutShift[];
}

export interface CLSAttribution {
  /** The first element that moved in the largest shift. */
  largestShiftTarget?: string;
  largestShiftTime?: DOMHighResTimeStamp;
  largestShiftValue?: number;
  largestShiftEntry?: LayoutShift;
  largestShiftSource?: LayoutShiftAttribution;
  /** The state of the document at that time. */
  loadState?: LoadState;
}

export interface CLSMetricWithAttribution extends CLSMetric {
  attribution: CLSAttribution;
}

export interface FCPMetric extends Metric {
  name: 'FCP';
  entries: PerformancePaintTiming[];
}

export interface FCPAttribution {
  timeToFirstByte: number;
  firstByteToFCP: number;
  /** The state of the document at that time. */
  loadState: LoadState;
  fcpEntry?: PerformancePaintTiming;
  navigationEntry?: PerformanceNavigationTiming | PerformanceSoftNavigation;
}

export interface FCPMetricWithAttribution extends FCPMetric {
  attribution: FCPAttribution;
}

export interface INPMetric extends Metric {
  name: 'INP';
  entries: PerformanceEventTiming[];
}

export interface INPLongestScriptSummary {
  entry: PerformanceScriptTiming;
  /** The part of the interaction in which it began. */
  subpart: 'input-delay' | 'processing-duration' | 'presentation-delay';
  /** How long it ran inside the interaction, in ms. */
  intersectingDuration: number;
}

/** An interaction too short to be told by the browser has no target, time and type. */
export interface INPAttribution {
  interactionTarget?: string;
  interactionTime?: DOMHighResTimeStamp;
  interactionType?: 'pointer' | 'keyboard';
  nextPaintTime?: DOMHighResTimeStamp;
  /** Empty without `includeProcessedEventEntries`. */
  processedEventEntries: PerformanceEventTiming[];
  inputDelay: number;
  processingDuration: number;
  presentationDelay: number;
  /** The state of the document at that time. */
  loadState: LoadState;
  longAnimationFrameEntries: PerformanceLongAnimationFrameTiming[];
  longestScript?: INPLongestScriptSummary;
  /** Scripts of at least 5 ms, without the style and layout that they forced. */
  totalScriptDuration?: number;
  totalStyleAndLayoutDuration?: number;
  totalPaintDuration?: number;
  /** What is in none of the other totals. */
  totalUnattributedDuration?: number;
}

export interface INPMetricWithAttribution extends INPMetric {
  attribution: INPAttribution;
}

export interface LCPMetric extends Metric {
  name: 'LCP';
  entries: LargestContentfulPaint[];
}

export interface LCPAttribution {
  /** The element. */
  target?: string;
  /** The address of its resource, if it has one. */
  url?: string;
  timeToFirstByte: number;
  resourceLoadDelay: number;
  resourceLoadDuration: number;
  elementRenderDelay: number;
  navigationEntry?: PerformanceNavigationTiming | PerformanceSoftNavigation;
  lcpResourceEntry?: PerformanceResourceTiming;
  lcpEntry?: LargestContentfulPaint;
}

export interface LCPMetricWithAttribution extends LCPMetric {
  attribution: LCPAttribution;
}

export interface TTFBMetric extends Metric {
  name: 'TTFB';
  entries: PerformanceNavigationTiming[] | PerformanceSoftNavigation[];
}

export interface TTFBAttribution {
  /** Redirects, and what the browser does before it begins. */
  waitingDuration: number;
  /** The cache, and a service worker. */
  cacheDuration: number;
  dnsDuration: number;
  connectionDuration: number;
  requestDuration: number;
  navigationEntry?: PerformanceNavigationTiming | PerformanceSoftNavigation;
}

export interface TTFBMetricWithAttribution extends TTFBMetric {
  attribution: TTFBAttribution;
}

/** First input delay, which INP replaced and web-vitals have dropped. */
export interface FIDMetric extends Omit<Metric, 'name'> {
  name: 'FID';
  entries: PerformanceEventTiming[];
}

export interface FIDAttribution {
  eventTarget: string;
  eventTime: DOMHighResTimeStamp;
  eventType: string;
  eventEntry: PerformanceEventTiming;
  /** The state of the document at that time. */
  loadState: LoadState;
}

export interface FIDMetricWithAttribution extends FIDMetric {
  attribution: FIDAttribution;
}

export type MetricType = CLSMetric | FCPMetric | INPMetric | LCPMetric | TTFBMetric;

export type MetricWithAttribution =
  | CLSMetricWithAttribution
  | FCPMetricWithAttribution
  | INPMetricWithAttribution
  | LCPMetricWithAttribution
  | TTFBMetricWithAttribution;

/** @deprecated Name the metric's own type, or `MetricType`. */
export interface ReportCallback {
  (metric: MetricType): void;
}

/** Reports CLS each time that the page is hidden, if it changed. */
export function onCLS(onReport: (metric: CLSMetricWithAttribution) => void, opts?: AttributionReportOpts): void;
/** Reports FCP of each view. */
export function onFCP(onReport: (metric: FCPMetricWithAttribution) => void, opts?: AttributionReportOpts): void;
/** Reports the delay of the document's first input. */
export function onFID(onReport: (metric: FIDMetricWithAttribution) => void, opts?: AttributionReportOpts): void;
/** Reports INP each time that the page is hidden, if it changed. */
export function onINP(onReport: (metric: INPMetricWithAttribution) => void, opts?: INPAttributionReportOpts): void;
/** Reports LCP when the first key press, click or hiding made it final. */
export function onLCP(onReport: (metric: LCPMetricWithAttribution) => void, opts?: LCPAttributionReportOpts): void;
/** Reports TTFB after the page has loaded. */
export function onTTFB(onReport: (metric: TTFBMetricWithAttribution) => void, opts?: AttributionReportOpts): void;

export const CLSThresholds: MetricRatingThresholds;
export const FCPThresholds: MetricRatingThresholds;
export const FIDThresholds: MetricRatingThresholds;
export const INPThresholds: MetricRatingThresholds;
export const LCPThresholds: MetricRatingThresholds;
export const TTFBThresholds: MetricRatingThresholds;
