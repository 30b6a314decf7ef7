//! Stories of merging, folding, sites and tokens.

use foresight::{
    event::{Device, Event, HOUR_MS, Kind},
    rollup::Distribution,
    store::{Merge, Site, StoreError},
};
use foresight_shared::Metric;

use crate::{
    database::Database,
    model::{all_lcp, between, lcp, rollup_of, view, views},
};

pub(crate) async fn a_stretch_is_added_once(database: Database) {
    let store = &*database.store;
    assert_eq!(store.position("spool").await.unwrap(), 0);
    let rollup = rollup_of(view(1), vec![lcp(100.0)]);
    assert_eq!(
        store.merge("spool", 0, 5, &rollup).await.unwrap(),
        Merge::Added
    );
    assert_eq!(
        store.merge("spool", 0, 5, &rollup).await.unwrap(),
        Merge::At(5)
    );
    assert_eq!(store.position("spool").await.unwrap(), 5);
    assert_eq!(views(store).await, 1);
    assert_eq!(all_lcp(store).await.unwrap().count, 1);
    store.ping().await.unwrap();
}

pub(crate) async fn a_stretch_from_elsewhere_adds_nothing(database: Database) {
    let store = &*database.store;
    let rollup = rollup_of(view(1), vec![lcp(100.0)]);
    assert_eq!(
        store.merge("spool", 3, 9, &rollup).await.unwrap(),
        Merge::At(0)
    );
    assert_eq!(
        database.number("select count(*) from spool_position").await,
        0
    );
    assert_eq!(views(store).await, 0);
    assert_eq!(all_lcp(store).await, None);
    assert_eq!(store.sites().await.unwrap(), []);
}

