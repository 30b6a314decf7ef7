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
    custom, encode,
    event::Event,
    lead,
    outbox::World,
    selector, text,
    view::View,
    vitals::{Vitals, cls::Shift, inp::Input, lcp::Paint, ttfb::Navigation},
};

#[wasm_bindgen(raw_module = "./page.js")]
extern "C" {
    /// Posts a batch, as UTF-8. A `leaving` page cannot wait for the answer.
    fn post(body: &[u8], leaving: bool);
    /// Calls [`send`] in so many ms.
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
        post(body.as_bytes(), leaving);
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
            *running = Some(Running {
                beacon,
                timer: f64::INFINITY,
            });
        }
    });
    with(&mut |beacon, now| match kind {
        0 => beacon.land(path, now),
        1 => {}
        _ => beacon.view.vitals.ttfb.without_request(),
    });
}

/// Takes what happened: an entry of the performance timeline, a mark of the page's life, or a call
/// of the page. `page.js` has the same list of kinds.
///
/// With entries, `texts` is a line with a name, then the lines of an element's trail. With calls it
/// is fields, each ended by [`custom::FIELD`].
///
/// | kind | numbers | texts |
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
/// | 10 share | | channel, id |
/// | 11 lead | | form |
/// | 12 conversion | | name |
/// | 13 custom event | | name, then its properties |
/// | 14 error | line | message, script |
#[wasm_bindgen]
pub fn report(kind: u8, a: f64, b: f64, c: f64, d: f64, e: f64, texts: &str) {
    with(&mut |beacon, now| {
        if kind < 10 {
            entry(beacon, now, kind, [a, b, c, d, e], texts);
        } else {
            call(beacon, now, kind, a as u32, texts);
        }
    });
}

fn entry(beacon: &mut Beacon, now: f64, kind: u8, numbers: [f64; 5], texts: &str) {
    let [a, b, c, d, e] = numbers;
    let mut trail = texts;
    let name = text::field(&mut trail, b'\n');
    let View { labels, vitals, .. } = &mut beacon.view;
    let element = labels.keep(&selector::of(trail));
    match kind {
        0 => beacon.first_paint(a),
        1 => {
            let url = labels.keep(text::address(name, limits::URL_CHARS));
            beacon.paint(Paint {
                at: a,
                request: b,
                loaded: c,
                url,
                element,
            });
        }
        2 => beacon.shift(Shift {
            at: a,
            score: b,
            element,
        }),
        3 | 4 => {
            let input = Input {
                start: a,
                duration: b,
                processing: c,
                processed: d,
                interaction: e,
                kind: labels.keep(text::name(name, limits::NAME_CHARS)),
                element,
            };
            beacon.input(input, kind == 4);
        }
        5 => {
            let (fetch, lookup, connect, connected, response) = (a, b, c, d, e);
            let times = Navigation {
                fetch,
                lookup,
                connect,
                connected,
                response,
            };
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
}

fn call(beacon: &mut Beacon, now: f64, kind: u8, line: u32, texts: &str) {
    let mut rest = texts;
    let name = text::field(&mut rest, custom::FIELD);
    let second = text::field(&mut { rest }, custom::FIELD);
    let event = match kind {
        10 => return beacon.share(name, second, now),
        11 => Some(lead::lead(name)),
        12 => lead::conversion(name),
        13 => return custom_event(beacon, name, rest),
        _ => {
            if let Some(event) = beacon.view.faults.observe(name, second, line) {
                beacon.tell(event, f64::INFINITY);
            }
            return;
        }
    };
    if let Some(event) = event {
        let event = encode::event(&event, &beacon.view.labels);
        beacon.tell(event, now + PATIENCE_MS);
    }
}

fn custom_event(beacon: &mut Beacon, name: &str, flat: &str) {
    let name = text::name(name, limits::NAME_CHARS);
    if !name.is_empty() {
        let event = Event::Custom {
            name,
            props: &custom::props(flat),
        };
        let event = encode::event(&event, &beacon.view.labels);
        beacon.tell(event, f64::INFINITY);
    }
}

/// Takes a custom event with its properties as an object. Only the build for npm has it.
#[cfg(feature = "npm")]
#[wasm_bindgen]
#[expect(
    clippy::needless_pass_by_value,
    reason = "wasm-bindgen hands values over"
)]
pub fn track(name: &str, props: wasm_bindgen::JsValue) {
    let flat = crate::object::flat(&props);
    with(&mut |beacon, _| custom_event(beacon, name, &flat));
}

/// Posts what there is to tell: everything if the page is `leaving`, that is hidden, going away or
/// becoming another view; else what is due, because the timer has run down. `id` is random, for the
/// batch.
#[wasm_bindgen]
pub fn send(id: &str, leaving: bool) {
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running {
            running.timer = f64::INFINITY;
        }
    });
    with(&mut |beacon, _| {
        let page = &mut Page { id, asked: 0 };
        if leaving {
            beacon.leave(page);
        } else {
            beacon.wake(page);
        }
    });
}
