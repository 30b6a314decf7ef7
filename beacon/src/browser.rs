//! The door to the page: the only part that knows of JavaScript.
//!
//! In: calls of `www/loader/page.js`, with plain numbers and texts. Out: posts and a timer. The
//! page's side is a module of our own and not `web-sys`, because reading every entry through typed
//! handles and a closure per type cost 8 KB of compressed wasm and glue. Nothing here may decide
//! what to measure or to send.

use std::cell::RefCell;

use foresight_shared::limits;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    beacon::{Beacon, PATIENCE_MS},
    custom,
    encode,
    event::Event,
    lead,
    outbox::World,
    selector, text,
    view::View,
    vitals::{Vitals, cls::Shift, inp::Input, lcp::Paint, ttfb::Navigation},
};

#[wasm_bindgen(raw_module = "./page.js")]
extern "C" {
    /// Posts a batch. A `leaving` page cannot wait for the answer.
    fn post(body: &str, leaving: bool);
    /// Calls [`wake`] in so many ms.
    fn later(ms: f64);
}

#[wasm_bindgen]
extern "C" {
    /// Ms since the document's time origin.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
    /// Ms since 1970.
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn wall() -> f64;
}

/// The page, as the outbox sees it. None of its functions calls back before it returns.
struct Page<'a> {
    /// A random id that was made for this call.
    id: &'a str,
    /// How many ids were asked for.
    asked: u8,
}

impl World for Page<'_> {
    fn now(&self) -> f64 {
        now()
    }

    fn wall(&self) -> u64 {
        wall() as u64
    }

    fn id(&mut self) -> String {
        let mut id = String::from(self.id);
        // Rarely does one call need two: its events fill more than one batch.
        for _ in 0..self.asked {
            id.push_str("-");
        }
        self.asked += 1;
        id
    }

    fn post(&mut self, body: &str, leaving: bool) {
        post(body, leaving);
    }
}

/// The beacon, and when its timer is due.
struct Running {
    beacon: Beacon,
    timer: f64,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Lets `act` work on the running beacon and sets the timer. One copy of it serves all callers.
#[inline(never)]
fn with(act: &mut dyn FnMut(&mut Beacon, f64)) {
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running {
            let now = now();
            act(&mut running.beacon, now);
            let due = running.beacon.due();
            if due < running.timer {
                running.timer = due;
                later(due - now);
            }
        }
    });
}

/// Begins a page view: the document's first, or the next one in the same document.
///
/// `facts` are lines: site, `ref` of the address, view id, path, and what [`encode::open`] takes as
/// facts. `kind` is 0 for a new visit, 1 for a document that was loaded
/// again, 2 for a view in a document that was there before. `start` and `hidden` are times since
/// the time origin; `interactions` is the browser's count, or negative; `seq` is 1 if the loader
/// has counted the view; `can` has the bit `1 << metric` for each metric that the browser knows.
#[wasm_bindgen]
pub fn begin(
    facts: &str,
    kind: u8,
    start: f64,
    hidden: f64,
    interactions: f64,
    seq: u32,
    can: u32,
) {
    let mut rest = facts;
    let mut line = || text::field(&mut rest, b'\n');
    let (site, reference, id) = (line(), line(), line());
    let path = text::cut(line(), limits::PATH_CHARS);
    let facts = line().into();
    let vitals = Vitals::new(start, hidden, kind == 2, interactions);
    let view = View::new(id, facts, vitals, seq, can);
    RUNNING.with_borrow_mut(|running| match running {
        Some(running) => running.beacon.view = view,
        None => {
            let beacon = Beacon::new(site, view, reference);
            *running = Some(Running { beacon, timer: f64::INFINITY });
        }
    });
    with(&mut |beacon, now| match kind {
        0 => beacon.land(path, now),
        1 => {}
        _ => beacon.view.vitals.ttfb.without_request(),
    });
}

