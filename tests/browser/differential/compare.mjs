// Compares what the library under test called back with what web-vitals did in the same document.
//
// In: records of recorder.js. Out: how many fields were compared, and each difference with its place.
// Ours stands beside two builds of theirs: the standard one has no attribution, the other has both.
// Must never happen: a field that only one side has and nobody sees.

/** How far two times may be apart, in ms. */
const TIME_MS = 1;
const SCORE = 1e-6;
/** These numbers are no measurements. */
const EXACT = /(^|\.)(navigationId|navigationInteractionId|length)$/;
const ID = /^v\d+-\d{13}-\d{13}$/;

/** Compares one document's record with both builds. */
export function compareRecord(record) {
  const { standard, attribution, subject } = record.calls;
  const found = { fields: 0, differences: [] };
  compareCalls(found, 'standard', standard.map(withoutAttribution), subject.map(withoutAttribution));
  compareCalls(found, 'attribution', attribution, subject);
  return found;
}

function withoutAttribution({ registration, metric: { attribution, ...metric } }) {
  return { registration, metric };
}

function compareCalls(found, build, theirs, ours) {
  const differ = (path, their, our, navigation = '', metric = undefined) =>
    found.differences.push({ build, path, navigation, theirs: their, ours: our, metric });
  const order = (calls) => calls.map(({ registration }) => registration).join(' ');
  found.fields += 1;
  if (order(theirs) !== order(ours)) {
    differ('order of calls', order(theirs), order(ours));
  }
  for (const registration of new Set([...theirs, ...ours].map((call) => call.registration))) {
    const of = (calls) => calls.filter((call) => call.registration === registration).map(({ metric }) => metric);
    const [their, our] = [of(theirs), of(ours)].map((metrics) => metrics.map(flat));
    found.fields += 1;
    if (their.length !== our.length) {
      const values = (metrics) => metrics.map((metric) => metric.get('value'));
      differ(`${registration} number of calls`, values(their), values(our));
    }
    for (let call = 0; call < Math.min(their.length, our.length); call += 1) {
      compareMetric(found, (path, ...sides) => differ(`${registration} ${call} ${path}`, ...sides), their[call], our[call]);
    }
    compareGroups(found, (path, ...sides) => differ(`${registration} ${path}`, ...sides), their, our);
  }
}

function compareMetric(found, differ, theirs, ours) {
  for (const path of new Set([...theirs.keys(), ...ours.keys()])) {
    found.fields += 1;
    const [their, our] = [theirs.get(path), ours.get(path)];
    if (path === 'id' ? !(ID.test(their) && ID.test(our)) : !same(path, theirs.get('name'), their, our)) {
      differ(path, their, our, theirs.get('navigationType'), ours);
    }
  }
}

/** Ids, and the objects that carry them, are the same for the same calls. */
function compareGroups(found, differ, theirs, ours) {
  if (theirs.length !== ours.length) {
    return;
  }
  for (const path of ['id', 'object']) {
    const groups = (metrics) => {
      const values = metrics.map((metric) => metric.get(path));
      return values.map((value) => values.indexOf(value)).join(' ');
    };
    found.fields += 1;
    if (groups(theirs) !== groups(ours)) {
      differ(`calls with the same ${path}`, groups(theirs), groups(ours));
    }
  }
}

function same(path, name, their, our) {
  if (path === 'object' || their === our) {
    return true;
  }
  if (typeof their !== 'number' || typeof our !== 'number' || EXACT.test(path)) {
    return false;
  }
  const score = name === 'CLS' && /^(value|delta|attribution\.largestShiftValue)$/.test(path);
  return Math.abs(their - our) <= (score ? SCORE : TIME_MS);
}

/** Paths and values of everything inside, so that a missing field is as visible as a wrong one. */
function flat(value) {
  const fields = new Map();
  const walk = (path, inside) => {
    if (inside === null || typeof inside !== 'object') {
      return fields.set(path, inside);
    }
    if (Array.isArray(inside)) {
      fields.set(`${path}.length`, inside.length);
    }
    for (const [key, next] of Object.entries(inside)) {
      walk(path ? `${path}.${key}` : key, next);
    }
  };
  walk('', value);
  return fields;
}
