//! A body, from its bytes to the record in the spool.

use std::{collections::BTreeMap, sync::LazyLock};

use foresight::{
    access::Host,
    event::{Accepted, Event, Kind, Millis},
    ingest::probe::{self, Taken},
    rollup::Rollup,
};
use foresight_shared::limits;

/// The time of receipt. Any would do.
const NOW_MS: Millis = 1_793_523_600_000;

static HOST: LazyLock<Host> = LazyLock::new(|| "bakery.example".parse().expect("a host"));

/// Any body is refused with a reason, or taken within every limit; a taken batch that is written
/// anew is taken alike, survives the spool, and adds up in the fold.
pub fn batch(body: &[u8]) {
    let taken = match probe::take_body(body, &HOST, NOW_MS) {
        Ok(taken) => taken,
        Err(refused) => return assert!([400, 422].contains(&refused.status), "{refused:?}"),
    };
    every_event_has_a_fate(&taken);
    limits_are_kept(&taken.accepted);

    let again = probe::take_body(taken.written.as_bytes(), &HOST, NOW_MS);
    let again = again.unwrap_or_else(|refused| panic!("{refused:?}: {}", taken.written));
    assert_eq!(again.faults, [], "{}", taken.written);
    assert!(alike(&again.accepted, &taken.accepted), "{again:?}");

    let record = taken.accepted.to_record().expect("a record");
    assert_eq!(Accepted::from_record(&record).as_ref(), Ok(&taken.accepted));
    sums_are_kept(&taken.accepted);
}

fn every_event_has_a_fate(taken: &Taken) {
    assert!(taken.sent <= limits::BATCH_EVENTS);
    assert_eq!(taken.kept + taken.faults.len(), taken.sent);
    let places = taken.faults.iter().map(|fault| fault.index);
    assert!(places.clone().all(|place| place < taken.sent));
    assert!(places.is_sorted_by(|one, next| one < next));
}

fn limits_are_kept(accepted: &Accepted) {
    let view = &accepted.view;
    assert!((NOW_MS - limits::AGE_MS as Millis..=NOW_MS).contains(&view.start_ms));
    assert!(view.page.starts_with('/') && view.page.chars().count() <= limits::PATH_CHARS);
    // A vital may have its parts and its script as two events more; a visit and what can be measured are two.
    assert!(accepted.events.len() <= 3 * limits::BATCH_EVENTS + 2);
    let names = accepted.events.iter().flat_map(texts);
    for text in names.chain([view.page.as_str()]) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        // An address may grow where its path has signs that must be escaped.
        assert!(text.chars().count() <= limits::URL_CHARS + limits::PATH_CHARS);
    }
}

fn texts(event: &Event) -> Vec<&str> {
    match event {
        Event::Vital { element, .. } => element.iter().map(String::as_str).collect(),
        Event::Share {
            channel,
            id,
            parent,
        } => {
            let parent = parent.iter().map(String::as_str);
            parent.chain([channel.as_str(), id]).collect()
        }
        Event::Referral { share } => vec![share],
        Event::Named { name, .. } | Event::Several { name, .. } => vec![name],
        Event::Parts { .. } | Event::Able { .. } => Vec::new(),
    }
}

/// Equal, but for the last digit of numbers: JSON is read fast, not to the last bit.
fn alike(one: &Accepted, other: &Accepted) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs();
    one.view == other.view
        && one.events.len() == other.events.len()
        && one.events.iter().zip(&other.events).all(|pair| match pair {
            (
                Event::Vital {
                    metric: a,
                    value: x,
                    was: u,
                    element: e,
                },
                Event::Vital {
                    metric: b,
                    value: y,
                    was: v,
                    element: f,
                },
            ) => {
                let replaced = match (u, v) {
                    (Some(u), Some(v)) => near(*u, *v),
                    (u, v) => u.is_none() && v.is_none(),
                };
                a == b && near(*x, *y) && replaced && e == f
            }
            // The last digit may decide which whole ms is nearest, and whether a part has one.
            (Event::Parts { metric: a, .. }, Event::Parts { metric: b, .. }) => a == b,
            (a, b) => a == b,
        })
}

/// What the fold counts is what the events say, by metric and by kind.
fn sums_are_kept(accepted: &Accepted) {
    let mut rollup = Rollup::default();
    rollup.fold(accepted.clone());
    let counts = rollup.cells.values().next().expect("one cell");
    let (mut values, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    if accepted.view.counted {
        kinds.insert(Kind::View, 1);
    }
    for event in &accepted.events {
        let (kind, times) = match event {
            Event::Vital { metric, was, .. } => {
                *values.entry(*metric).or_insert(0) += i64::from(was.is_none());
                continue;
            }
            Event::Share { .. } => (Kind::Share, 1),
            Event::Referral { .. } => (Kind::Referral, 1),
            Event::Named { kind, .. } => (*kind, 1),
            Event::Several { kind, count, .. } => (*kind, i64::from(*count)),
            Event::Parts { parts, .. } => {
                let ms: i64 = parts.iter().map(|(_, ms)| i64::from(*ms)).sum();
                (Kind::Part, 1 + ms)
            }
            Event::Able { .. } => (Kind::Able, 1),
        };
        *kinds.entry(kind).or_insert(0) += times;
    }
    for (metric, distribution) in &counts.vitals {
        assert_eq!(values.remove(metric), Some(distribution.count));
        assert_eq!(distribution.ratings.iter().sum::<i64>(), distribution.count);
        let bins = distribution.histogram.iter().map(|(_, count)| count);
        assert_eq!(bins.sum::<i64>(), distribution.count);
    }
    assert!(values.is_empty(), "{values:?} are not counted");
    for ((kind, name), count) in &counts.activity {
        // What came of a view is counted once for it, whatever else is in the batch.
        let once = match kind {
            Kind::LeadBand => Kind::Lead,
            Kind::ShareBand => Kind::Share,
            _ => {
                *kinds.entry(*kind).or_insert(0) -= count;
                continue;
            }
        };
        assert_eq!(*count, 1, "{kind:?} {name}");
        assert!(counts.activity.iter().any(|((one, _), _)| *one == once));
    }
    assert!(kinds.values().all(|rest| *rest == 0), "{kinds:?}");
}
