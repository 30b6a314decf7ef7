//! A database that an earlier version wrote: the present one opens it, its numbers are the same, and it
//! takes more.
//!
//! For every version there was, the migrations up to it run, the rows that it would have written (`upgrade/`)
//! are inserted as they were, and the store opens what it finds.

use foresight::{
    event::{Event, HOUR_MS},
    rollup::Rollup,
    store::{Facts, Kept, Known, Merge, Site, Store},
};
use foresight_shared::Metric;

use crate::{
    database::{Database, Place},
    model::{between, lcp, rollup_of, view, views},
    property::compare,
    seen::events,
};

/// The rows by the version that first wrote such.
const ROWS: [(i64, &str); 4] = [
    (1, include_str!("upgrade/1.sql")),
    (2, include_str!("upgrade/2.sql")),
    (3, include_str!("upgrade/3.sql")),
    (4, include_str!("upgrade/4.sql")),
];

/// What was merged before the rows were dumped.
fn merged() -> Vec<Rollup> {
    let share = Event::Share {
        channel: "whatsapp".into(),
        id: "share-one".into(),
        parent: None,
    };
    let visit = Event::Referral {
        share: "share-one".into(),
    };
    vec![
        rollup_of(view(1), vec![lcp(100.0), share]),
        rollup_of(view(1), vec![lcp(2600.0)]),
        rollup_of(view(30), vec![lcp(4500.0)]),
        rollup_of(view(30), vec![visit]),
    ]
}

/// Writes the rows of a version past the store.
async fn write_as(place: &Place, version: i64) {
    for (_, rows) in ROWS.iter().filter(|(since, _)| *since <= version) {
        place.run(rows).await;
    }
}

async fn every_version(make: impl AsyncFn() -> Place) {
    let place = make().await;
    let migrations = place.migrations().await;
    let versions: Vec<_> = migrations.iter().map(|one| one.version).collect();
    let all = versions.len() as i64;
    assert!(versions.is_sorted() && all > 4, "{versions:?}");
    for version in versions {
        let place = make().await;
        // A later version finds what those before it wrote.
        let written_by = version.min(ROWS[ROWS.len() - 1].0);
        place.migrate_to(written_by).await;
        write_as(&place, written_by).await;
        place.migrate_to(version).await;
        println!("from version {version}");
        let database = place.open().await;
        let known = "select count(*) from _sqlx_migrations where success";
        assert_eq!(database.number(known).await, all);
        sums_are_the_same(&*database.store).await;
        facts_are_the_same(&*database.store, version).await;
        it_goes_on(&database, version).await;
    }
}

async fn sums_are_the_same(store: &dyn Store) {
    let (rollups, all) = (merged(), between(-1000, 1000));
    assert_eq!(views(store).await, 4);
    let kept = store.kept().await.unwrap();
    // What was folded before has no sums by site of the fleet: answers are made of each site's.
    let sites_ms = kept.sites_ms;
    assert!(sites_ms > 30 * HOUR_MS, "{kept:?}");
    let ever = Kept {
        sites_ms,
        ..Kept::default()
    };
    assert_eq!(kept, ever);
    compare(store, &rollups, &all, "after the upgrade").await;
    let links = store.links(&all, 10).await.unwrap();
    let found: Vec<_> = links
        .iter()
        .map(|link| (&*link.id, &*link.channel, link.visits))
        .collect();
    assert_eq!(found, [("share-one", "whatsapp", 1)]);
    let sites = store.sites().await.unwrap();
    let hosts: Vec<_> = sites.iter().map(|site| &*site.host).collect();
    assert_eq!(hosts, ["a.example", "bakery.4site.pro"]);
    assert_eq!(sites[1].template.as_deref(), Some("aurora"));
    assert_eq!(store.position("spool").await.unwrap(), 5);
    let revoked = store.revoked_tokens().await.unwrap();
    assert_eq!(revoked, ["revoked-token".to_owned()].into());
    let forgotten = store.forgotten_sites().await.unwrap();
    assert_eq!(forgotten, ["gone.example".to_owned()].into());
}

/// Events of servers are kept since version 2. What later versions ask of them has tables of its own, which
/// the migrations fill.
async fn facts_are_the_same(store: &dyn Store, version: i64) {
    let facts = store.facts(0, i64::MAX).await.unwrap();
    let leads = store.leads(0, i64::MAX).await.unwrap();
    let payments = store.payments(0, i64::MAX).await.unwrap();
    let commissions = store.commissions(None, i64::MAX).await.unwrap();
    if version < 2 {
        let shares = facts.shares.clone();
        let nothing = Facts {
            shares,
            ..Facts::default()
        };
        assert_eq!(facts, nothing);
        assert!(leads.is_empty() && payments.is_empty() && commissions.is_empty());
        return;
    }
    let [generation] = &facts.generations[..] else {
        panic!("{facts:?}");
    };
    assert_eq!(
        (&*generation.owner, generation.at_ms),
        ("o_5521", 1_793_000_000_000)
    );
    assert_eq!(generation.referred_by.as_deref(), Some("pR7mYc2LzA"));
    assert_eq!(facts.goals.len(), 1);
    assert_eq!(facts.goals[0].name, "booking");
    let scores: Vec<_> = leads.iter().map(|lead| lead.score).collect();
    assert_eq!(scores, [72]);
    let mut amounts: Vec<_> = payments
        .iter()
        .map(|payment| payment.amount_minor)
        .collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [900, 2900]);
    assert_eq!(commissions.len(), 1);
    assert_eq!(commissions[0].amount_minor, 580);
}

/// What is merged from now on is added to what was there, and repeats of before are known.
async fn it_goes_on(database: &Database, version: i64) {
    let store = &*database.store;
    let next = rollup_of(view(30), vec![lcp(700.0)]);
    let added = store.merge("spool", 5, 6, &next).await.unwrap();
    assert_eq!(added, Merge::Added);
    assert_eq!(views(store).await, 5);
    if version >= 2 {
        let mut repeat = next;
        repeat.batches = vec![("a.example".into(), "batch-2".into())];
        let known = Known {
            batches: repeat.batches.iter().cloned().collect(),
            ..Known::default()
        };
        let answer = store.merge("other", 0, 1, &repeat).await.unwrap();
        assert_eq!(answer, Merge::Known(known));
        let told = Rollup {
            events: events(),
            ..Rollup::default()
        };
        let answer = store.merge("other", 0, 1, &told).await.unwrap();
        assert!(matches!(answer, Merge::Known(_)), "{answer:?}");
    }
    // Folds and an erasure go through rows of both ages.
    store.fold_hours(i64::MAX / 2).await.unwrap();
    let slow = store
        .distributions(&between(-1000, 1000), Some(Metric::Lcp), None)
        .await
        .unwrap();
    assert_eq!(slow[0].distribution.count, 4);
    store.forget_site("a.example", 9).await.unwrap();
    assert_eq!(views(store).await, 0);
    let rest = store.sites().await.unwrap();
    assert!(matches!(&rest[..], [Site { host, .. }] if host == "bakery.4site.pro"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_earlier_version_of_sqlite_is_opened_with_its_numbers() {
    every_version(async || Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_earlier_version_of_postgres_is_opened_with_its_numbers() {
    every_version(Place::postgres).await;
}
