//! The spool over a real file.

use sqlx::{Connection, Row};

use super::*;

fn settings(dir: &tempfile::TempDir) -> Settings {
    Settings {
        path: dir.path().join("spool.db"),
        max_bytes: 100,
        max_age_ms: 100 * FAR,
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
    let id = spool.id().to_string();
    for name in ["one", "two", "three"] {
        assert_eq!(spool.append(record(name, 5)).await.unwrap(), Appended::New);
    }
    drop(spool);
    task.await.unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    assert_eq!(&*spool.id(), id);
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
    assert_eq!(spool.oldest_ms(), Some(5));
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
        .fetch_one(&spool.file().reader)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), "damaged");
    assert_eq!(row.get::<Vec<u8>, _>(1), b"odd");
}

#[tokio::test]
async fn records_that_wait_for_too_long_keep_new_ones_out() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        max_age_ms: 1000,
        ..settings(&dir)
    };
    let (spool, _task) = Spool::open(settings).await.unwrap();
    spool.append(record("old", 5)).await.unwrap();
    spool.append(record("young", 1005)).await.unwrap();
    let refused = spool.append(record("late", 1006)).await.unwrap_err();
    assert!(
        matches!(refused, SpoolError::Old { age_ms: 1001, .. }),
        "{refused}"
    );
    let oldest = spool.read_after(0, 1).await.unwrap().pop().unwrap();
    spool.discard(oldest.position).await.unwrap();
    spool.append(record("late", 1006)).await.unwrap();
    assert_eq!(spool.oldest_ms(), Some(1005));
}

fn told(key: &str, content: &str) -> Keyed {
    Keyed {
        key: key.to_owned(),
        digest: content.as_bytes().to_vec(),
        received_ms: 7,
        payload: Bytes::copy_from_slice(content.as_bytes()),
    }
}

#[tokio::test]
async fn server_events_are_kept_all_or_none_and_a_key_has_one_content() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, task) = Spool::open(settings(&dir)).await.unwrap();
    let first = vec![told("a", "1"), told("b", "2"), told("a", "1")];
    let kept = spool.tell(first).await.unwrap();
    assert_eq!(kept, Told::Kept(vec![true, true, false]));
    // Within one request, after a merge, and after a restart.
    let refused = spool.tell(vec![told("c", "3"), told("c", "4")]).await;
    assert_eq!(refused.unwrap(), Told::Conflict(1));
    spool.discard(i64::MAX).await.unwrap();
    drop(spool);
    task.await.unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    let refused = spool.tell(vec![told("c", "3"), told("b", "9")]).await;
    assert_eq!(refused.unwrap(), Told::Conflict(1));
    assert_eq!(spool.depth(), 0);
    let kept = spool.tell(vec![told("c", "3"), told("b", "2")]).await;
    assert_eq!(kept.unwrap(), Told::Kept(vec![true, false]));
    assert_eq!((spool.depth(), spool.bytes()), (1, 1));
    let stored = spool.read_after(0, 10).await.unwrap();
    assert_eq!(ids(&stored), ["3"]);
}

#[tokio::test]
async fn a_file_of_a_newer_foresight_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, task) = Spool::open(settings(&dir)).await.unwrap();
    drop(spool);
    task.await.unwrap();
    let mut file = open_file(&dir).await;
    sqlx::raw_sql("pragma user_version = 9")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let Err(refused) = Spool::open(settings(&dir)).await else {
        panic!("it was opened");
    };
    assert!(matches!(refused, SpoolError::Newer { found: 9, .. }));
}

#[tokio::test]
async fn a_file_of_the_first_collectors_is_read_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = open_file(&dir).await;
    sqlx::raw_sql(
        "create table spool (id text primary key) without rowid;
         create table record (position integer primary key autoincrement,
             received_ms integer not null, payload blob not null);
         create table seen (batch_id text primary key, received_ms integer not null) without rowid;
         create table quarantine (position integer primary key, received_ms integer not null,
             reason text not null, payload blob not null);
         insert into spool values ('old');
         insert into record values (5, 3, x'6f6e65');
         insert into seen values ('one', 3);",
    )
    .execute(&mut file)
    .await
    .unwrap();
    file.close().await.unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    assert_eq!(&*spool.id(), "old");
    assert_eq!(
        spool.append(record("one", 4)).await.unwrap(),
        Appended::Duplicate
    );
    spool.append(record("two", 4)).await.unwrap();
    let stored = spool.read_after(0, 10).await.unwrap();
    assert_eq!(ids(&stored), ["one", "two"]);
    assert_eq!(stored[1].position, 6);
}

async fn open_file(dir: &tempfile::TempDir) -> sqlx::SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(dir.path().join("spool.db"))
        .create_if_missing(true);
    sqlx::ConnectOptions::connect(&options).await.unwrap()
}

mod damage;
mod seen;

#[tokio::test]
async fn each_record_is_read_once_whether_memory_or_the_file_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let roomy = Settings {
        max_bytes: 100_000,
        ..settings(&dir)
    };
    let (spool, _task) = Spool::open(roomy).await.unwrap();
    let (mut position, mut read) = (0, Vec::new());
    // More than memory holds, then less, then more again.
    for appended in [200, 3, 40] {
        for number in 0..appended {
            let id = format!("{appended}-{number}");
            spool.append(record(&id, 5)).await.unwrap();
        }
        while spool.depth() > 0 {
            let stretch = spool.read_after(position, 7).await.unwrap();
            position = stretch.last().unwrap().position;
            read.extend(stretch.into_iter().map(|record| record.batch_id));
            spool.discard(position).await.unwrap();
            assert_eq!(spool.depth() == 0, spool.oldest_ms().is_none());
        }
        assert_eq!(spool.bytes(), 0);
    }
    assert_eq!(read.len(), 243);
    assert_eq!(read.first().unwrap(), "200-0");
    assert_eq!(read.last().unwrap(), "40-39");
}
