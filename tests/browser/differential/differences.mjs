// The differences to web-vitals that are accepted, each with its reason. A difference that no line
// names fails the suite.
//
// A line: where it holds (`engine`, `build`, `case`, `path`, `navigation`: regular expressions; without
// one it holds everywhere), `accept(theirs, ours)` for how far it goes, and the reason. Must never
// happen: a line that is wider than its reason.

/** A frame at 60 Hz, in ms: the time within which all callbacks of one frame run. */
const FRAME_MS = 17;

const near = (ms) => (theirs, ours) =>
  [theirs].flat().length === [ours].flat().length &&
  [theirs].flat().every((value, place) => Math.abs(value - [ours].flat()[place]) <= ms);

/** Whether each long frame of our metric overlaps the interaction until it was handled, as web-vitals has it. */
function overlaps(metric) {
  const start = metric.get('attribution.interactionTime');
  const handled = start + metric.get('attribution.inputDelay') + metric.get('attribution.processingDuration');
  return [...metric]
    .filter(([path]) => /^attribution\.longAnimationFrameEntries\.\d+$/.test(path))
    .map(([, frame]) => /at (.+) for (.+)$/.exec(frame).slice(1).map(Number))
    .every(([begin, duration]) => begin <= handled && begin + duration >= start);
}

const LINES = [
  {
    path: /^(FCP|LCP)( .* (value|delta|attribution\.(firstByteToFCP|elementRenderDelay)))?$/,
    navigation: /^back-forward-cache$/,
    accept: near(FRAME_MS),
    reason: 'after a restore the value is what the clock says in a callback, and each library has its own callback in the frame',
  },
  {
    build: /^standard$/,
    case: /^two callbacks that share their options$/,
    path: /^(INP|CLS) /,
    reason: 'the standard build counts each entry twice if two registrations share their options; the attribution build does not',
  },
  {
    build: /^(standard|attribution)$/,
    case: /^a shift and an input at the moment it is hidden$/,
    path: /^(order of calls|INP number of calls)$/,
    accept: (theirs, ours) =>
      typeof theirs === 'string' ? ours.replace(' INP', '') === theirs : theirs.length === 0 && ours.length === 1,
    reason: 'entries that wait for an idle moment when the page is hidden: web-vitals reports first and looks at them after, so that the interaction is lost; ours is told',
  },
  {
    build: /^(standard|attribution)$/,
    case: /^a late registration after two windows$/,
    path: /^CLS 0 /,
    reason: 'several session windows in one batch of buffered entries: web-vitals takes the last one, ours the largest, as the definition has it',
  },
  {
    build: /^attribution$/,
    path: /^INP\b.* attribution\.(longAnimationFrameEntries|longestScript|total)/,
    accept: (theirs, ours, { metric }) => [0, undefined, 'undefined'].includes(theirs) && overlaps(metric),
    reason: 'web-vitals may forget a long frame before it has looked at the interaction that the frame belongs to; ours has kept it, and it does overlap',
  },
  {
    build: /^attribution$/,
    path: /^INP\b.* attribution\.total(StyleAndLayout|Unattributed)Duration$/,
    // More style and layout than there was time, or less than nothing for the rest.
    accept: (theirs, ours, { metric }) => ours >= 0 && (theirs < 0 || theirs > metric.get('value')),
    reason: 'a long frame that drew nothing has no start of style and layout (0): web-vitals counts from the page\'s beginning, ours counts none',
  },
  {
    build: /^script tag$/,
    case: /^a shift and an input at the moment it is hidden$/,
    path: /^INP$/,
    accept: (theirs, ours) => theirs.length === 0 && ours.length === 1,
    reason: 'an entry that comes after the page was hidden waits in web-vitals for the next time; the beacon tells it when the page is left',
  },
];

const PLACES = ['engine', 'build', 'case', 'path', 'navigation'];

/** The line that accepts a difference, if there is one. */
export const accepted = (difference) =>
  LINES.find(
    (line) =>
      PLACES.every((place) => !line[place] || line[place].test(difference[place])) &&
      (!line.accept || line.accept(difference.theirs, difference.ours, difference)),
  );
