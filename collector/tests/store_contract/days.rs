//! Stories of days and weeks: hours of long ago are added up, and answers stay what they were, or are
//! refused.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use foresight::{
    event::{DAY_MS, Event, HOUR_MS, Kind},
    rollup::Rollup,
    store::{Dimension, Group, Kept, Selection, Store, StoreError},
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
    property::{self, Fold},
};

/// Days in which page views begin: parts of four weeks.
const DAYS: i64 = 20;
/// How many times the property is told.
const CASES: u32 = 12;

/// What is done to what was merged.
#[derive(Clone, Copy, Debug)]
enum Step {
    Fold(Fold),
    DropHours,
    DropDays,
}

const STEPS: [Step; 6] = [
    Step::Fold(Fold::Hours),
    Step::Fold(Fold::Days),
    Step::Fold(Fold::Days),
    Step::Fold(Fold::Weeks),
    Step::DropHours,
    Step::DropDays,
];

/// A merge, and then some steps, each before an hour.
type Telling = (Rollup, Vec<(Step, i64)>);

pub(crate) async fn what_is_kept_is_answered_alike_and_the_rest_refused(database: Database) {
    let step = (prop::sample::select(&STEPS[..]), 0..DAYS * 24 + 200);
    let telling = (
        property::rollup(DAYS * 24),
        prop::collection::vec(step, 1..4),
    );
    let cases = (
        prop::collection::vec(telling, 1..4),
        property::selection(DAYS * 24),
    );
    let mut runner = TestRunner::new(Config::default());
    for number in 0..CASES {
        let (tellings, selection) = cases.new_tree(&mut runner).unwrap().current();
        database.clear().await;
        let moment = format!("case {number}");
        tell(&*database.store, &tellings, &selection, &moment).await;
    }
}

async fn tell(store: &dyn Store, tellings: &[Telling], selection: &Selection, moment: &str) {
    let mut merged = Vec::new();
    for (at, (rollup, steps)) in (0..).zip(tellings) {
        store.merge("spool", at, at + 1, rollup).await.unwrap();
        merged.push(rollup.clone());
        for (step, before) in steps {
            let before_ms = before * HOUR_MS;
            match step {
                Step::Fold(fold) => fold.run(store, before_ms).await,
                Step::DropHours => drop(store.drop_hours(before_ms).await.unwrap()),
                Step::DropDays => drop(store.drop_days(before_ms).await.unwrap()),
            }
        }
        for selection in [selection, &between(-100, DAYS * 24 + 100)] {
            let moment = format!("{moment}, telling {at}: {selection:?} {tellings:?}");
            compare(store, &merged, selection, &moment).await;
        }
    }
    // A site that is forgotten is taken out of the sums of all, at every level.
    store.forget_site("a.example", 7).await.unwrap();
    for rollup in &mut merged {
        rollup.cells.retain(|cell, _| cell.site != "a.example");
        rollup.causes.retain(|cause, _| cause.site != "a.example");
    }
    for selection in [selection, &between(-100, DAYS * 24 + 100)] {
        let moment = format!("{moment}, forgotten: {selection:?} {tellings:?}");
        compare(store, &merged, selection, &moment).await;
    }
    store
        .add_site(&foresight::store::Site {
            host: "a.example".into(),
            template: None,
            build: None,
            added_ms: 0,
        })
        .await
        .unwrap();
}

async fn compare(store: &dyn Store, merged: &[Rollup], selection: &Selection, moment: &str) {
    let kept = store.kept().await.unwrap();
    let whole = kept.widened(selection.clone());
    for by in BY {
        let moment = format!("{by:?} {kept:?} {moment}");
        let answer = store.distributions(selection, None, by).await;
        let counts = store.counts(selection, None, by).await;
        let views = store.counts(selection, Some(Kind::View), by).await;
        if is_refused(&kept, &whole, by) {
            assert!(matches!(answer, Err(StoreError::Coarse { .. })), "{moment}");
            assert!(matches!(counts, Err(StoreError::Coarse { .. })), "{moment}");
            continue;
        }
        let expected = model::distributions(merged, &whole, None, by);
        assert_eq!(answer.unwrap(), expected, "{moment}");
        let expected = model::counts(merged, &whole, None, by);
        assert_eq!(counts.unwrap(), expected, "{moment}");
        let expected = model::counts(merged, &whole, Some(Kind::View), by);
        assert_eq!(views.unwrap(), expected, "{moment}");
    }
    let answer = store.causes(selection, Metric::Lcp, 100).await.unwrap();
    let answer = answer
        .into_iter()
        .map(|sum| (sum.element, sum.distribution));
    assert_eq!(
        answer.collect::<std::collections::BTreeMap<_, _>>(),
        model::causes(merged, &whole, Metric::Lcp),
        "{moment}"
    );
}

/// Whether a question needs hours or days that are no longer kept.
fn is_refused(kept: &Kept, selection: &Selection, by: Option<Dimension>) -> bool {
    let words = [
        selection.page.is_some() || by == Some(Dimension::Page),
        selection.country.is_some() || by == Some(Dimension::Country),
        selection.browser.is_some() || by == Some(Dimension::Browser),
        selection.navigation.is_some() || by == Some(Dimension::Navigation),
    ];
    let several = words.into_iter().filter(|asked| *asked).count() > 1;
    let without_hours = selection.from_ms < kept.hours_ms;
    let without_days = selection.from_ms < kept.days_ms;
    let by_hour = matches!(by, Some(Dimension::Hour | Dimension::SiteHour));
    let by_day = matches!(by, Some(Dimension::Day | Dimension::SiteDay));
    // Whole hours know the day too.
    (without_hours && (several || by_hour)) || (without_days && !several && by_day)
}