/// Takes an entry of the performance timeline, or a mark of the page's life. `page.js` has the
/// same list of kinds. `texts` is a line with a name, then the lines of an element's trail.
///
/// | kind | numbers | name |
/// |---|---|---|
/// | 0 first paint | at | |
/// | 1 largest paint | at, request, loaded | address |
/// | 2 layout shift | at, score | |
/// | 3 event, 4 first input | start, duration, processing, processed, interaction | type |
/// | 5 navigation | fetch, lookup, connect, connected, response | |
/// | 6 trusted input | at | |
/// | 7 hidden | at | |
/// | 8 restored page painted | ms | |
/// | 9 interactions counted | count | |
#[wasm_bindgen]
pub fn entry(kind: u8, a: f64, b: f64, c: f64, d: f64, e: f64, texts: &str) {
    let mut trail = texts;
    let name = text::field(&mut trail, b'\n');
    with(&mut |beacon, now| {
        let element = beacon.view.labels.keep(&selector::of(trail));
        let vitals = &mut beacon.view.vitals;
        match kind {
            0 => beacon.first_paint(a),
            1 => {
                let url = beacon.view.labels.keep(text::address(name, limits::URL_CHARS));
                beacon.paint(Paint { at: a, request: b, loaded: c, url, element });
            }
            2 => beacon.shift(Shift { at: a, score: b, element }),
            3 | 4 => {
                let input = Input {
                    start: a,
                    duration: b,
                    processing: c,
                    processed: d,
                    interaction: e,
                    kind: beacon.view.labels.keep(text::name(name, limits::NAME_CHARS)),
                    element,
                };
                beacon.input(input, kind == 4);
            }
            5 => {
                let (fetch, lookup, connect, connected, response) = (a, b, c, d, e);
                let times = Navigation { fetch, lookup, connect, connected, response };
                vitals.ttfb.observe(times, now);
            }
            6 => vitals.lcp.finish(a),
            7 => vitals.hide(a),
            8 => {
                vitals.fcp.measured(a);
                vitals.lcp.measured(a);
            }
            _ => vitals.inp.counted(a),
        }
    });
}

/// Takes a call of the page. `texts` are fields, each ended by [`custom::FIELD`].
///
/// | kind | fields | number |
/// |---|---|---|
/// | 0 share | channel, id | |
/// | 1 lead | form | |
/// | 2 conversion | name | |
/// | 3 custom event | name, then its properties | |
/// | 4 error | message, script | line |
#[wasm_bindgen]
pub fn call(kind: u8, texts: &str, number: u32) {
    let mut rest = texts;
    let name = text::field(&mut rest, custom::FIELD);
    with(&mut |beacon, now| {
        let soon = now + PATIENCE_MS;
        let (event, by) = match kind {
            0 => return beacon.share(name, text::field(&mut { rest }, custom::FIELD), now),
            1 => (Some(lead::lead(name)), soon),
            2 => (lead::conversion(name), soon),
            3 => return custom_event(beacon, name, rest),
            _ => {
                let source = text::field(&mut { rest }, custom::FIELD);
                if let Some(event) = beacon.view.faults.observe(name, source, number) {
                    beacon.tell(event, f64::INFINITY);
                }
                return;
            }
        };
        if let Some(event) = event {
            let event = encode::event(&event, &beacon.view.labels);
            beacon.tell(event, by);
        }
    });
}

fn custom_event(beacon: &mut Beacon, name: &str, flat: &str) {
    let name = text::name(name, limits::NAME_CHARS);
    if !name.is_empty() {
        let event = Event::Custom { name, props: &custom::props(flat) };
        let event = encode::event(&event, &beacon.view.labels);
        beacon.tell(event, f64::INFINITY);
    }
}

/// Takes a custom event with its properties as an object. Only the build for npm has it.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn track(name: &str, props: wasm_bindgen::JsValue) {
    let flat = crate::object::flat(props);
    with(&mut |beacon, _| custom_event(beacon, name, &flat));
}

/// The page is hidden or goes away, or its view ends. `id` is random, for the batch to post.
#[wasm_bindgen]
pub fn leave(id: &str) {
    with(&mut |beacon, _| beacon.leave(&mut Page { id, asked: 0 }));
}

/// The timer has run down. `id` is random, for the batch to post.
#[wasm_bindgen]
pub fn wake(id: &str) {
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running {
            running.timer = f64::INFINITY;
        }
    });
    with(&mut |beacon, _| beacon.wake(&mut Page { id, asked: 0 }));
}
