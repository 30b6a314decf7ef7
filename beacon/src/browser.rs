//! The door to the page: the only part that knows of JavaScript.
//!
//! In: calls of `www/loader/page.js`, with plain numbers. Out: vitals, posts and a timer, as numbers.
//! The page's side is a module of our own and not `web-sys`, because reading every entry through
//! typed handles and a closure per type cost 8 KB of compressed wasm and glue; and numbers that wasm
//! knows need no glue at all. Nothing here may decide what to measure or to send.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    beacon::Beacon,
    event::Vital,
    label::Label,
    outbox::{Head, Page},
    view::View,
    vitals::{Vitals, cls::Shift, inp::Input, lcp::Paint, ttfb::Navigation},
};

#[wasm_bindgen(raw_module = "./batch.js")]
extern "C" {
    /// Keeps a vital for the next batch. `was` and `at` are negative if there are none; `part` is the
    /// number of the first of `parts` named parts, which took `a` to `e` ms.
    fn vital(
        metric: i32,
        value: f64,
        was: f64,
        element: i32,
        url: i32,
        kind: i32,
        at: f64,
        part: i32,
        parts: i32,
        a: f64,
        b: f64,
        c: f64,
        d: f64,
        e: f64,
    );
    /// How many events wait.
    fn waiting() -> i32;
    /// Posts a batch of events that wait. A page that is `leaving` (1) cannot wait for the answer.
    fn post(seq: i32, age: f64, can: i32, leaving: i32);
    /// Calls [`send`] in so many ms.
    fn later(ms: f64);
}

/// The page, as the outbox sees it. None of its functions calls back before it returns.
struct Window;

impl Page for Window {
    fn vital(&mut self, told: &Vital) {
        let why = &told.why;
        let [a, b, c, d, e] = why.ms;
        vital(
            told.metric as i32,
            told.value,
            told.was.unwrap_or(-1.0),
            why.element.0,
            why.url.0,
            why.kind.0,
            why.at.unwrap_or(-1.0),
            why.parts.first().map_or(0, |part| *part as i32),
            why.parts.len() as i32,
            a,
            b,
            c,
            d,
            e,
        );
    }

    fn waiting(&self) -> i32 {
        waiting()
    }

    fn post(&mut self, head: Head) {
        post(head.seq, head.age, head.can, i32::from(head.leaving));
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
fn with(now: f64, act: &mut dyn FnMut(&mut Running)) {
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running {
            act(running);
            let due = running.beacon.due();
            if due < running.timer {
                running.timer = due;
                later(due - now);
            }
        }
    });
}

/// Begins a page view: the document's first, or the next one in the same document, which `revived`
/// (1) says.
///
/// `start` and `hidden` are times since the time origin; `interactions` is the browser's count, or
/// negative; `seq` is 1 if the loader has counted the view; `can` has the bit `1 << metric` for each
/// metric that the browser knows.
#[wasm_bindgen]
pub fn begin(revived: i32, start: f64, hidden: f64, interactions: f64, seq: i32, can: i32) {
    let mut vitals = Vitals::new(start, hidden, revived != 0, interactions);
    if revived != 0 {
        vitals.ttfb.without_request();
    }
    let view = View::new(vitals, seq, can);
    RUNNING.with_borrow_mut(|running| {
        *running = Some(Running {
            beacon: Beacon::new(view),
            timer: f64::INFINITY,
        });
    });
}

/// Takes what happened: an entry of the performance timeline or a mark of the page's life, now.
/// `page.js` has the same list of kinds. `name` and `element` are labels.
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
#[expect(clippy::too_many_arguments, reason = "numbers need no glue")]
pub fn report(
    kind: i32,
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    e: f64,
    name: i32,
    element: i32,
    now: f64,
) {
    with(now, &mut |running| {
        let beacon = &mut running.beacon;
        let (name, element) = (Label(name), Label(element));
        let vitals = &mut beacon.view.vitals;
        match kind {
            0 => beacon.first_paint(a),
            1 => beacon.paint(Paint {
                at: a,
                request: b,
                loaded: c,
                url: name,
                element,
            }),
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
                    kind: name,
                    element,
                };
                beacon.input(input, kind == 4);
            }
            5 => {
                let times = Navigation {
                    fetch: a,
                    lookup: b,
                    connect: c,
                    connected: d,
                    response: e,
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

/// Whether there is room for one more event than those that wait. With `soon` (1) it leaves within
/// seconds, else when the page is hidden.
#[wasm_bindgen]
#[must_use]
pub fn tell(soon: i32, now: f64) -> i32 {
    let mut room = false;
    with(now, &mut |running| {
        room = running.beacon.tell(waiting(), soon != 0, now);
    });
    i32::from(room)
}

/// Posts what there is to tell.
///
/// | mode | |
/// |---|---|
/// | 0 | what is due, because the timer has run down |
/// | 1 | everything: the page is hidden, goes away or becomes another view |
/// | 2 | everything, as a rehearsal: the browser is to send it if the page dies |
/// | 3 | nothing: the browser has sent what was rehearsed last |
#[wasm_bindgen]
pub fn send(mode: i32, now: f64) {
    with(now, &mut |running| match mode {
        0 => {
            running.timer = f64::INFINITY;
            running.beacon.wake(now, &mut Window);
        }
        1 => running.beacon.leave(now, &mut Window),
        2 => running.beacon.rehearse(now, &mut Window),
        _ => running.beacon.adopt(),
    });
}
