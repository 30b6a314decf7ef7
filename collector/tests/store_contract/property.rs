//! Random page views, random questions: the store answers what the model answers, whatever has been
//! folded in between.

use std::collections::BTreeMap;

use foresight::{
    event::{Accepted, Device, Event, HOUR_MS, Kind},
    rollup::Rollup,
    store::{Merge, Selection, Store},
};
use foresight_shared::{Metric, NavigationType};
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use crate::{
    database::Database,
    model::{self, BY, between, view},
};

const SITES: [&str; 3] = ["a.example", "b.example", "it's.example"];
const PAGES: [&str; 3] = ["/", "/menu", "/%\"' ☕"];
const COUNTRIES: [&str; 2] = ["DE", "unknown"];
const BROWSERS: [&str; 2] = ["Firefox", "Chrome"];
/// Hours in which page views begin: the last ones of a week, and the first of the next.
const HOURS: i64 = 100;
/// How many times the story is told.
const CASES: u32 = 24;

/// What one telling of the story is made of.
#[derive(Clone, Debug)]
struct Case {
    /// One rollup for each merge.
    rollups: Vec<Rollup>,
    /// What is folded, after each merge, and before which hour.
    folds: Vec<(Fold, i64)>,
    /// A question.
    selection: Selection,
}

/// What can be added up. All of it is kept beside, so no answer changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fold {
    Hours,
    Days,
    Weeks,
}

impl Fold {
    pub(crate) async fn run(self, store: &dyn Store, before_ms: i64) {
        let folded = match self {
            Self::Hours => store.fold_hours(before_ms).await,
            Self::Days => store.fold_days(before_ms).await,
            Self::Weeks => store.fold_weeks(before_ms).await,
        };
        folded.unwrap();
    }
}

/// The story.
pub(crate) async fn answers_equal_the_model_before_and_after_folds(database: Database) {
    let mut runner = TestRunner::new(Config::default());
    for number in 0..CASES {
        let case = case().new_tree(&mut runner).unwrap().current();
        database.clear().await;
        tell(&*database.store, &case, number).await;
    }
}

async fn tell(store: &dyn Store, case: &Case, number: u32) {
    for (at, (rollup, fold)) in case.rollups.iter().zip(&case.folds).enumerate() {
        let at = at as i64;
        let merge = store.merge("spool", at, at + 1, rollup).await.unwrap();
        assert_eq!(merge, Merge::Added);
        let merged = &case.rollups[..=at as usize];
        compare(
            store,
            merged,
            &case.selection,
            &format!("case {number}, merge {at}"),
        )
        .await;
        let (fold, before) = fold;
        fold.run(store, before * HOUR_MS).await;
        let moment = format!("case {number}, fold {at}: {case:?}");
        compare(store, merged, &case.selection, &moment).await;
        compare(store, merged, &between(0, HOURS), &moment).await;
    }
}

pub(crate) async fn compare(
    store: &dyn Store,
    merged: &[Rollup],
    selection: &Selection,
    moment: &str,
) {
    for by in BY {
        for metric in [None, Some(Metric::Lcp)] {
            let answer = store.distributions(selection, metric, by).await.unwrap();
            let expected = model::distributions(merged, selection, metric, by);
            assert_eq!(
                answer, expected,
                "{by:?} {metric:?} {selection:?}, {moment}"
            );
        }
        for kind in [None, Some(Kind::Custom), Some(Kind::LeadBand)] {
            let answer = store.counts(selection, kind, by).await.unwrap();
            let expected = model::counts(merged, selection, kind, by);
            assert_eq!(answer, expected, "{by:?} {kind:?} {selection:?}, {moment}");
        }
    }
    compare_causes(store, merged, selection, moment).await;
    compare_pages(store, merged, selection, moment).await;
}

/// The most viewed pages, and how many values have each rating.
pub(crate) async fn compare_pages(
    store: &dyn Store,
    merged: &[Rollup],
    selection: &Selection,
    moment: &str,
) {
    for limit in [1, 4, 100] {
        let answer = store
            .pages(selection, Some(Metric::Lcp), limit)
            .await
            .unwrap();
        let expected = model::pages(merged, selection, Metric::Lcp, limit);
        assert_eq!(answer, expected, "{limit} of {selection:?}, {moment}");
        let pages: Vec<_> = answer
            .into_iter()
            .map(|sum| (sum.site, sum.page))
            .chain([("a.example".to_owned(), "/nowhere".to_owned())])
            .collect();
        let again = store.those_pages(selection, Metric::Lcp, &pages).await;
        assert_eq!(again.unwrap(), expected, "{selection:?}, {moment}");
    }
    let metrics = [Metric::Lcp, Metric::Cls];
    for by in BY {
        let answer = store.ratings(selection, &metrics, by).await.unwrap();
        let expected = model::ratings(merged, selection, &metrics, by);
        assert_eq!(answer, expected, "{by:?} {selection:?}, {moment}");
    }
}

