// Runs in the page: the same registrations with several libraries, and what each of them called back.
//
// In: `registrations` (see cases.mjs) and `subject`, the address of the library under test, from the
// page's `#case`. Out: one record per document in sessionStorage, written when the document is left or
// hidden, with every call as it was at that moment. Must never happen: a reference to a metric kept, as
// the libraries change them later; or a library that hears of something before another one is there.

const { registrations, subject } = JSON.parse(document.querySelector('#case').textContent);

const LIBRARIES = {
  standard: '/web-vitals.js',
  attribution: '/web-vitals.attribution.js',
  subject,
};

/** Options that are functions have a name in the registrations. */
const FUNCTIONS = {
  byRole: (node) => node?.dataset?.role,
  nothing: () => undefined,
};

const record = { id: Math.random(), at: Date.now(), url: location.href, calls: {}, faults: [] };
const libraries = {};
const shared = {};

addEventListener('error', ({ message }) => record.faults.push(message));
addEventListener('unhandledrejection', ({ reason }) => record.faults.push(String(reason)));

/** Registers callbacks with each library, in the same order. */
const register = (list) => {
  for (const [name, library] of Object.entries(libraries)) {
    for (const registration of list) {
      const calls = record.calls[name];
      const options = optionsOf(registration, name);
      library[`on${registration.on}`](
        (metric) => calls.push({ registration: registration.as ?? registration.on, metric: keep(metric, calls.objects) }),
        ...(options ? [options] : []),
      );
    }
  }
};

/** Registrations with the same `shared` name hand over the same object, once for each library. */
const optionsOf = ({ options, shared: name }, library) => {
  if (!options) return undefined;
  const made = { ...options };
  if (made.generateTarget) made.generateTarget = FUNCTIONS[made.generateTarget];
  return name ? (shared[`${library} ${name}`] ??= made) : made;
};

/** A metric as it is now, with the number of the object that carries it. */
const keep = (metric, objects) => {
  if (!objects.includes(metric)) objects.push(metric);
  return { ...describe(metric), object: `object ${objects.indexOf(metric)}` };
};

/** Entries and elements as texts that are equal only for the same one. */
const describe = (value) => {
  if (value instanceof PerformanceEntry) {
    return `entry ${value.entryType} ${value.name} at ${value.startTime} for ${value.duration}`;
  }
  if (value instanceof Node) return `node ${[...document.querySelectorAll('*')].indexOf(value)} ${value.nodeName}`;
  if (globalThis.LayoutShiftAttribution && value instanceof LayoutShiftAttribution) {
    const { x, y, width, height } = value.currentRect;
    return `source ${describe(value.node)} to ${[x, y, width, height]}`;
  }
  if (Array.isArray(value)) return value.map(describe);
  if (value && typeof value == 'object') {
    return Object.fromEntries(Object.keys(value).map((key) => [key, describe(value[key])]));
  }
  return value === undefined ? 'undefined' : Number.isFinite(value) ? value : String(value);
};

/** Writes down what there is. Each document has a place of its own: another one may write as well. */
const save = () => {
  sessionStorage[`record ${record.id}`] = JSON.stringify(record);
};

// Not capturing: after every listener of the libraries. A page that is left is hidden last.
addEventListener('pagehide', save);
addEventListener('visibilitychange', save);

// Known at once, so that a page that is left early leaves a record too.
for (const name of Object.keys(LIBRARIES)) {
  record.calls[name] = [];
  Object.defineProperty(record.calls[name], 'objects', { value: [] });
}
window.recorder = { register, record };
const loaded = await Promise.all(Object.values(LIBRARIES).map((address) => import(address)));
Object.keys(LIBRARIES).forEach((name, place) => { libraries[name] = loaded[place]; });
register(registrations);
window.recorder.ready = true;