pub(crate) async fn a_day_has_one_row_per_lane_and_takes_late_ones_in(database: Database) {
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
        assert_eq!((all_lcp(store).await, views(store).await), before);
        // Three hours, and a vital, views, referrals and a cause of the day.
        let hours = "select count(*) from sums where level = 2 and site not in ('', '*')";
        let lanes = "select count(*) from sums where level = 3 and site not in ('', '*')";
        assert_eq!(
            (database.number(hours).await, database.number(lanes).await),
            (3, 4)
        );
    }
    // What comes for a day without hours goes into the day only.
    store.drop_hours(2 * DAY_MS).await.unwrap();
    assert_eq!(views(store).await, 6);
    store.merge("spool", 6, 7, &everything(30)).await.unwrap();
    store.fold_days(2 * DAY_MS).await.unwrap();
    let fine = "select count(*) from sums where level < 3";
    assert_eq!((views(store).await, database.number(fine).await), (7, 0));
    let day = between(24, 48);
    let causes = store.causes(&day, Metric::Lcp, 10).await.unwrap();
    assert_eq!(causes[0].distribution.count, 7);
    let visits = store.visits_by_channel(&day).await.unwrap();
    assert_eq!(visits, [("unknown".to_owned(), 7)]);
}

pub(crate) async fn a_range_that_cuts_a_day_without_hours_counts_it_whole(database: Database) {
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
        let range = store.kept().await.unwrap().widened(range);
        let visits = store.visits_by_channel(&range).await.unwrap();
        let views: i64 = counts.unwrap().iter().map(|sum| sum.count).sum();
        let visits: i64 = visits.iter().map(|(_, visits)| visits).sum();
        assert_eq!(views, visits);
        views
    };
    store.fold_days(3 * DAY_MS).await.unwrap();
    assert_eq!((views(25, 48).await, views(24, 30).await), (1, 1));
    // The day of hour 48 keeps its hours.
    store.drop_hours(2 * DAY_MS).await.unwrap();
    assert_eq!((views(25, 48).await, views(24, 30).await), (2, 2));
    assert_eq!((views(40, 41).await, views(47, 49).await), (2, 3));
    assert_eq!((views(48, 60).await, views(10, 24).await), (1, 1));
    assert_eq!(views(49, 60).await, 0);
    let by = Some(Dimension::Day);
    let days = store.counts(&between(30, 49), Some(Kind::View), by).await;
    let days: Vec<_> = days.unwrap().into_iter().map(|sum| sum.group).collect();
    assert_eq!(days, [Group::Hour(DAY_MS), Group::Hour(2 * DAY_MS)]);
}

pub(crate) async fn sites_are_told_apart_from_few_rows_or_from_their_own(database: Database) {
    let store = &*database.store;
    let mut merged = Vec::new();
    for (at, (site, hour)) in (0..).zip([("a.example", 1), ("b.example", 30), ("a.example", 80)]) {
        let mut view = view(hour);
        view.site = site.into();
        let rollup = rollup_of(view, vec![lcp(100.0)]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
        merged.push(rollup);
        store.fold_days((hour + 1) * HOUR_MS).await.unwrap();
    }
    store.fold_weeks(5 * DAY_MS).await.unwrap();
    let all = between(-100, 200);
    compare(store, &merged, &all, "as it is").await;
    // Sites' own rows are not read.
    let own = "update sums set level = level + 20 where site not in ('', '*')";
    database.run(own).await;
    let by = Some(Dimension::SiteDay);
    let days = store.counts(&all, Some(Kind::View), by).await.unwrap();
    assert_eq!(days, model::counts(&merged, &all, Some(Kind::View), by));
    let back = "update sums set level = level - 20 where site not in ('', '*')";
    database.run(back).await;
    // A database of before has rows by site only since a while.
    database.run("delete from sums where site = '*'").await;
    assert!(
        store
            .counts(&all, Some(Kind::View), by)
            .await
            .unwrap()
            .is_empty()
    );
    let since = "insert into kept (level, since_ms) values (50, 288000000)";
    database.run(since).await;
    compare(store, &merged, &all, "of before").await;
    assert_eq!(store.kept().await.unwrap().sites_ms, 80 * HOUR_MS);
}

pub(crate) async fn folds_of_all_levels_and_merges_at_once_lose_nothing(database: Database) {
    const MERGES: i64 = 25;
    let merged = Arc::new(AtomicBool::new(false));
    let mut folds = JoinSet::new();
    for what in 0..5 {
        let (store, merged) = (database.again().await, Arc::clone(&merged));
        folds.spawn(async move {
            let mut folded = 0;
            while !merged.load(Ordering::Relaxed) {
                let rows = match what {
                    0 | 1 => store.fold_days(10 * DAY_MS).await,
                    2 => store.fold_hours(10 * DAY_MS).await,
                    3 => store.fold_weeks(20 * DAY_MS).await,
                    _ => store.drop_hours(DAY_MS).await,
                };
                folded += rows.unwrap();
                // All there is was merged, and merges go on: no answer may be short of it.
                let before = views(&*store).await;
                assert!(views(&*store).await >= before);
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
                let rollup = rollup_of(view(at % 3 * 20), vec![lcp(100.0)]);
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
    database.store.fold_weeks(20 * DAY_MS).await.unwrap();
    let weeks = "select count(*) from sums where level = 5 and site = 'a.example'";
    assert_eq!(database.number(weeks).await, 2);
    let unfolded = "select count(*) from sums where level in (0, 1, 3)";
    assert_eq!(database.number(unfolded).await, 0);
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
