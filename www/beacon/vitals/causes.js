// What made an interaction slow: its parts, and the long animation frames beside it.
//
// In: the events of a registration, as they are handled. Out: the attribution of its value. Which
// frames and entries are kept, and every sum, is the wasm's business; entries stay here.

import { Ask } from './ask.ts';
import { loadState, observe } from './observe.js';
import { whenIdle } from './life.js';
import { parts } from './metric.js';

// Long frames and events are told out of order.
const LATEST = 10;

const PARTS = ['inputDelay', 'processingDuration', 'presentationDelay'];
const PHASES = ['input-delay', 'processing-duration', 'presentation-delay'];
const TOTALS = ['totalScriptDuration', 'totalStyleAndLayoutDuration', 'totalPaintDuration', 'totalUnattributedDuration'];

/** Watches long frames for the meter `own` of interactions. */
export const causes = (own, options) => {
  const { ask } = own;
  const entriesOf = new Map();
  const frameOf = new WeakMap();
  let longFrames = [];
  let cleaning = false;

  const clean = () => {
    cleaning = false;
    ask(Ask.PRUNE);
    for (const number of entriesOf.keys()) {
      if (!ask(Ask.HAS_FRAME, number)) entriesOf.delete(number);
    }
    longFrames = longFrames.filter(({ startTime, duration }, index) => ask(
      Ask.TOUCHES, startTime, startTime + duration, longFrames.length - index > LATEST ? 0 : 1,
    ));
  };

  const cleanSoon = () => {
    if (cleaning) return;
    cleaning = true;
    whenIdle(clean);
  };

  observe(['long-animation-frame'], (entries) => {
    longFrames.push(...entries);
    cleanSoon();
  }, options);

  /** What scripts, layout and painting took of an interaction, from the long frames beside it. */
  const blame = (frames) => {
    let longest;
    for (const { startTime, duration, styleAndLayoutStart, scripts } of frames) {
      ask(Ask.LONG_FRAME, startTime + duration, styleAndLayoutStart);
      for (const script of scripts) {
        if (ask(Ask.SCRIPT, script.startTime, script.duration, script.forcedStyleAndLayoutDuration)) {
          longest = script;
        }
      }
    }
    const known = frames.length;
    return {
      longestScript: longest && {
        entry: longest,
        subpart: PHASES[ask(Ask.PHASE)],
        intersectingDuration: ask(Ask.LONGEST),
      },
      ...Object.fromEntries(TOTALS.map((name, sum) => [name, known ? ask(Ask.SUMS + sum) : undefined])),
    };
  };

  return {
    /** An event was handled and painted in the frame with that number. */
    handled(entry, frame) {
      if (options.includeProcessedEventEntries) {
        if (!entriesOf.has(frame)) entriesOf.set(frame, []);
        entriesOf.get(frame).push(entry);
        frameOf.set(entry, entriesOf.get(frame));
      }
      cleanSoon();
    },
    /** The attribution of a metric whose value is an interaction. */
    explain({ entries: [first], navigationStartTime }, interactions) {
      const times = parts(ask, PARTS);
      if (!first) {
        return {
          processedEventEntries: [], longAnimationFrameEntries: [], ...times,
          presentationDelay: ask(Ask.VALUE), loadState: loadState(navigationStartTime),
        };
      }
      const start = first.startTime;
      const handled = start + times.inputDelay + times.processingDuration;
      const frames = longFrames.filter(({ startTime, duration }) =>
        startTime + duration >= start && startTime <= handled);
      return {
        interactionTarget: interactions.get(first.interactionId)?.target,
        interactionType: first.name.startsWith('key') ? 'keyboard' : 'pointer',
        interactionTime: start,
        nextPaintTime: handled + times.presentationDelay,
        processedEventEntries: (frameOf.get(first) ?? []).sort((a, b) => a.processingStart - b.processingStart),
        longAnimationFrameEntries: frames,
        ...times,
        loadState: loadState(start),
        ...blame(frames),
      };
    },
  };
};
