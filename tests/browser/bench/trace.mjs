// Reads what a script costs out of a performance trace of Chromium.
//
// In: a trace's events and the page's address. Out: ms. It is pure. What counts as the script's own:
//
// - whatever the trace names with an address of the script: compiling, evaluating, calling;
// - work on wasm;
// - microtasks outside of the page's own code, as the page has none of its own: promises go on there.
//
// All times are those of the thread (so that a busy machine does not count), under the throttle.

const ADDRESSED = new Set(['EvaluateScript', 'FunctionCall', 'v8.compile', 'v8.compileModule', 'v8.evaluateModule']);

/** Long, by the definition of https://w3c.github.io/longtasks/. */
const LONG_MS = 50;

const ms = (event) => (event.tdur ?? event.dur ?? 0) / 1000;
const isWasm = ({ cat }) => cat.includes('v8.wasm');
const addressOf = ({ args }) => args?.data?.url ?? args?.fileName ?? '';

/** The process and thread of the page, and when it began. */
const findPage = (events, url) => {
  const start = events.find(({ name, args }) => name == 'navigationStart' && args?.data?.documentLoaderURL == url
    && args.data.isOutermostMainFrame !== false);
  if (!start) throw new Error(`the trace knows no ${url}`);
  const thread = events.find(({ name, pid, args }) => name == 'thread_name' && pid == start.pid
    && args.name == 'CrRendererMain');
  return { pid: start.pid, tid: thread.tid, began: start.ts, frame: start.args.frame };
};

/** The complete events of a thread, each before those that it holds. */
const complete = (events, { pid, tid, began }) => events
  .filter((event) => event.ph == 'X' && event.pid == pid && event.tid == tid && event.ts + event.dur >= began)
  .sort((a, b) => a.ts - b.ts || b.dur - a.dur);

/** Whether an event is the script's; undefined if that depends on what it holds. */
const owner = (event, url) => {
  if (isWasm(event)) return 'wasm';
  if (event.name == 'RunMicrotasks') return 'script';
  if (!ADDRESSED.has(event.name)) return undefined;
  const address = addressOf(event);
  if (!address || address.startsWith('__') || address.startsWith('debugger:')) return undefined;
  // Inline code of the page's head is the script's snippet only if it says so by its own address.
  return address == url ? 'page' : 'script';
};

/** What the events of one task take: the script's own time, and that of wasm in it. */
const account = (task, url) => {
  const sums = { script: 0, wasm: 0 };
  let [coveredUntil, wasmUntil] = [0, 0];
  for (const event of task.inside) {
    const who = owner(event, url);
    const end = event.ts + event.dur;
    if (who == 'wasm' && event.ts >= wasmUntil) {
      sums.wasm += ms(event);
      wasmUntil = end;
    }
    if (who && event.ts >= coveredUntil) {
      if (who != 'page') sums.script += ms(event);
      coveredUntil = end;
    }
  }
  return sums;
};

/** The tasks of the page's main thread with what happened in each. */
const tasksOf = (events) => {
  const tasks = [];
  for (const event of events) {
    const task = tasks.at(-1);
    if (event.name == 'RunTask' || event.name == 'ThreadControllerImpl::RunTask') {
      if (!task || event.ts >= task.ts + task.dur) tasks.push({ ...event, inside: [] });
    } else if (task && event.ts < task.ts + task.dur) task.inside.push(event);
  }
  return tasks;
};

/** The last candidate for the largest paint, in ms since the navigation. */
const lcp = (events, { began, frame }) => {
  const candidates = events.filter(({ name, args }) => name == 'largestContentfulPaint::Candidate' && args.frame == frame);
  return candidates.length ? (Math.max(...candidates.map(({ ts }) => ts)) - began) / 1000 : NaN;
};

/** The longest interaction, in ms. */
const inp = (events) => events
  .filter(({ name, args }) => name == 'EventTiming' && args?.data?.interactionId)
  .reduce((longest, { args }) => Math.max(longest, args.data.duration ?? 0), 0);

/** What one load cost. */
export const read = (events, url) => {
  const page = findPage(events, url);
  const tasks = tasksOf(complete(events, page));
  const own = tasks.map((task) => ({ task: ms(task), ...account(task, url) }));
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  return {
    main: sum(own.map(({ task }) => task)),
    script: sum(own.map(({ script }) => script)),
    wasm: sum(own.map(({ wasm }) => wasm)),
    // Wasm is compiled beside the main thread too.
    beside: sum(events.filter((event) => event.ph == 'X' && event.pid == page.pid && event.tid != page.tid
      && isWasm(event)).map(ms)),
    longest: Math.max(0, ...own.map(({ script }) => script)),
    long: own.filter(({ task, script }) => task > LONG_MS && script > task / 2).length,
    lcp: lcp(events, page),
    inp: inp(events),
  };
};
