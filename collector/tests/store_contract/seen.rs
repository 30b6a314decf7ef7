//! What came through another collector is not added again.

use foresight::{
    event::Confirmed,
    rollup::Rollup,
    store::{Known, Merge},
};
use foresight_shared::ServerBatch;

use crate::{
    database::Database,
    model::{rollup_of, view, views},
};

/// The rollup of one page view whose batch has that id.
fn batch(id: &str) -> Rollup {
    let mut rollup = rollup_of(view(1), vec![]);
    rollup.batches = vec![("a.example".to_owned(), id.to_owned())];
    rollup.merged_ms = 1000;
    rollup
}

pub(crate) fn events() -> Vec<Confirmed> {
    let text = include_str!("../../../shared/examples/events.v1.json");
    let batch: ServerBatch = serde_json::from_str(text).unwrap();
    let confirmed = |event| Confirmed {
        received_ms: 7,
        event,
    };
    batch.events.into_iter().map(confirmed).collect()
}

/// A batch is added once, whichever spool it comes from; the merge that is refused adds nothing.
pub(crate) async fn a_batch_that_another_spool_had_is_told_and_not_added(database: Database) {
    let store = &database.store;
    assert_eq!(
        store.merge("one", 0, 1, &batch("id")).await.unwrap(),
        Merge::Added
    );
    let mut known = Known::default();
    known.batches.insert(("a.example".into(), "id".into()));
    let mut two = batch("id");
    two.batches.push(("a.example".into(), "other".into()));
    let refused = store.merge("two", 0, 2, &two).await.unwrap();
    assert_eq!(refused, Merge::Known(known));
    assert_eq!(store.position("two").await.unwrap(), 0);
    assert_eq!(views(&**store).await, 1);
    assert_eq!(
        store.merge("two", 0, 2, &batch("other")).await.unwrap(),
        Merge::Added
    );
    assert_eq!(views(&**store).await, 2);
    // The same id of another site is another batch.
    let mut elsewhere = batch("id");
    elsewhere.batches[0].0 = "b.example".to_owned();
    assert_eq!(
        store.merge("two", 2, 3, &elsewhere).await.unwrap(),
        Merge::Added
    );
}

/// Ids are kept until they are old enough, and then their batches are new again.
pub(crate) async fn ids_of_batches_are_forgotten_by_the_time_of_their_merge(database: Database) {
    let store = &database.store;
    store.merge("one", 0, 1, &batch("id")).await.unwrap();
    assert_eq!(store.forget_batches(1000).await.unwrap(), 0);
    let again = store.merge("two", 0, 1, &batch("id")).await.unwrap();
    assert!(matches!(again, Merge::Known(_)), "{again:?}");
    assert_eq!(store.forget_batches(1001).await.unwrap(), 1);
    assert_eq!(
        store.merge("two", 0, 1, &batch("id")).await.unwrap(),
        Merge::Added
    );
}

/// Two merges with the same batches at the same time: one of them is told.
pub(crate) async fn two_spools_with_the_same_batches_add_each_once(database: Database) {
    let both = [
        ("one", database.again().await),
        ("two", database.again().await),
    ];
    let merges = both.map(|(spool, store)| {
        tokio::spawn(async move {
            let mut added = 0;
            for at in 0..30 {
                let rollup = batch(&format!("id-{at}"));
                match store.merge(spool, at, at + 1, &rollup).await.unwrap() {
                    Merge::Added => added += 1,
                    Merge::Known(known) => {
                        assert_eq!(known.batches.len(), 1);
                        let nothing = Rollup::default();
                        let merged = store.merge(spool, at, at + 1, &nothing).await;
                        assert_eq!(merged.unwrap(), Merge::Added);
                    }
                    Merge::At(elsewhere) => panic!("the position is {elsewhere}"),
                }
            }
            added
        })
    });
    let mut added = 0;
    for merge in merges {
        added += merge.await.unwrap();
    }
    assert_eq!(added, 30);
    assert_eq!(views(&*database.store).await, 30);
}

/// Server events are kept as they were told, and once; a repeat is told with its digest.
pub(crate) async fn server_events_are_kept_once(database: Database) {
    let store = &database.store;
    let rollup = Rollup {
        events: events(),
        ..Rollup::default()
    };
    assert_eq!(
        store.merge("one", 0, 10, &rollup).await.unwrap(),
        Merge::Added
    );
    assert_eq!(
        database.number("select count(*) from server_event").await,
        10
    );
    let mut events = events();
    let paid = events.remove(4);
    let keys = [
        (paid.site().to_owned(), paid.event.id.clone()),
        (String::new(), paid.event.id.clone()),
    ];
    let known = store.known_events(&keys).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[&keys[0]], paid.digest());
    let again = Rollup {
        events: vec![paid],
        ..Rollup::default()
    };
    let Merge::Known(told) = store.merge("two", 0, 1, &again).await.unwrap() else {
        panic!("it was added again");
    };
    assert_eq!(told.events, known);
    assert_eq!(
        database.number("select count(*) from server_event").await,
        10
    );
}

/// A forgotten site's events and ids go with it; those of no site stay until they are old.
pub(crate) async fn a_forgotten_site_takes_its_server_events_along(database: Database) {
    let store = &database.store;
    let mut rollup = Rollup {
        events: events(),
        ..Rollup::default()
    };
    rollup.batches = vec![("bakery.4site.pro".into(), "id".into())];
    store.merge("one", 0, 10, &rollup).await.unwrap();
    store.forget_site("bakery.4site.pro", 8).await.unwrap();
    let left = store.site_rows("bakery.4site.pro").await.unwrap();
    assert!(left.iter().all(|rows| rows.rows == 0), "{left:?}");
    let facts = store.facts(0, i64::MAX).await.unwrap();
    assert!(facts.generations.is_empty() && facts.goals.is_empty());
    assert!(store.sites_with_leads().await.unwrap().is_empty());
    assert_eq!(
        database.number("select count(*) from server_event").await,
        5
    );
    // What waits of it elsewhere is left out, and what is about no site is not.
    for event in &mut rollup.events {
        event.event.id.push_str("-2");
    }
    assert_eq!(
        store.merge("one", 10, 20, &rollup).await.unwrap(),
        Merge::Added
    );
    assert_eq!(
        database.number("select count(*) from server_event").await,
        10
    );
    // Commissions tell of money, and are kept.
    store.delete_before(86_400_000).await.unwrap();
    assert_eq!(
        database.number("select count(*) from server_event").await,
        2
    );
}
