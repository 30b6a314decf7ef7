//! The door to the page: the only part that knows of JavaScript.
//!
//! In: calls of `www/loader/page.js`, with plain numbers and texts. Out: posts, a timer, ids. The
//! page's side is a module of our own and not `web-sys`, because reading every entry through typed
//! handles and a closure per type cost 8 KB of compressed wasm and glue. Nothing here may decide
//! what to measure or to send.

use std::cell::RefCell;

use foresight_shared::{Connection, NavigationType, Viewport, limits};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    beacon::{Beacon, PATIENCE_MS},
    custom,
    encode::{self, Facts},
    event::Event,
    lead,
    outbox::World,
    selector, text,
    view::View,
    vitals::{Vitals, cls::Shift, inp::Input, lcp::Paint, ttfb::Navigation},
};

#[wasm_bindgen(raw_module = "./page.js")]
extern "C" {
    /// Posts a batch; the answer comes through [`answered`] unless the ticket is 0.
    fn post(body: &str, ticket: u32);
    /// Calls [`wake`] in so many ms.
    fn later(ms: f64);
    /// A random id.
    fn id() -> String;
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
struct Page;

impl World for Page {
    fn now(&self) -> f64 {
        now()
    }

    fn wall(&self) -> u64 {
        wall() as u64
    }

    fn id(&mut self) -> String {
        id()
    }

    fn post(&mut self, body: &str, ticket: u32) {
        post(body, ticket);
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
/// `facts` are lines: site, query string, view id, path, referring host, navigation type,
/// connection type, viewport class. `start` and `hidden` are times since the time origin;
/// `interactions` is the browser's count, or negative; `seq` is 1 if the loader has counted the
/// view; `can` has the bit `1 << metric` for each metric that the browser knows.
#[wasm_bindgen]
pub fn begin(
    facts: &str,
    start: f64,
    hidden: f64,
    revived: bool,
    interactions: f64,
    seq: u32,
    can: u32,
) {
    let mut rest = facts;
    let mut line = || text::field(&mut rest, b'\n');
    let (site, query, id) = (line(), line(), line());
    let path = text::path(line(), limits::PATH_CHARS);
    let referrer = text::cut(line(), limits::HOST_CHARS);
    let navigation = NavigationType::from_word(line()).unwrap_or(NavigationType::Navigate);
    let facts = encode::facts(&Facts {
        path,
        referrer,
        navigation,
        connection: Connection::from_word(line()),
        viewport: Viewport::from_word(line()).unwrap_or(Viewport::Desktop),
    });
    let vitals = Vitals::new(start, hidden, revived, interactions);
    let view = View::new(id, facts, vitals, seq, can);
    RUNNING.with_borrow_mut(|running| match running {
        Some(running) => running.beacon.view = view,
        None => {
            let beacon = Beacon::new(site, view, query);
            *running = Some(Running {
                beacon,
                timer: f64::INFINITY,
            });
        }
    });
    with(&mut |beacon, now| {
        if revived {
            beacon.view.vitals.ttfb.without_request();
        } else if matches!(
            navigation,
            NavigationType::Navigate | NavigationType::Prerender
        ) {
            beacon.land(path, now);
        }
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
        let element = selector::of(trail);
        let vitals = &mut beacon.view.vitals;
        match kind {
            0 => beacon.first_paint(a),
            1 => {
                let url = text::address(name, limits::URL_CHARS).into();
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
                    kind: text::name(name, limits::NAME_CHARS).into(),
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
            beacon.tell(encode::event(&event), by);
        }
    });
}

fn custom_event(beacon: &mut Beacon, name: &str, flat: &str) {
    let name = text::name(name, limits::NAME_CHARS);
    if !name.is_empty() {
        let event = Event::Custom {
            name,
            props: &custom::props(flat),
        };
        beacon.tell(encode::event(&event), f64::INFINITY);
    }
}

/// Takes a custom event with its properties as an object. Only the build for npm has it.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn track(name: &str, props: wasm_bindgen::JsValue) {
    let flat = crate::object::flat(props);
    with(&mut |beacon, _| custom_event(beacon, name, &flat));
}

/// The page is hidden or goes away, or its view ends.
#[wasm_bindgen]
pub fn leave() {
    with(&mut |beacon, _| beacon.leave(&mut Page));
}

/// The timer has run down.
#[wasm_bindgen]
pub fn wake() {
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running {
            running.timer = f64::INFINITY;
        }
    });
    with(&mut |beacon, _| beacon.wake(&mut Page));
}

/// A post was answered with an HTTP status, or with 0 if it did not arrive; `wait` is what the
/// collector asked to wait, in ms.
#[wasm_bindgen]
pub fn answered(ticket: u32, status: u16, wait: f64) {
    with(&mut |beacon, now| beacon.answered(ticket, status, wait, now));
}
