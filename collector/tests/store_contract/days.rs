//! Stories of days: hours of long ago are added up by the day, and answers stay what they were.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use foresight::{
    event::{DAY_MS, Event, HOUR_MS, Kind, day_of},
    rollup::Rollup,
    store::{Dimension, DistributionSum, Group, Selection, Store},
};
use foresight_shared::Metric;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use tokio::task::JoinSet;

use crate::{
    database::Database,
    model::{self, BY, all_lcp, between, lcp, rollup_of, view, views},
    property,
};

/// Days in which page views begin.
const DAYS: i64 = 3;
/// How many times the property is told.
const CASES: u32 = 10;

const ROWS: &str = "select (select count(*) from vital) + (select count(*) from activity) \
                    + (select count(*) from cause) + (select count(*) from share_visit)";

/// One merge, then a fold of hours and one of days, each before an hour.
type Step = (Rollup, i64, i64);

pub(crate) async fn whole_days_are_answered_alike_whatever_is_folded(database: Database) {
    let hours = || -2..DAYS * 24 + 2;
    let steps = prop::collection::vec((property::rollup(DAYS * 24), hours(), hours()), 1..5);
    let cases = (steps, property::selection(DAYS));
    let mut runner = TestRunner::new(Config::default());
    for number in 0..CASES {
        let (steps, mut selection) = cases.new_tree(&mut runner).unwrap().current();
        // The question was made for hours: here they are days.
        selection.from_ms *= 24;
        selection.to_ms *= 24;
        database.clear().await;
        tell(&*database.store, &steps, &selection, number).await;
    }
}

async fn tell(store: &dyn Store, steps: &[Step], selection: &Selection, number: u32) {
    let mut merged = Vec::new();
    for (at, (rollup, hours, days)) in (0..).zip(steps) {
        store.merge("spool", at, at + 1, rollup).await.unwrap();
        merged.push(rollup.clone());
        store.fold_hours(hours * HOUR_MS).await.unwrap();
        store.fold_days(days * HOUR_MS).await.unwrap();
        for selection in [selection, &between(0, DAYS * 24)] {
            for by in BY {
                let moment = format!("case {number}, step {at}: {by:?} {selection:?} {steps:?}");
                compare(store, &merged, selection, by, &moment).await;
            }
        }
    }
}

async fn compare(
    store: &dyn Store,
    merged: &[Rollup],
    selection: &Selection,
    by: Option<Dimension>,
    moment: &str,
) {
    let answer = store.distributions(selection, None, by).await.unwrap();
    let expected = model::distributions(merged, selection, None, by);
    assert_eq!(by_day(answer), by_day(expected), "{moment}");
    let answer = store.counts(selection, None, by).await.unwrap();
    let expected = model::counts(merged, selection, None, by);
    let days = |sums: Vec<foresight::store::CountSum>| {
        let mut days = BTreeMap::new();
        for sum in sums {
            *days
                .entry((day(sum.group), sum.kind, sum.name))
                .or_insert(0) += sum.count;
        }
        days
    };
    assert_eq!(days(answer), days(expected), "{moment}");
}

/// Hours of one day together: which of them are folded is not the question.
fn by_day(
    sums: Vec<DistributionSum>,
) -> BTreeMap<(Group, Metric), foresight::rollup::Distribution> {
    let mut days = BTreeMap::new();
    for sum in sums {
        let day: &mut foresight::rollup::Distribution =
            days.entry((day(sum.group), sum.metric)).or_default();
        day.add(&sum.distribution);
    }
    days.retain(|_, sum| !sum.is_empty());
    days
}

fn day(group: Group) -> Group {
    match group {
        Group::Hour(hour_ms) => Group::Hour(day_of(hour_ms)),
        other => other,
    }
}

pub(crate) async fn days_that_have_not_ended_are_not_folded(database: Database) {
    let store = &*database.store;
    let rollup = rollup_of(view(30), vec![lcp(100.0)]);
    store.merge("spool", 0, 1, &rollup).await.unwrap();
    assert_eq!(store.fold_days(2 * DAY_MS - 1).await.unwrap(), 0);
    // One row of vitals, one of activity; they need not have been folded by the hour.
    assert_eq!(store.fold_days(2 * DAY_MS).await.unwrap(), 2);
    assert_eq!(store.fold_days(2 * DAY_MS).await.unwrap(), 0);
    assert_eq!(store.fold_hours(9 * DAY_MS).await.unwrap(), 0);
}

