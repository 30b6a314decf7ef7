//! The spool over a real file.

use super::*;

fn settings(dir: &tempfile::TempDir) -> Settings {
    Settings {
        path: dir.path().join("spool.db"),
        max_bytes: 100,
        remember_ms: 1000,
    }
}

fn record(id: &str, received_ms: Millis) -> Record {
    Record {
        batch_id: id.to_owned(),
        received_ms,
        payload: Bytes::copy_from_slice(id.as_bytes()),
    }
}

fn ids(stored: &[Stored]) -> Vec<&str> {
    stored
        .iter()
        .map(|record| std::str::from_utf8(&record.payload).unwrap())
        .collect()
}

#[tokio::test]
async fn records_come_back_in_order_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, task) = Spool::open(settings(&dir)).await.unwrap();
    let id = spool.id().to_owned();
    for name in ["one", "two", "three"] {
        assert_eq!(spool.append(record(name, 5)).await.unwrap(), Appended::New);
    }
    drop(spool);
    task.await.unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    assert_eq!(spool.id(), id);
    assert_eq!((spool.depth(), spool.bytes()), (3, 11));
    let stored = spool.read_after(0, 10).await.unwrap();
    assert_eq!(ids(&stored), ["one", "two", "three"]);
    assert_eq!(
        spool
            .read_after(stored[1].position, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(spool.read_after(0, 2).await.unwrap().len(), 2);
    assert_eq!(spool.oldest_ms().await.unwrap(), Some(5));
}

#[tokio::test]
async fn a_repeated_id_is_a_duplicate_also_after_it_was_merged() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    assert_eq!(
        spool.append(record("same", 0)).await.unwrap(),
        Appended::New
    );
    assert_eq!(
        spool.append(record("same", 1)).await.unwrap(),
        Appended::Duplicate
    );
    let last = spool.read_after(0, 10).await.unwrap().pop().unwrap();
    spool.discard(last.position).await.unwrap();
    assert_eq!((spool.depth(), spool.bytes()), (0, 0));
    assert_eq!(
        spool.append(record("same", 2)).await.unwrap(),
        Appended::Duplicate
    );
    let later = FAR + 1;
    assert_eq!(
        spool.append(record("other", later)).await.unwrap(),
        Appended::New
    );
    // Long after its time the id is forgotten, and the position of a discarded record not reused.
    assert_eq!(
        spool.append(record("same", later)).await.unwrap(),
        Appended::New
    );
    let stored = spool.read_after(0, 10).await.unwrap();
    assert!(stored[0].position > last.position);
}

/// Later than any id is remembered in these tests, in ms.
const FAR: Millis = 10_000_000;

#[tokio::test]
async fn a_full_spool_refuses_and_takes_again_when_emptied() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    let large = Record {
        payload: Bytes::from(vec![0; 100]),
        ..record("large", 0)
    };
    spool.append(large).await.unwrap();
    let refused = spool.append(record("more", 0)).await.unwrap_err();
    assert!(
        matches!(
            refused,
            SpoolError::Full {
                held: 100,
                limit: 100
            }
        ),
        "{refused}"
    );
    spool.discard(i64::MAX).await.unwrap();
    spool.append(record("more", 0)).await.unwrap();
}

#[tokio::test]
async fn many_appends_at_once_are_all_kept_once() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        max_bytes: 1 << 20,
        ..settings(&dir)
    };
    let (spool, _task) = Spool::open(settings).await.unwrap();
    let appends = (0..500).map(|n| {
        let spool = spool.clone();
        async move {
            spool
                .append(record(&format!("batch-{}", n % 400), 0))
                .await
                .unwrap()
        }
    });
    let answers = futures_util::future::join_all(appends).await;
    let new = answers
        .iter()
        .filter(|answer| **answer == Appended::New)
        .count();
    assert_eq!(new, 400);
    assert_eq!(spool.read_after(0, 1000).await.unwrap().len(), 400);
}

#[tokio::test]
async fn an_unreadable_record_is_set_aside_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    spool.append(record("odd", 3)).await.unwrap();
    let stored = spool.read_after(0, 1).await.unwrap().pop().unwrap();
    spool
        .quarantine(stored.clone(), "damaged".into())
        .await
        .unwrap();
    spool.discard(stored.position).await.unwrap();
    let row = sqlx::query("select reason, payload from quarantine")
        .fetch_one(&spool.reader)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), "damaged");
    assert_eq!(row.get::<Vec<u8>, _>(1), b"odd");
}

#[tokio::test]
async fn a_file_that_is_no_spool_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("spool.db"),
        "not a database, but long enough to be read",
    )
    .unwrap();
    assert!(matches!(
        Spool::open(settings(&dir)).await,
        Err(SpoolError::Disk(_))
    ));
}