pub(crate) async fn a_stretch_without_records_is_refused(database: Database) {
    let store = &*database.store;
    let rollup = rollup_of(view(1), vec![]);
    for (from, to) in [(0, 0), (0, -1)] {
        let answer = store.merge("spool", from, to, &rollup).await;
        assert!(
            matches!(answer, Err(StoreError::Stretch { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(views(store).await, 0);
}

pub(crate) async fn a_later_value_replaces_the_earlier_one_across_merges(database: Database) {
    let store = &*database.store;
    let replaced = |value, was| Event::Vital {
        metric: Metric::Lcp,
        value,
        was: Some(was),
        element: None,
    };
    let mut later = view(1);
    later.counted = false;
    // The replacement is merged first: another collector may have taken it.
    let merges = [
        (
            "two",
            rollup_of(later.clone(), vec![replaced(4500.0, 100.0)]),
        ),
        ("one", rollup_of(view(1), vec![lcp(100.0)])),
    ];
    for (spool, rollup) in &merges {
        store.merge(spool, 0, 1, rollup).await.unwrap();
    }
    let mut expected = Distribution::default();
    expected.record(Metric::Lcp, 4500.0, None);
    assert_eq!(all_lcp(store).await, Some(expected));
    // What cancels out within a merge makes no row.
    let nothing = rollup_of(later, vec![replaced(7.0, 7.0)]);
    store.merge("one", 1, 2, &nothing).await.unwrap();
    assert_eq!(database.number("select count(*) from sums").await, 2);
}

pub(crate) async fn hours_that_have_not_ended_are_not_folded(database: Database) {
    let store = &*database.store;
    let rollup = rollup_of(view(5), vec![lcp(100.0)]);
    store.merge("spool", 0, 1, &rollup).await.unwrap();
    assert_eq!(store.fold_hours(5 * HOUR_MS).await.unwrap(), 0);
    assert_eq!(store.fold_hours(6 * HOUR_MS - 1).await.unwrap(), 0);
    assert_eq!(store.fold_hours(6 * HOUR_MS).await.unwrap(), 1);
    assert_eq!(store.fold_hours(6 * HOUR_MS).await.unwrap(), 0);
}

pub(crate) async fn a_fold_leaves_one_row_per_hour_and_takes_late_ones_in(database: Database) {
    let store = &*database.store;
    let cause = |value| Event::Vital {
        metric: Metric::Lcp,
        value,
        was: None,
        element: Some("img".into()),
    };
    let visit = || Event::Referral {
        share: "share-one".into(),
    };
    let rows = "select (select count(*) from sums where site = 'a.example') \
                + (select count(*) from share_visit)";
    for (from, after_fold) in [(0, 2), (3, 2)] {
        for at in from..from + 3 {
            let rollup = rollup_of(view(1), vec![cause(100.0), visit()]);
            store.merge("spool", at, at + 1, &rollup).await.unwrap();
        }
        let before = (all_lcp(store).await, views(store).await);
        // Each merge made two rows: one of sums, one of visits.
        let late = 6 + if from == 0 { 0 } else { 2 };
        assert_eq!(database.number(rows).await, late);
        // The sum of before is added to: only of visits it is taken away first.
        let taken = 6 + if from == 0 { 0 } else { 1 };
        assert_eq!(store.fold_hours(2 * HOUR_MS).await.unwrap(), taken);
        assert_eq!(database.number(rows).await, after_fold);
        assert_eq!((all_lcp(store).await, views(store).await), before);
    }
    assert_eq!(views(store).await, 6);
    let all = between(0, 10);
    let causes = store.causes(&all, Metric::Lcp, 10).await.unwrap();
    assert_eq!(causes[0].distribution.count, 6);
    let visits = store.visits_by_channel(&all).await.unwrap();
    assert_eq!(visits, [("unknown".to_owned(), 6)]);
}

pub(crate) async fn a_site_has_the_template_that_was_seen_last(database: Database) {
    let store = &*database.store;
    let seen = |template: &str, received_ms| {
        let mut view = view(1);
        view.template = Some(template.to_owned());
        view.received_ms = received_ms;
        rollup_of(view, vec![])
    };
    let template = async || store.sites().await.unwrap()[0].template.clone();
    store.merge("one", 0, 1, &seen("new", 1000)).await.unwrap();
    // A spool that lagged behind tells an older sight.
    store.merge("two", 0, 1, &seen("old", 500)).await.unwrap();
    assert_eq!(template().await.as_deref(), Some("new"));
    store
        .merge("one", 1, 2, &seen("newer", 2000))
        .await
        .unwrap();
    assert_eq!(template().await.as_deref(), Some("newer"));
    // The same template, an hour later, is newer than one seen before that.
    store
        .merge("one", 2, 3, &seen("newer", 2000 + HOUR_MS))
        .await
        .unwrap();
    store.merge("two", 1, 2, &seen("old", 3000)).await.unwrap();
    let site = store.sites().await.unwrap().pop().unwrap();
    assert_eq!(site.template.as_deref(), Some("newer"));
    assert_eq!((site.host.as_str(), site.added_ms), ("a.example", 1000));
}

pub(crate) async fn a_site_can_be_added_and_renewed(database: Database) {
    let store = &*database.store;
    let site = |host: &str, build: Option<&str>, added_ms| Site {
        host: host.to_owned(),
        template: Some("aurora".to_owned()),
        build: build.map(str::to_owned),
        added_ms,
    };
    store.add_site(&site("b.example", None, 10)).await.unwrap();
    store.add_site(&site("a.example", None, 20)).await.unwrap();
    store
        .add_site(&site("b.example", Some("2.0"), 30))
        .await
        .unwrap();
    let expected = [
        site("a.example", None, 20),
        site("b.example", Some("2.0"), 10),
    ];
    assert_eq!(store.sites().await.unwrap(), expected);
}

pub(crate) async fn a_revoked_token_stays_revoked(database: Database) {
    let store = &*database.store;
    assert!(store.revoked_tokens().await.unwrap().is_empty());
    for (id, now_ms) in [("one", 1), ("two", 2), ("one", 3)] {
        store.revoke_token(id, now_ms).await.unwrap();
    }
    let mut tokens: Vec<_> = store.revoked_tokens().await.unwrap().into_iter().collect();
    tokens.sort();
    assert_eq!(tokens, ["one", "two"]);
    let first = database.number("select revoked_ms from revoked_token where token_id = 'one'");
    assert_eq!(first.await, 1);
}

pub(crate) async fn words_of_any_length_and_content_are_kept(database: Database) {
    let store = &*database.store;
    let mut long = view(1);
    // Together far beyond what an index entry of Postgres may hold, and not to be compressed.
    let noise =
        |length| (0..length).map(|n: u32| char::from_u32(0x4e00 + n * 7919 % 20_000).unwrap());
    long.page = noise(512).collect();
    let error = |name: String| Event::Named {
        kind: Kind::Error,
        name,
    };
    let message: String = noise(256).collect();
    let events = vec![
        error(message.clone()),
        error("a\0b".into()),
        error("a\u{2400}b".into()),
    ];
    let page = long.page.clone();
    store
        .merge("spool", 0, 1, &rollup_of(long, events))
        .await
        .unwrap();
    store.fold_hours(10 * HOUR_MS).await.unwrap();
    let mut selection = between(0, 10);
    selection.page = Some(page);
    let errors = store
        .counts(&selection, Some(Kind::Error), None)
        .await
        .unwrap();
    let mut names: Vec<_> = errors.iter().map(|sum| (&*sum.name, sum.count)).collect();
    names.sort_by_key(|(name, _)| name.len());
    // Postgres keeps no character 0: its symbol stands in, and both are counted.
    assert_eq!(names, [("a\u{2400}b", 2), (&*message, 1)]);
}

pub(crate) async fn causes_are_ordered_by_count_and_filtered(database: Database) {
    let store = &*database.store;
    let caused = |element: &str, metric, device, hour| {
        let mut view = view(hour);
        view.device = device;
        let event = Event::Vital {
            metric,
            value: 300.0,
            was: None,
            element: Some(element.to_owned()),
        };
        rollup_of(view, vec![event])
    };
    let (phone, desktop) = (Device::Phone, Device::Desktop);
    let merges = [
        caused("img", Metric::Lcp, phone, 1),
        caused("h1", Metric::Lcp, phone, 1),
        caused("h1", Metric::Lcp, desktop, 1),
        caused("h1", Metric::Lcp, desktop, 2),
        caused("p", Metric::Lcp, desktop, 1),
        caused("button", Metric::Inp, phone, 1),
        caused("late", Metric::Lcp, phone, 9),
    ];
    for (at, rollup) in (0..).zip(&merges) {
        store.merge("spool", at, at + 1, rollup).await.unwrap();
    }
    let ask = async |device: Option<&str>, limit| {
        let mut selection = between(1, 3);
        selection.device = device.map(str::to_owned);
        let sums = store.causes(&selection, Metric::Lcp, limit).await.unwrap();
        let one = |sum: foresight::store::CauseSum| (sum.element, sum.distribution.count);
        sums.into_iter().map(one).collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, i64)]| -> Vec<(String, i64)> {
        pairs
            .iter()
            .map(|(element, count)| ((*element).to_owned(), *count))
            .collect()
    };
    assert_eq!(
        ask(None, 10).await,
        pairs(&[("h1", 3), ("img", 1), ("p", 1)])
    );
    assert_eq!(ask(None, 2).await, pairs(&[("h1", 3), ("img", 1)]));
    assert_eq!(
        ask(Some("phone"), 10).await,
        pairs(&[("h1", 1), ("img", 1)])
    );
    assert_eq!(ask(Some("tablet"), 10).await, pairs(&[]));
}
