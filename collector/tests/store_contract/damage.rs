//! Stories of databases that hold what they should not.

use foresight::{
    event::HOUR_MS,
    store::{self, StoreError},
};

use crate::{
    database::Database,
    model::{between, lcp, rollup_of, view, views},
};

pub(crate) async fn a_damaged_histogram_is_an_error_and_stops_nothing_else(database: Database) {
    let store = &*database.store;
    let mut other = view(2);
    other.site = "b.example".into();
    for (at, view) in [(0, view(1)), (1, other)] {
        let rollup = rollup_of(view, vec![lcp(100.0)]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    }
    database
        .run("update vital set histogram = bytes'09ff' where site = 'a.example'")
        .await;
    let mut selection = between(0, 10);
    let answer = store.distributions(&selection, None, None).await;
    assert!(
        matches!(answer, Err(StoreError::Histogram(_))),
        "{answer:?}"
    );
    let folded = store.fold_hours(5 * HOUR_MS).await;
    assert!(
        matches!(folded, Err(StoreError::Histogram(_))),
        "{folded:?}"
    );
    // The damaged hour is as it was, the other is folded, and counts are answered.
    let damaged = "select count(*) from vital where site = 'a.example' and level = 0";
    assert_eq!(database.number(damaged).await, 1);
    let whole = "select count(*) from vital where site = 'b.example' and level = 1";
    assert_eq!(database.number(whole).await, 1);
    assert_eq!(views(store).await, 2);
    selection.site = Some("b.example".into());
    let answer = store.distributions(&selection, None, None).await.unwrap();
    assert_eq!(answer[0].distribution.count, 1);
}

pub(crate) async fn an_unknown_metric_is_an_error(database: Database) {
    let store = &*database.store;
    let rollup = rollup_of(view(1), vec![lcp(100.0)]);
    store.merge("spool", 0, 1, &rollup).await.unwrap();
    database.run("update vital set metric = 99").await;
    let answer = store.distributions(&between(0, 10), None, None).await;
    let Err(StoreError::Row(text)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(text, "metric 99 is unknown");
}

pub(crate) async fn a_newer_schema_is_refused(database: Database) {
    database
        .run(
            "insert into _sqlx_migrations \
             (version, description, success, checksum, execution_time) \
             values (9999, 'of tomorrow', true, bytes'00', 0)",
        )
        .await;
    let Err(error) = store::open(&database.url).await else {
        panic!("a newer schema was opened");
    };
    assert!(
        matches!(error, StoreError::Newer { found: 9999, .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with("database schema is version 9999")
    );
}