pub(crate) async fn a_day_becomes_one_row_per_cell_and_takes_late_ones_in(database: Database) {
    let store = &*database.store;
    let mut position = 0;
    // Three hours of one day; then the same again, late.
    for told in [1, 2] {
        for hour in [24, 30, 47] {
            let rollup = everything(hour);
            store
                .merge("spool", position, position + 1, &rollup)
                .await
                .unwrap();
            position += 1;
            store.fold_hours(40 * HOUR_MS).await.unwrap();
        }
        let before = (all_lcp(store).await, views(store).await);
        assert_eq!(before.1, 3 * told);
        assert!(store.fold_days(2 * DAY_MS).await.unwrap() > 0);
        // One each of vital, cause and visit, and of activity view and referral.
        assert_eq!(database.number(ROWS).await, 5);
        assert_eq!((all_lcp(store).await, views(store).await), before);
        let elsewhere = "select count(*) from vital where level <> 2 or hour_ms <> 86400000";
        assert_eq!(database.number(elsewhere).await, 0);
    }
    let day = between(24, 48);
    let causes = store.causes(&day, Metric::Lcp, 10).await.unwrap();
    assert_eq!(causes[0].distribution.count, 6);
    let visits = store.visits_by_channel(&day).await.unwrap();
    assert_eq!(visits, [("unknown".to_owned(), 6)]);
}

pub(crate) async fn a_range_that_cuts_a_folded_day_counts_it_whole(database: Database) {
    let store = &*database.store;
    for (at, hour) in [(0, 23), (1, 24), (2, 47), (3, 48)] {
        store
            .merge("spool", at, at + 1, &everything(hour))
            .await
            .unwrap();
    }
    let views = async |from, to| {
        let range = between(from, to);
        let counts = store.counts(&range, Some(Kind::View), None).await;
        let visits = store.visits_by_channel(&range).await.unwrap();
        let views: i64 = counts.unwrap().iter().map(|sum| sum.count).sum();
        let visits: i64 = visits.iter().map(|(_, visits)| visits).sum();
        assert_eq!(views, visits);
        views
    };
    assert_eq!((views(25, 48).await, views(24, 30).await), (1, 1));
    // The day of hour 48 has not ended: it stays as it is.
    store.fold_days(2 * DAY_MS).await.unwrap();
    assert_eq!((views(25, 48).await, views(24, 30).await), (2, 2));
    assert_eq!((views(40, 41).await, views(47, 49).await), (2, 3));
    assert_eq!((views(48, 60).await, views(10, 24).await), (1, 1));
    let by = Some(Dimension::Hour);
    let hours = store.counts(&between(30, 49), Some(Kind::View), by).await;
    let hours: Vec<_> = hours.unwrap().into_iter().map(|sum| sum.group).collect();
    assert_eq!(hours, [Group::Hour(DAY_MS), Group::Hour(48 * HOUR_MS)]);
}

pub(crate) async fn folds_of_days_and_hours_and_merges_at_once_lose_nothing(database: Database) {
    const MERGES: i64 = 25;
    let merged = Arc::new(AtomicBool::new(false));
    let mut folds = JoinSet::new();
    for days in [true, false, true] {
        let (store, merged) = (database.again().await, Arc::clone(&merged));
        folds.spawn(async move {
            let mut folded = 0;
            while !merged.load(Ordering::Relaxed) {
                folded += if days {
                    store.fold_days(10 * DAY_MS).await.unwrap()
                } else {
                    store.fold_hours(10 * DAY_MS).await.unwrap()
                };
                tokio::task::yield_now().await;
            }
            folded
        });
    }
    let mut merges = JoinSet::new();
    for spool in ["one", "two"] {
        let store = database.again().await;
        merges.spawn(async move {
            for at in 0..MERGES {
                let rollup = rollup_of(view(at % 3), vec![lcp(100.0)]);
                store.merge(spool, at, at + 1, &rollup).await.unwrap();
            }
        });
    }
    merges.join_all().await;
    merged.store(true, Ordering::Relaxed);
    let folded: u64 = folds.join_all().await.into_iter().sum();
    assert!(folded > 0, "no fold ran beside the merges");
    assert_eq!(views(&*database.store).await, 2 * MERGES);
    database.store.fold_days(10 * DAY_MS).await.unwrap();
    assert_eq!(database.number("select count(*) from vital").await, 1);
    assert_eq!(all_lcp(&*database.store).await.unwrap().count, 2 * MERGES);
}

/// A view in an hour that makes a row in each table of sums.
fn everything(hour: i64) -> Rollup {
    let vital = Event::Vital {
        metric: Metric::Lcp,
        value: 100.0,
        was: None,
        element: Some("img".into()),
    };
    let visit = Event::Referral {
        share: "share-one".into(),
    };
    rollup_of(view(hour), vec![vital, visit])
}