pub(crate) async fn compare_causes(
    store: &dyn Store,
    merged: &[Rollup],
    selection: &Selection,
    moment: &str,
) {
    let answer = store.causes(selection, Metric::Lcp, 100).await.unwrap();
    let answer = answer
        .into_iter()
        .map(|sum| (sum.element, sum.distribution));
    let expected = model::causes(merged, selection, Metric::Lcp);
    assert_eq!(
        answer.collect::<BTreeMap<_, _>>(),
        expected,
        "{selection:?}, {moment}"
    );
}

fn case() -> impl Strategy<Value = Case> {
    let fold = (
        select(&[Fold::Hours, Fold::Days, Fold::Weeks][..]),
        0..HOURS + 200,
    );
    let merges = prop::collection::vec((rollup(HOURS), fold), 1..5);
    (merges, selection(HOURS)).prop_map(|(merges, selection)| {
        let (rollups, folds) = merges.into_iter().unzip();
        Case {
            rollups,
            folds,
            selection,
        }
    })
}

/// Page views that begin in the first `hours` hours.
pub(crate) fn rollup(hours: i64) -> impl Strategy<Value = Rollup> {
    prop::collection::vec(accepted(hours), 0..25).prop_map(|views| {
        let mut rollup = Rollup::default();
        views.into_iter().for_each(|view| rollup.fold(view));
        rollup
    })
}

fn accepted(hours: i64) -> impl Strategy<Value = Accepted> {
    let place = (select(&SITES[..]), select(&PAGES[..]), 0..hours * HOUR_MS);
    let visitor = (
        select(&Device::ALL[..]),
        select(&COUNTRIES[..]),
        select(&BROWSERS[..]),
        select(NavigationType::ALL),
    );
    let events = prop::collection::vec(event(), 0..6);
    (place, visitor, any::<bool>(), events).prop_map(
        |((site, page, start_ms), (device, country, browser, navigation), counted, events)| {
            let mut view = view(0);
            view.site = site.to_owned();
            view.page = page.to_owned();
            view.start_ms = start_ms;
            view.device = device;
            view.country = country.to_owned();
            view.browser = browser.to_owned();
            view.navigation = navigation;
            view.counted = counted;
            Accepted { view, events }
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let value = || prop_oneof![0.0..0.4_f64, 50.0..6000.0_f64, Just(2500.0)];
    prop_oneof![
        (select(&Metric::ALL[..]), value(), prop::option::of(value())).prop_map(
            |(metric, value, was)| Event::Vital {
                metric,
                value,
                was,
                element: (value > 1000.0).then(|| "img".to_owned()),
            }
        ),
        // A value that is taken back: such cells can become empty.
        value().prop_map(|value| Event::Vital {
            metric: Metric::Lcp,
            value,
            was: Some(value),
            element: None,
        }),
        (1..5_u8, select(&["", "a", "it's"][..])).prop_map(|(kind, name)| Event::Named {
            kind: Kind::from_number(kind).unwrap(),
            name: name.to_owned(),
        }),
    ]
}

/// A question about some of the first `hours` hours.
pub(crate) fn selection(hours: i64) -> impl Strategy<Value = Selection> {
    let word = |words: &'static [&'static str]| {
        prop::option::weighted(0.3, select(words).prop_map(str::to_owned))
    };
    (
        (0..hours, 1..=hours),
        word(&SITES),
        word(&PAGES),
        word(&["phone", "desktop", "elsewhere"]),
        word(&COUNTRIES),
        word(&BROWSERS),
        prop::option::weighted(0.3, select(NavigationType::ALL)),
    )
        .prop_map(
            |((from, hours), site, page, device, country, browser, navigation)| Selection {
                site,
                page,
                device,
                country,
                browser,
                navigation,
                ..between(from, from + hours)
            },
        )
}
