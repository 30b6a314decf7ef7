// Interaction to next paint. In: the page's callback and options. Out: calls of it, as web-vitals has
// them: each time that the page is hidden, if the value changed. Events are looked at when the page
// is idle, because those of one interaction are told one after the other.

import { Ask } from './ask.ts';
import { onHidden, onRestore, watch, whenActivated, whenIdle } from './life.js';
import { interactions as count, meter } from './metric.js';
import { observe, softly } from './observe.js';
import { target } from './target.js';
import { causes } from './causes.js';

// What becomes of an event, as beacon/src/drop_in.rs answers.
const NEW = 1, LONGER = 2, ALIKE = 3;

const able = () => 'interactionId' in (self.PerformanceEventTiming?.prototype ?? {});

/** Calls `tell` for the longest interaction of each view. */
export const inp = (tell, options) => {
  if (!able()) return;
  const interactions = new Map();
  let own;
  let why;

  const named = (interaction) => {
    const { entries } = interaction;
    const node = entries.find((entry) => entry.target)?.target;
    interaction.target ||= node ? target(node, options)
      : entries.find((entry) => entry.targetSelector)?.targetSelector;
  };

  const handle = (entry) => {
    const { interactionId, startTime, duration, processingStart, processingEnd } = entry;
    const taken = own.ask(Ask.EVENT, interactionId, startTime, duration, processingStart, processingEnd);
    why.handled(entry, own.ask(Ask.FRAME));
    if (!taken) return;
    if (taken == NEW) interactions.set(interactionId, { entries: [entry] });
    const interaction = interactions.get(interactionId);
    if (taken == LONGER) interaction.entries = [entry];
    if (taken == ALIKE) interaction.entries.push(entry);
    named(interaction);
    for (const id of interactions.keys()) {
      if (!own.ask(Ask.HOLDS, id)) interactions.delete(id);
    }
  };

  const update = () => {
    own.ask(Ask.SETTLE, count());
    if (own.ask(Ask.VALUE) != own.metric.value) {
      own.update(interactions.get(own.ask(Ask.INTERACTION))?.entries ?? []);
      own.report();
    }
  };

  const begin = (entry) => {
    own.begin(entry);
    interactions.clear();
  };

  const navigate = (entry) => {
    update();
    own.report(true);
    begin(entry);
  };

  const handleAll = (entries) => {
    entries.forEach((entry) => (entry.entryType == 'soft-navigation' ? navigate : handle)(entry));
    update();
  };

  // Batches of entries that wait until the page is idle.
  const waiting = new Set();
  const handleOnce = (entries) => { if (waiting.delete(entries)) handleAll(entries); };

  watch();
  whenActivated(() => {
    own = meter('INP', tell, options, (metric) => why.explain(metric, interactions));
    why = causes(own, options);
    const types = ['event', 'first-input'];
    if (softly(options)) types.push('soft-navigation');
    const observer = observe(types, (entries) => {
      waiting.add(entries);
      whenIdle(() => handleOnce(entries));
    }, { ...options, durationThreshold: options.durationThreshold ?? 40 });
    if (!observer) return;
    onHidden(() => {
      waiting.forEach(handleOnce);
      handleAll(observer.takeRecords());
      own.report(true);
    });
    onRestore(() => begin());
  });
};
