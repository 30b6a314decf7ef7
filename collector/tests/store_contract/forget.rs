//! Stories of sites that are forgotten: nothing of them is left, and nothing comes back.

use foresight::{
    event::{Event, HOUR_MS},
    rollup::Rollup,
    store::{Merge, Site, SiteRows, Store},
};
use foresight_shared::Metric;
use tokio::task::JoinSet;

use crate::{
    database::Database,
    model::{lcp, rollup_of, view, views},
};

const HOST: &str = "a.example";

pub(crate) async fn a_forgotten_site_leaves_no_row_and_no_other_site_loses_one(database: Database) {
    let store = &*database.store;
    for (at, (site, hour)) in (0..).zip([
        (HOST, 1),
        (HOST, 30),
        (HOST, 60),
        ("b.example", 1),
        ("aa.example", 60),
    ]) {
        let mut rollup = everything(site, hour);
        rollup.batches = vec![(site.to_owned(), format!("batch-{at}"))];
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    }
    store.fold_days(24 * HOUR_MS).await.unwrap();
    store.fold_hours(48 * HOUR_MS).await.unwrap();
    let others = async || {
        let b = store.site_rows("b.example").await.unwrap();
        (b, store.site_rows("aa.example").await.unwrap())
    };
    let before = others().await;
    let expected = [
        // Three hours, and one day: a vital, views, shares, the band of the view with a share, referrals, a
        // cause.
        ("sums", 9),
        ("share_visit", 3),
        ("share", 1),
        ("merged_batch", 3),
        ("server_event", 0),
        ("generation", 0),
        ("referred_goal", 0),
        ("confirmed_lead", 0),
        ("payment", 0),
        ("site_build", 1),
        ("change", 0),
        ("site", 1),
    ]
    .map(|(table, rows)| SiteRows { table, rows });
    assert_eq!(store.site_rows(HOST).await.unwrap(), expected);
    // The fleet's sums by site name it: two hours, and two lanes of a day.
    assert_eq!(database.blocks_with(HOST).await, 4);
    assert_eq!(store.forget_site(HOST, 7).await.unwrap(), expected);
    let nothing = expected.map(|rows| SiteRows { rows: 0, ..rows });
    assert_eq!(store.site_rows(HOST).await.unwrap(), nothing);
    assert_eq!(others().await, before);
    assert_eq!(views(store).await, 2);
    assert_eq!(database.blocks_with(HOST).await, 0);
    assert!(database.blocks_with("b.example").await > 0);
    // Again, and a site that was never seen: nothing to do, and no error.
    assert_eq!(store.forget_site(HOST, 8).await.unwrap(), nothing);
    assert_eq!(store.forget_site("c.example", 8).await.unwrap(), nothing);
    let mut forgotten: Vec<_> = store.forgotten_sites().await.unwrap().into_iter().collect();
    forgotten.sort();
    assert_eq!(forgotten, [HOST, "c.example"]);
}

pub(crate) async fn what_waits_of_a_forgotten_site_is_not_merged(database: Database) {
    let store = &*database.store;
    store.forget_site(HOST, 7).await.unwrap();
    let mut both = everything(HOST, 1);
    let other = everything("b.example", 1);
    both.cells.extend(other.cells);
    both.causes.extend(other.causes);
    both.shares.extend(other.shares);
    both.visits.extend(other.visits);
    both.sites.extend(other.sites);
    both.builds.extend(other.builds);
    let merge = store.merge("spool", 0, 5, &both).await.unwrap();
    // The position moves: the records are done with.
    assert_eq!(merge, Merge::Added);
    assert_eq!(store.position("spool").await.unwrap(), 5);
    assert_eq!(rows(store).await, 0);
    assert_eq!(views(store).await, 1);
    let site = Site {
        host: HOST.to_owned(),
        template: None,
        build: None,
        added_ms: 9,
    };
    store.add_site(&site).await.unwrap();
    assert!(store.forgotten_sites().await.unwrap().is_empty());
    let again = everything(HOST, 1);
    store.merge("spool", 5, 6, &again).await.unwrap();
    assert_eq!(views(store).await, 2);
}

pub(crate) async fn merges_and_folds_beside_bring_nothing_back(database: Database) {
    let mut beside = JoinSet::new();
    for spool in ["one", "two"] {
        let store = database.again().await;
        beside.spawn(async move {
            for at in 0..40 {
                let mut view = view(at % 3);
                view.page = format!("/{}", at % 5);
                let rollup = rollup_of(view, vec![lcp(100.0)]);
                store.merge(spool, at, at + 1, &rollup).await.unwrap();
                store.fold_hours(9 * HOUR_MS).await.unwrap();
                store.fold_days(48 * HOUR_MS).await.unwrap();
                store.fold_weeks(500 * HOUR_MS).await.unwrap();
            }
        });
    }
    let mut deleted = 0;
    while deleted == 0 {
        tokio::task::yield_now().await;
        if rows(&*database.store).await == 0 {
            continue;
        }
        let gone = database.store.forget_site(HOST, 7).await.unwrap();
        deleted = gone.iter().map(|rows| rows.rows).sum();
        assert_eq!(rows(&*database.store).await, 0);
    }
    beside.join_all().await;
    assert_eq!(rows(&*database.store).await, 0);
    assert_eq!(database.store.position("one").await.unwrap(), 40);
}

/// All rows of the host.
async fn rows(store: &dyn Store) -> u64 {
    let rows = store.site_rows(HOST).await.unwrap();
    rows.iter().map(|rows| rows.rows).sum()
}

/// A view that makes a row in each table.
fn everything(site: &str, hour: i64) -> Rollup {
    let mut view = view(hour);
    view.site = site.to_owned();
    view.build = Some("2.3.1".to_owned());
    let vital = Event::Vital {
        metric: Metric::Lcp,
        value: 100.0,
        was: None,
        element: Some("img".into()),
    };
    let share = Event::Share {
        channel: "email".into(),
        id: "share-one".into(),
        parent: None,
    };
    let visit = Event::Referral {
        share: "share-one".into(),
    };
    rollup_of(view, vec![vital, share, visit])
}
