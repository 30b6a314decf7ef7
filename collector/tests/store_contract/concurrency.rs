//! Stories of several processes with one database.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use foresight::{
    event::{HOUR_MS, Millis},
    rollup::Rollup,
    store::{self, Merge, Store},
};
use futures_util::future::join_all;
use tokio::task::JoinSet;

use crate::{
    database::{Database, TABLES},
    model::{all_lcp, lcp, rollup_of, view, views},
};

/// Merges of one process.
const MERGES: i64 = 25;

pub(crate) async fn two_spools_merge_at_the_same_time(database: Database) {
    let mut processes = JoinSet::new();
    for spool in ["one", "two"] {
        let store = database.again().await;
        processes.spawn(async move {
            for at in 0..MERGES {
                // Both spools meet in the same site, hour, cell and share.
                let merge = store.merge(spool, at, at + 1, &rollup(at % 3)).await;
                assert_eq!(merge.unwrap(), Merge::Added);
            }
        });
    }
    processes.join_all().await;
    assert_eq!(views(&*database.store).await, 2 * MERGES);
    assert_eq!(all_lcp(&*database.store).await.unwrap().count, 2 * MERGES);
}

pub(crate) async fn two_processes_with_one_spool_add_it_once(database: Database) {
    let mut processes = JoinSet::new();
    for _ in 0..2 {
        let store = database.again().await;
        processes.spawn(async move {
            let mut at = 0;
            let mut added = 0;
            while at < MERGES {
                match store.merge("spool", at, at + 1, &rollup(1)).await.unwrap() {
                    Merge::Added => (at, added) = (at + 1, added + 1),
                    Merge::At(position) => at = position,
                    Merge::Known(known) => panic!("{known:?}"),
                }
            }
            added
        });
    }
    let added: i64 = processes.join_all().await.into_iter().sum();
    assert_eq!(added, MERGES);
    assert_eq!(views(&*database.store).await, MERGES);
    assert_eq!(database.store.position("spool").await.unwrap(), MERGES);
}

pub(crate) async fn folds_and_merges_at_the_same_time_lose_nothing(database: Database) {
    let merged = Arc::new(AtomicBool::new(false));
    let mut folds = JoinSet::new();
    for _ in 0..2 {
        let (store, merged) = (database.again().await, Arc::clone(&merged));
        folds.spawn(async move {
            let mut folded = 0;
            while !merged.load(Ordering::Relaxed) {
                folded += store.fold_hours(100 * HOUR_MS).await.unwrap();
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
                store
                    .merge(spool, at, at + 1, &rollup(at % 3))
                    .await
                    .unwrap();
            }
        });
    }
    merges.join_all().await;
    merged.store(true, Ordering::Relaxed);
    let folded: u64 = folds.join_all().await.into_iter().sum();
    assert!(folded > 0, "no fold ran beside the merges");
    assert_eq!(views(&*database.store).await, 2 * MERGES);
    assert_eq!(all_lcp(&*database.store).await.unwrap().count, 2 * MERGES);
    database.store.fold_hours(100 * HOUR_MS).await.unwrap();
    let rows = "select count(*) from sums where site = 'a.example'";
    assert_eq!(database.number(rows).await, 3);
    assert_eq!(all_lcp(&*database.store).await.unwrap().count, 2 * MERGES);
}

pub(crate) async fn many_processes_can_open_a_new_database(database: Database) {
    // The schema is taken away: for the next ones the database is new.
    for table in TABLES.into_iter().chain(["_sqlx_migrations"]) {
        database.run(&format!("drop table {table}")).await;
    }
    let opened = join_all((0..4).map(|_| {
        let url = database.url.clone();
        async move { tokio::spawn(async move { store::open(&url).await.map(drop) }).await }
    }));
    for one in opened.await {
        one.unwrap().unwrap();
    }
    let store: Arc<dyn Store> = database.again().await;
    assert_eq!(views(&*store).await, 0);
}

fn rollup(hour: Millis) -> Rollup {
    rollup_of(view(hour), vec![lcp(100.0)])
}
