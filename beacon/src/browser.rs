//! The door to the page: the only part that knows of JavaScript.
//!
//! In: calls of `www/loader/page.js`, with plain numbers. Out: readings, as numbers in the wasm's
//! memory. The page's side is a module of our own and not `web-sys`, because reading every entry
//! through typed handles and a closure per type cost 8 KB of compressed wasm and glue; and numbers
//! that wasm knows need no glue at all. Nothing here may decide what to measure.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    label::Label,
    vitals::{
        ORDER, Vitals, cls::Shift, inp::Input, lcp::Paint, reading::Reading, ttfb::Navigation,
    },
};

/// The present page view, and what was last read of it.
struct Page {
    vitals: Vitals,
    reading: Reading,
}

thread_local! {
    // Nothing until a view begins, so that the wasm needs no data for it.
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// Takes what happened: an entry of the performance timeline or a mark of the page's life.
/// `page.js` has the same list of kinds. `label` stands for the entry. What the last kind reads is
/// where the returned address says, in the order of [`Reading`]'s fields.
///
/// | kind | numbers |
/// |---|---|
/// | 0 first paint | at |
/// | 1 largest paint | at, request, loaded |
/// | 2 layout shift | at, score |
/// | 3 event, 4 first input | start, duration, processing, processed, interaction |
/// | 5 navigation | fetch, lookup, connect, connected, response, now |
/// | 6 trusted input | at |
/// | 7 hidden | at |
/// | 8 interactions counted | count |
/// | 9 a view begins | start, hidden, interactions, whether the document was there before (1) |
/// | 10 reads | number of the metric |
///
/// A view of a document that was there before is `revived`: restored, or navigated within. `hidden`
/// is infinite if it was not, `count` and `interactions` are negative if the browser does not count.
#[wasm_bindgen]
#[must_use]
#[expect(clippy::too_many_arguments, reason = "numbers need no glue")]
pub fn report(kind: i32, label: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64) -> *const f64 {
    PAGE.with_borrow_mut(|page| {
        if kind == 9 {
            *page = Some(Page {
                vitals: Vitals::new(a, b, d != 0.0, c),
                reading: Reading::NONE,
            });
        }
        let Some(page) = page else {
            return std::ptr::null();
        };
        let label = Label(label);
        let vitals = &mut page.vitals;
        match kind {
            0 => vitals.first_paint(a),
            1 => vitals.paint(Paint {
                at: a,
                request: b,
                loaded: c,
                label,
            }),
            2 => vitals.shift(Shift {
                at: a,
                score: b,
                label,
            }),
            3 | 4 => {
                let input = Input {
                    start: a,
                    duration: b,
                    processing: c,
                    processed: d,
                    interaction: e,
                    label,
                };
                vitals.input(input, kind == 4);
            }
            5 => {
                let times = Navigation {
                    fetch: a,
                    lookup: b,
                    connect: c,
                    connected: d,
                    response: e,
                };
                vitals.ttfb.observe(times, f);
            }
            6 => vitals.lcp.finish(a),
            7 => vitals.hide(a),
            8 => vitals.inp.counted(a),
            10 => {
                if let Some(metric) = ORDER.get(a as usize) {
                    page.reading = vitals.reading(*metric);
                }
            }
            _ => {}
        }
        &raw const page.reading.value
    })
}
