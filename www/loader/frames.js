// Long animation frames, and the scripts that made them long.
//
// In: `long-animation-frame` entries. Out: the script to blame for a frame or an interaction. A page
// that lives for days must not fill memory: the shorter frames are forgotten. An interaction that is
// among a view's longest was handled in a frame that is among its longest.

import { address } from './texts.js';

const KEPT = 50;

let frames = [];

export const keep = (frame) => {
  frames.push(frame);
  frames = frames.sort((a, b) => b.duration - a.duration).slice(0, KEPT);
};

/** For how long (ms) the longest script in some frames ran after a moment, and its address. */
export const script = (frames, after) => frames.flatMap(({ scripts }) => scripts)
  .map(({ startTime, duration, sourceURL }) =>
    [startTime + duration - Math.max(after, startTime), address(sourceURL) || undefined])
  .sort(([a], [b]) => b - a)[0] || [];

/** The same for an interaction that was handled from `start` to `end`. */
export const scriptIn = (start, end) => script(frames.filter(({ startTime, duration }) =>
  startTime <= end && startTime + duration >= start), start);
