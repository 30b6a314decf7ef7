//! The door of the drop-in for web-vitals: the only part of it that knows of JavaScript.
//!
//! In: calls of `www/beacon/vitals/`, with plain numbers. Out: numbers. Entries and elements stay on
//! the page's side. Every registration has an instance of its own, which so has one meter and needs no
//! allocator: a page of memory costs nothing until it is used, and an allocator would cost 1 KB. It
//! imports nothing, so it needs no glue. There is one function for all, because each door costs a
//! hundred bytes. Nothing here may decide what to measure or to tell.

use std::cell::RefCell;

use foresight_shared::Metric;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    meter::Meter,
    vitals::{inp::Input, ttfb::Navigation},
};

thread_local! {
    static METER: RefCell<Option<Meter>> = const { RefCell::new(None) };
}

/// Opens the meter of the metric with that number. With `all` (1) it tells every change.
#[wasm_bindgen]
pub fn open(metric: i32, all: i32) {
    METER.with_borrow_mut(|meter| {
        *meter = Metric::from_number(metric as u8).map(|metric| Meter::new(metric, all != 0));
    });
}

/// Asks the meter. `www/beacon/vitals/wasm.js` has the same list. Times are in ms since the time
/// origin; `count` is the browser's count of interactions, or negative.
///
/// | what | numbers | answer |
/// |---|---|---|
/// | 0 to 4 a part, after 16 | | ms |
/// | 5 the value | | negative if there is none |
/// | 6 what the told value differs by from the one before | | |
/// | 7 the interaction that is the value | | its number, or 0 |
/// | 8 the largest shift | | its place in its window |
/// | 9 the last event's frame | | its number |
/// | 10 to 13 sums, after 16 to 18: scripts, layout, painting, the rest | | ms |
/// | 14, 15 the longest script | | ms; the part it began in |
/// | 16 explain the value | first byte, request, loaded | |
/// | 17 a long frame | end, layout | |
/// | 18 a script of it | start, duration, forced | 1: the longest so far |
/// | 19 the next view begins | count | |
/// | 20 a paint | at, start of the view, first hidden | 1: it counts |
/// | 21 the navigation | fetch, lookup, connect, connected, response, activation, now | |
/// | 22 the first input | start, processing, first hidden | 1: it counts |
/// | 23 a shift | at, score | bits: 1 it counts, 2 it opened a window, 4 that is the largest |
/// | 24 an event | interaction, start, duration, processing, processed | 0 not kept, 1 new, 2 longer, 3 alike |
/// | 25 bring the value up to date | count | |
/// | 26 is it to be told | 1: it may be final | its rating's number, or negative |
/// | 27 forget frames that nobody needs | | |
/// | 28 is the interaction one of the longest | number | 1: yes |
/// | 29 is the frame kept | number | 1: yes |
/// | 30 may what ran have delayed an answer | start, end, 1: or the next | 1: yes |
#[wasm_bindgen]
#[must_use]
#[expect(clippy::too_many_arguments, reason = "numbers need no glue")]
pub fn ask(what: i32, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64) -> f64 {
    METER.with_borrow_mut(|meter| {
        let Some(meter) = meter else { return -1.0 };
        let blame = &mut meter.blame;
        let answer = match what {
            5 => return meter.value(),
            6 => return meter.delta,
            7 => return meter.interaction(),
            8 => meter.largest_shift(),
            9 => meter.frame(),
            10 => return blame.scripts,
            11 => return blame.layout,
            12 => return blame.painting(),
            13 => return blame.unattributed(),
            14 => return blame.longest,
            15 => blame.phase as i32,
            16 => none(meter.explain(a, b, c)),
            17 => none(blame.frame(a, b)),
            18 => i32::from(blame.script(a, b, c)),
            19 => none(meter.begin(a)),
            20 => i32::from(meter.paint(a, b, c)),
            21 => {
                let times = Navigation {
                    fetch: a,
                    lookup: b,
                    connect: c,
                    connected: d,
                    response: e,
                };
                none(meter.navigation(times, f, g))
            }
            22 => {
                let input = Input {
                    start: a,
                    processing: b,
                    ..Input::default()
                };
                i32::from(meter.first_input(input, c))
            }
            23 => meter.shift(a, b),
            24 => {
                let input = Input {
                    interaction: a,
                    start: b,
                    duration: c,
                    processing: d,
                    processed: e,
                    ..Input::default()
                };
                meter.event(input) as i32
            }
            25 => none(meter.settle(a)),
            26 => meter.tell(a > 0.0),
            27 => none(meter.prune()),
            28 => i32::from(meter.holds(a)),
            29 => i32::from(meter.has_frame(a as i32)),
            30 => i32::from(meter.touches(a, b, c > 0.0)),
            part => return meter.parts.get(part as usize).copied().unwrap_or(-1.0),
        };
        f64::from(answer)
    })
}

/// The answer to what has none.
const fn none((): ()) -> i32 {
    0
}
