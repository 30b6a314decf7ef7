//! Findings of the detector, and the cells that it reads.

use foresight::{
    event::{DAY_MS, HOUR_MS},
    store::{Change, Cohort, Direction, StoreError},
};
use foresight_shared::Metric;

use crate::{
    database::Database,
    model::{lcp, rollup_of, view},
};

fn change(id: &str, until_ms: Option<i64>) -> Change {
    Change {
        id: id.to_owned(),
        metric: Metric::Lcp,
        ratios: vec![(Metric::Lcp, 1.31), (Metric::Fcp, 1.2)],
        cohort: Cohort {
            template: Some("aurora".to_owned()),
            site: Some("a.example".to_owned()),
            page: Some("/\0".to_owned()),
            ..Cohort::default()
        },
        direction: Direction::Worse,
        from_p75: 2100.5,
        to_p75: 2800.25,
        difference_low: 512.0,
        difference_high: 801.0,
        since_ms: 1_000,
        found_ms: 2_000,
        seen_ms: 3_000,
        until_ms,
        sites: 312,
        views: 41_000,
    }
}

pub(crate) async fn findings_are_written_anew_and_found_by_their_end(database: Database) {
    let store = &*database.store;
    store.save_changes(&[]).await.unwrap();
    let open = change("open", None);
    let over = change("over", Some(5_000));
    store.save_changes(&[open.clone(), over]).await.unwrap();
    let found = store.changes(5_001).await.unwrap();
    assert_eq!(found.len(), 1);
    // A character that Postgres refuses is shown.
    assert_eq!(found[0].cohort.page.as_deref(), Some("/\u{2400}"));
    let found = store.changes(5_000).await.unwrap();
    assert_eq!(found.len(), 2);
    let ended = Change {
        until_ms: Some(4_000),
        sites: 400,
        views: 52_000,
        found_ms: 9_000,
        ..open.clone()
    };
    store.save_changes(&[ended]).await.unwrap();
    assert!(store.changes(5_001).await.unwrap().is_empty());
    let all = store.changes(0).await.unwrap();
    let one = all.iter().find(|one| one.id == "open").unwrap();
    // When it was found first stays.
    assert_eq!(
        (one.sites, one.views, one.until_ms, one.found_ms),
        (400, 52_000, Some(4_000), 2_000)
    );
    assert_eq!((one.to_p75, &one.ratios), (2800.25, &open.ratios));
    store.forget_site("a.example", 1).await.unwrap();
    assert!(store.changes(0).await.unwrap().is_empty());
}

pub(crate) async fn one_collector_looks_at_a_time(database: Database) {
    let store = &*database.store;
    assert_eq!(store.claim_look(1_000, 100).await.unwrap(), Some(0));
    assert_eq!(store.claim_look(1_010, 110).await.unwrap(), None);
    assert_eq!(store.claim_look(2_000, 1_000).await.unwrap(), Some(1_000));
    let (one, two) = tokio::join!(
        store.claim_look(9_000, 5_000),
        store.claim_look(9_000, 5_000)
    );
    let claimed = [one.unwrap(), two.unwrap()];
    assert_eq!(claimed.iter().flatten().count(), 1, "{claimed:?}");
}

pub(crate) async fn cells_are_those_of_their_hours_before_and_after_folds(database: Database) {
    let store = &*database.store;
    for (at, hour) in (0..).zip([24, 24, 25, 26]) {
        let rollup = rollup_of(view(hour), vec![lcp(1000.0)]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    }
    for _ in 0..2 {
        let cells = store.cells(24 * HOUR_MS, 26 * HOUR_MS).await.unwrap();
        let mut found: Vec<_> = cells
            .iter()
            .map(|(cell, vitals)| {
                let [(metric, distribution)] = &vitals[..] else {
                    panic!("{vitals:?}");
                };
                assert_eq!((&*cell.site, *metric), ("a.example", Metric::Lcp));
                (cell.hour_ms / HOUR_MS, distribution.count)
            })
            .collect();
        found.sort_unstable();
        assert_eq!(found, [(24, 2), (25, 1)]);
        store.fold_days(3 * DAY_MS).await.unwrap();
    }
    store.drop_hours(2 * DAY_MS).await.unwrap();
    let refused = store.cells(24 * HOUR_MS, 26 * HOUR_MS).await;
    assert!(
        matches!(refused, Err(StoreError::Coarse { since_ms }) if since_ms == 2 * DAY_MS),
        "{refused:?}"
    );
}
