//! Stories of databases that hold what they should not.

use foresight::{
    event::HOUR_MS,
    store::{self, StoreError},
};

use crate::{
    database::Database,
    model::{between, lcp, rollup_of, view, views},
};

pub(crate) async fn a_damaged_block_is_an_error_and_stops_no_other_site(database: Database) {
    let store = &*database.store;
    let mut other = view(2);
    other.site = "b.example".into();
    for (at, view) in [(0, view(1)), (1, other)] {
        let rollup = rollup_of(view, vec![lcp(100.0)]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    }
    // Nine words, of which there are none.
    database
        .run("update sums set block = bytes'0109' where site = 'a.example'")
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
    // The damaged site is as it was, the other is folded, into the fleet's sums too.
    let damaged = "select count(*) from sums where site = 'a.example' and level = 0";
    assert_eq!(database.number(damaged).await, 1);
    let whole = "select count(*) from sums where site in ('b.example', '') and level = 1";
    assert_eq!(database.number(whole).await, 2);
    selection.site = Some("b.example".into());
    let answer = store.distributions(&selection, None, None).await.unwrap();
    assert_eq!(answer[0].distribution.count, 1);
}

pub(crate) async fn a_damaged_sum_of_the_fleet_holds_up_no_fold_and_no_erasure(database: Database) {
    let store = &*database.store;
    let merge = async |at, hour, site: &str| {
        let mut view = view(hour);
        view.site = site.into();
        let rollup = rollup_of(view, vec![lcp(100.0)]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    };
    merge(0, 1, "a.example").await;
    store.fold_hours(5 * HOUR_MS).await.unwrap();
    database
        .run("update sums set block = bytes'0109' where site = ''")
        .await;
    merge(1, 1, "a.example").await;
    merge(2, 2, "b.example").await;
    // Twice: the second time there is nothing to be added at the damaged row's place.
    for _ in 0..2 {
        let folded = store.fold_hours(5 * HOUR_MS).await;
        let flushes = "select count(*) from sums where level = 0";
        assert_eq!(database.number(flushes).await, 0, "{folded:?}");
    }
    let beside = "select count(*) from sums where site = '' and level = 1 and length(block) > 2";
    assert_eq!(database.number(beside).await, 2);
    // The hours become days, but for the damaged one, which is told each time.
    for _ in 0..2 {
        let folded = store.fold_days(25 * HOUR_MS).await;
        assert!(
            matches!(folded, Err(StoreError::Histogram(_))),
            "{folded:?}"
        );
        let hours = "select count(*) from sums where level = 1";
        assert_eq!(database.number(hours).await, 1);
    }
    store.forget_site("a.example", 7).await.unwrap();
    let left = "select count(*) from sums where site = 'a.example'";
    assert_eq!(database.number(left).await, 0);
    assert_eq!(
        database
            .number("select count(*) from sums where length(block) = 2")
            .await,
        1
    );
}

pub(crate) async fn a_damaged_row_holds_up_no_other_row_of_its_site(database: Database) {
    let store = &*database.store;
    for at in 0..3 {
        let rollup = rollup_of(view(at), vec![lcp(100.0)]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    }
    database
        .run("update sums set block = bytes'0109' where position = 2")
        .await;
    assert!(store.fold_hours(5 * HOUR_MS).await.is_err());
    // As it was, to the key.
    let damaged = "select count(*) from sums where level = 0 and spool = 'spool' and position = 2";
    assert_eq!(database.number(damaged).await, 1);
    let whole = "select count(*) from sums where site = 'a.example' and level = 1";
    assert_eq!(database.number(whole).await, 2);
    let answer = store.distributions(&between(2, 3), None, None).await;
    assert_eq!(answer.unwrap()[0].distribution.count, 1);
    // Nor does it keep the hours from their day.
    assert!(store.fold_days(25 * HOUR_MS).await.is_err());
    let waiting = "select count(*) from sums where level in (0, 1)";
    assert_eq!(database.number(waiting).await, 1);
    let hours = "select count(*) from sums where site = 'a.example' and level = 2";
    assert_eq!(database.number(hours).await, 2);
}

pub(crate) async fn a_block_of_a_later_format_is_an_error(database: Database) {
    let store = &*database.store;
    let rollup = rollup_of(view(1), vec![lcp(100.0)]);
    store.merge("spool", 0, 1, &rollup).await.unwrap();
    database.run("update sums set block = bytes'0900'").await;
    let answer = store.distributions(&between(0, 10), None, None).await;
    let Err(StoreError::Row(text)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        text,
        "a block has format Some(9), this version reads format 1"
    );
    // What nobody can read can be forgotten.
    store.forget_site("a.example", 7).await.unwrap();
    assert_eq!(views(store).await, 0);
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
