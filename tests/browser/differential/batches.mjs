// The script tag's values beside the last ones that web-vitals called back in the same documents.
//
// In: records of recorder.js, and the batches that were posted. Out: fields and differences, as in
// compare.mjs. Must never happen: a value that one of them has and the other not.

/** How far values may be apart: times in ms, and scores, which batches carry rounded. */
const TOLERANCE = { CLS: 0.0001, time: 1 };

/** Compares the views of one type of navigation after the other, each metric in their order. */
export function compareBatches(records, batches) {
  const found = { fields: 0, differences: [] };
  const theirs = group(lastCalls(records));
  const ours = group(lastValues(batches));
  for (const path of new Set([...theirs.keys(), ...ours.keys()])) {
    const [their, our] = [theirs.get(path) ?? [], ours.get(path) ?? []];
    found.fields += Math.max(their.length, our.length);
    const [name, navigation] = path.split(' in ');
    const apart = TOLERANCE[name] ?? TOLERANCE.time;
    if (their.length !== our.length || their.some((value, place) => !(Math.abs(value - our[place]) <= apart))) {
      found.differences.push({ build: 'script tag', path: name, navigation, theirs: their, ours: our });
    }
  }
  return found;
}

/** The last call of each metric of each view. A case may have registered a metric twice. */
function lastCalls(records) {
  const last = new Map();
  for (const { registration, metric } of records.flatMap(({ calls }) => calls.standard)) {
    if (registration === metric.name) {
      last.set(`${metric.name} ${metric.id}`, metric);
    }
  }
  return [...last.values()].map(({ name, value, navigationType }) => ({ name, value, navigation: navigationType }));
}

/** The last value of each metric of each view. web-vitals has no FID any more. */
function lastValues(batches) {
  const last = new Map();
  for (const { view, events } of inOrder(batches)) {
    for (const { vital } of events.filter(({ vital }) => vital && vital.name !== 'FID')) {
      last.set(`${vital.name} ${view.id}`, { name: vital.name, value: vital.value, navigation: view.nav });
    }
  }
  return [...last.values()];
}

/** View after view. When one began is known from its first batch; from another it may seem a ms earlier or later. */
function inOrder(batches) {
  const began = new Map();
  for (const { sent, view } of batches.toSorted((a, b) => a.view.seq - b.view.seq)) {
    if (!began.has(view.id)) {
      began.set(view.id, sent - view.age);
    }
  }
  return batches.toSorted((a, b) => began.get(a.view.id) - began.get(b.view.id) || a.view.seq - b.view.seq);
}

function group(values) {
  const groups = new Map();
  for (const { name, value, navigation } of values) {
    const path = `${name} in ${navigation}`;
    groups.set(path, [...(groups.get(path) ?? []), value]);
  }
  return groups;
}
