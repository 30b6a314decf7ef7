//! The vitals against definitions written down a second time, the slow and obvious way, on random
//! streams of entries.

use foresight_beacon::vitals::{
    ORDER, Vitals,
    cls::{Cls, GAP_MS, Shift, WINDOW_MS},
    inp::{Inp, Input, KEPT, PER_OUTLIER},
    lcp::Paint,
    ttfb::Navigation,
};
use proptest::prelude::*;

/// The largest session window's sum, found by trying where windows begin.
fn brute_force_cls(shifts: &[(f64, f64)]) -> f64 {
    let mut largest: f64 = 0.0;
    let mut first = 0;
    while first < shifts.len() {
        let mut end = first + 1;
        while end < shifts.len()
            && shifts[end].0 - shifts[end - 1].0 < GAP_MS
            && shifts[end].0 - shifts[first].0 < WINDOW_MS
        {
            end += 1;
        }
        largest = largest.max(shifts[first..end].iter().map(|shift| shift.1).sum());
        first = end;
    }
    largest
}

/// The longest event of each interaction, longest first, one in fifty left out.
fn brute_force_inp(inputs: &[(u8, u16)], count: f64) -> Option<f64> {
    let mut longest: Vec<(u8, u16)> = Vec::new();
    for &(id, duration) in inputs.iter().filter(|input| input.0 > 0) {
        match longest.iter_mut().find(|kept| kept.0 == id) {
            Some(kept) => kept.1 = kept.1.max(duration),
            None => longest.push((id, duration)),
        }
    }
    longest.sort_by_key(|kept| std::cmp::Reverse(kept.1));
    longest.truncate(KEPT);
    let skipped = (count / PER_OUTLIER) as usize;
    let last = longest.len().checked_sub(1)?;
    Some(f64::from(longest[skipped.min(last)].1))
}

proptest! {
    #[test]
    fn cls_is_the_largest_window(steps in prop::collection::vec((0.0..3000.0_f64, 0.001..0.5_f64), 0..60)) {
        let mut at = 0.0;
        let shifts: Vec<(f64, f64)> = steps.iter().map(|(gap, score)| { at += gap; (at, *score) }).collect();
        let mut cls = Cls::default();
        for &(at, score) in &shifts {
            cls.observe(Shift { at, score, ..Shift::default() });
        }
        prop_assert!((cls.reading().value - brute_force_cls(&shifts)).abs() < 1e-9);
    }

    #[test]
    fn inp_is_the_longest_interaction_but_one_in_fifty(
        // Interactions come one after the other; an evicted one does not come back.
        durations in prop::collection::vec(prop::collection::vec(0..2000_u16, 1..4), 0..40), count in 0..1000_u32,
    ) {
        let mut inp = Inp::new(0.0);
        let mut inputs = Vec::new();
        for (id, events) in durations.iter().enumerate() {
            for &duration in events {
                inputs.push((id as u8 + 1, duration));
            }
        }
        for &(id, duration) in &inputs {
            inp.observe(Input { interaction: f64::from(id), duration: f64::from(duration), ..Input::default() });
        }
        inp.counted(f64::from(count));
        let value = Some(inp.reading(false).value).filter(|value| !value.is_nan());
        prop_assert_eq!(value, brute_force_inp(&inputs, f64::from(count)));
    }

    #[test]
    fn no_stream_of_entries_panics_or_yields_nonsense(
        entries in prop::collection::vec((0..9_u8, any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>()), 0..80),
        start in any::<f64>(), hidden in any::<f64>(), revived in any::<bool>(), count in any::<f64>(),
    ) {
        let mut vitals = Vitals::new(start, hidden, revived, count);
        for (kind, a, b, c, d, e) in entries {
            match kind {
                0 => vitals.fcp.observe(a),
                1 => vitals.lcp.observe(Paint { at: a, request: b, loaded: c, ..Paint::default() }),
                2 => { vitals.cls.observe(Shift { at: a, score: b, ..Shift::default() }); }
                3 | 4 => {
                    let input = Input { start: a, duration: b, processing: c, processed: d, interaction: e, ..Input::default() };
                    if kind == 4 { vitals.fid.observe(input) } else { vitals.inp.observe(input); }
                }
                5 => vitals.ttfb.observe(Navigation { fetch: a, lookup: b, connect: c, connected: d, response: e }, f64::MAX),
                6 => vitals.lcp.finish(a),
                7 => vitals.hide(a),
                _ => vitals.inp.counted(a),
            }
        }
        for metric in ORDER {
            let reading = vitals.reading(metric);
            if reading.exists() {
                prop_assert!(reading.value >= 0.0, "{metric:?}: {}", reading.value);
                prop_assert!(reading.parts.iter().all(|ms| *ms >= 0.0 || ms.is_nan()), "{metric:?}: {reading:?}");
            }
        }
    }
}
