//! Ids are remembered as a plain set would, whatever moves between memory and the file meanwhile.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;

/// Groups that are appended in one run.
const GROUPS: usize = 120;

/// Ids, of which many come more than once. Far more than may wait in memory.
const IDS: u32 = 3000;

fn roomy(dir: &tempfile::TempDir) -> Settings {
    Settings {
        max_bytes: 1 << 20,
        ..settings(dir)
    }
}

#[tokio::test]
async fn an_id_is_new_exactly_once_however_often_the_file_is_opened() {
    for seed in 0..4 {
        let mut random = StdRng::seed_from_u64(seed);
        let dir = tempfile::tempdir().unwrap();
        let mut known = BTreeSet::new();
        let (mut spool, mut task) = Spool::open(roomy(&dir)).await.unwrap();
        for _ in 0..GROUPS {
            let size = random.random_range(1..40);
            let ids: Vec<_> = (0..size)
                .map(|_| format!("batch-{:04}", random.random_range(0..IDS)))
                .collect();
            let appends = ids.iter().map(|id| spool.append(record(id, 3)));
            let outcomes = futures_util::future::join_all(appends).await;
            for (id, outcome) in ids.into_iter().zip(outcomes) {
                let expected = if known.insert(id) {
                    Appended::New
                } else {
                    Appended::Duplicate
                };
                assert_eq!(outcome.unwrap(), expected, "seed {seed}");
            }
            if random.random_bool(0.1) {
                drop(spool);
                task.await.unwrap();
                (spool, task) = Spool::open(roomy(&dir)).await.unwrap();
            }
        }
        assert!(known.len() > 1000, "{}", known.len());
        assert_eq!(spool.depth(), known.len() as i64);
        drop(spool);
        task.await.unwrap();
        what_waits_is_bounded(&dir).await;
    }
}

/// The rows of what waits are deleted once their ids have moved.
async fn what_waits_is_bounded(dir: &tempfile::TempDir) {
    let mut file = open_file(dir).await;
    let select = "select (select count(*) from fresh), (select count(*) from seen)";
    let (fresh, seen): (i64, i64) = sqlx::query_as(select).fetch_one(&mut file).await.unwrap();
    assert!(fresh < 60, "{fresh} of {GROUPS} groups wait");
    assert!(seen > 900, "only {seen} ids have moved");
    file.close().await.unwrap();
}
