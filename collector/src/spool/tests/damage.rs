//! A spool's file that is damaged: at rest, and in use.

use std::{fs, path::PathBuf};

use super::*;

/// Records of each test: enough for many pages.
const RECORDS: i64 = 2000;

fn roomy(dir: &tempfile::TempDir) -> Settings {
    Settings {
        max_bytes: 1 << 30,
        ..settings(dir)
    }
}

fn long(number: i64) -> Record {
    Record {
        payload: Bytes::from(format!("{number:08}-").repeat(40)),
        ..record(&format!("batch-{number:08}"), number)
    }
}

/// A closed file with records, of which the first ones were discarded: its path, its id, and the
/// numbers of those that wait, in order.
async fn filled(dir: &tempfile::TempDir, discarded: i64) -> (PathBuf, String, Vec<i64>) {
    let (spool, task) = Spool::open(roomy(dir)).await.unwrap();
    for first in (1..=RECORDS).step_by(500) {
        let appends = (first..first + 500).map(|number| spool.append(long(number)));
        for appended in futures_util::future::join_all(appends).await {
            appended.unwrap();
        }
    }
    spool.discard(discarded).await.unwrap();
    let id = spool.id().to_string();
    let waiting = numbers(&spool.read_after(0, 5000).await.unwrap());
    assert_eq!(waiting.len() as i64, RECORDS - discarded);
    drop(spool);
    task.await.unwrap();
    // All of it into the one file that the tests damage.
    let mut file = open_file(dir).await;
    sqlx::raw_sql("pragma wal_checkpoint(truncate)")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    (dir.path().join("spool.db"), id, waiting)
}

/// Flips a bit of a record's payload in the closed file.
fn flip(path: &PathBuf, number: i64) {
    let mut bytes = fs::read(path).unwrap();
    let payload = format!("{number:08}-").repeat(40);
    let at = bytes
        .windows(payload.len())
        .position(|window| window == payload.as_bytes())
        .unwrap();
    bytes[at + 100] ^= 4;
    fs::write(path, bytes).unwrap();
}

fn numbers(stored: &[Stored]) -> Vec<i64> {
    let number = |one: &Stored| std::str::from_utf8(&one.payload[..8]).unwrap().parse();
    stored.iter().map(|one| number(one).unwrap()).collect()
}

fn damaged_files(dir: &tempfile::TempDir) -> usize {
    let names = fs::read_dir(dir.path()).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    names
        .map(name)
        .filter(|name| {
            let name = name.to_string_lossy();
            name.contains(".damaged-") && name.ends_with(".db")
        })
        .count()
}

#[tokio::test]
async fn a_flipped_bit_costs_its_own_record_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (path, old_id, waiting) = filled(&dir, 100).await;
    let flipped = waiting[777];
    flip(&path, flipped);
    let (spool, _task) = Spool::open(roomy(&dir)).await.unwrap();
    let refused = spool.read_after(100, 5000).await.unwrap_err();
    assert!(refused.is_damage(), "{refused}");
    let asked = (spool.id(), refused.to_string());
    spool.mend(asked.0.clone(), asked.1.clone()).await.unwrap();
    // Whoever asks for the same file once more changes nothing.
    let id = spool.id();
    spool.mend(asked.0, asked.1).await.unwrap();
    assert_eq!(spool.id(), id);
    assert_ne!(&*id, old_id);
    let stored = spool.read_after(100, 5000).await.unwrap();
    let expected: Vec<_> = waiting
        .into_iter()
        .filter(|number| *number != flipped)
        .collect();
    assert!(numbers(&stored) == expected);
    // Far above, so that nothing of it is taken for merged.
    assert!(stored[0].position > i64::from(u32::MAX));
    assert_eq!(spool.depth(), RECORDS - 101);
    assert_eq!((spool.level.mended(), spool.level.lost()), (1, 1));
    assert_eq!(damaged_files(&dir), 1);
    assert_eq!(
        spool.append(long(500)).await.unwrap(),
        Appended::Duplicate,
        "ids are not remembered"
    );
    let last = stored.last().unwrap().position;
    spool.append(long(RECORDS + 1)).await.unwrap();
    assert_eq!(
        spool.read_after(last, 9).await.unwrap()[0].position,
        last + 1
    );
}

#[tokio::test]
async fn of_a_file_that_was_cut_off_everything_whole_is_read_and_the_rest_counted() {
    for part in [1, 4, 8, 9] {
        let dir = tempfile::tempdir().unwrap();
        let (path, _, waiting) = filled(&dir, 200).await;
        let length = fs::metadata(&path).unwrap().len();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length * part / 10).unwrap();
        drop(file);
        let (spool, _task) = Spool::open(roomy(&dir)).await.unwrap();
        let mut stored = spool.read_after(0, 5000).await;
        if stored.as_ref().is_err_and(SpoolError::is_damage) {
            spool.mend(spool.id(), "test".into()).await.unwrap();
            stored = spool.read_after(0, 5000).await;
        }
        let found = numbers(&stored.unwrap());
        // In the old order, and nothing that had been discarded.
        let mut rest = waiting.iter();
        assert!(found.iter().all(|number| rest.any(|one| one == number)));
        let lost = spool.level.lost();
        assert!(lost > 0, "{part}");
        assert_eq!(found.len() as u64 + lost, waiting.len() as u64, "{part}");
        spool.append(long(RECORDS + 1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_no_spool_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool.db");
    fs::write(
        &path,
        "not a database, but long enough to be read".repeat(100),
    )
    .unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    spool.append(record("first", 1)).await.unwrap();
    assert_eq!(spool.read_after(0, 9).await.unwrap().len(), 1);
    assert_eq!(damaged_files(&dir), 1);
}

#[tokio::test]
async fn a_page_of_nonsense_costs_its_own_records_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let (path, ..) = filled(&dir, 0).await;
    // The page where the newest record goes: its head becomes nonsense.
    let mut bytes = fs::read(&path).unwrap();
    let newest = format!("batch-{RECORDS:08}");
    for at in 0..bytes.len() - newest.len() {
        if bytes[at..].starts_with(newest.as_bytes()) {
            let page = at / 4096 * 4096;
            bytes[page..page + 8].fill(0xff);
        }
    }
    fs::write(&path, bytes).unwrap();
    let (spool, _task) = Spool::open(roomy(&dir)).await.unwrap();
    let appended = spool.append(long(RECORDS + 1)).await.unwrap();
    assert_eq!(appended, Appended::New);
    let found = numbers(&spool.read_after(0, 5000).await.unwrap());
    assert_eq!(found.last(), Some(&(RECORDS + 1)));
    let lost = spool.level.lost() as i64;
    assert!(lost > 0 && lost < 40, "{lost}");
    assert_eq!(found.len() as i64 + lost, RECORDS + 1);
}

#[tokio::test]
async fn a_mending_that_was_cut_off_is_taken_up_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (path, id, _) = filled(&dir, 0).await;
    // The new file was complete, and the damaged one still in its place.
    fs::copy(&path, dir.path().join("spool.mended.db")).unwrap();
    fs::write(&path, [0xff; 8192]).unwrap();
    // One that was not complete is begun anew.
    fs::write(dir.path().join("spool.mending.db"), "half").unwrap();
    let (spool, _task) = Spool::open(roomy(&dir)).await.unwrap();
    assert_eq!(&*spool.id(), id);
    assert_eq!(spool.depth(), RECORDS);
    assert_eq!(damaged_files(&dir), 1);
}

#[tokio::test]
async fn damaged_files_are_kept_within_the_spools_own_bound_the_newest_in_any_case() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _task) = Spool::open(settings(&dir)).await.unwrap();
    for (time, bytes) in [(1, 60), (2, 60), (30, 10)] {
        let file = dir.path().join(format!("spool.damaged-{time}.db"));
        fs::write(&file, vec![0; bytes]).unwrap();
        fs::write(format!("{}-wal", file.display()), "log").unwrap();
    }
    fs::write(dir.path().join("spool.damaged-by-hand.db"), "a person's").unwrap();
    // It is larger than the whole bound of 100 bytes, so that none of the others has room.
    spool.mend(spool.id(), "test".into()).await.unwrap();
    assert_eq!(spool.level.dropped_files(), 3);
    assert_eq!(damaged_files(&dir), 2, "the newest, and the person's");
    assert!(!dir.path().join("spool.damaged-1.db-wal").exists());
    // What fits stays.
    fs::remove_file(newest_damaged(&dir)).unwrap();
    for (time, bytes) in [(1, 60), (2, 40), (30, 60)] {
        let file = dir.path().join(format!("spool.damaged-{time}.db"));
        fs::write(&file, vec![0; bytes]).unwrap();
    }
    assert_eq!(aside::drop_files(&dir.path().join("spool.db"), 100), 1);
    assert!(!dir.path().join("spool.damaged-1.db").exists());
    assert_eq!(damaged_files(&dir), 3);
}

fn newest_damaged(dir: &tempfile::TempDir) -> PathBuf {
    let files = fs::read_dir(dir.path()).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let times = files.filter(|file| {
        let file = file.to_string_lossy();
        file.contains(".damaged-") && file.ends_with(".db")
    });
    // Its time has most digits.
    times.max_by_key(|file| file.as_os_str().len()).unwrap()
}

#[tokio::test]
async fn records_are_set_aside_within_a_bound_and_known_ones_stay_known() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, task) = Spool::open(roomy(&dir)).await.unwrap();
    let half = |position| Stored {
        position,
        received_ms: 0,
        batch_id: String::new(),
        payload: vec![0; aside::RECORD_BYTES as usize / 2 - 4].into(),
    };
    let keep = async |spool: &Spool, position| {
        let kept = spool.quarantine(half(position), "test".into()).await;
        kept.unwrap()
    };
    assert!(keep(&spool, 1).await && keep(&spool, 2).await);
    assert!(!keep(&spool, 3).await);
    // A stretch that is tried again.
    assert!(keep(&spool, 2).await);
    drop(spool);
    task.await.unwrap();
    let (spool, _task) = Spool::open(roomy(&dir)).await.unwrap();
    assert!(keep(&spool, 1).await);
    assert!(!keep(&spool, 3).await);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_refuses_and_is_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _task) = Spool::open(roomy(&dir)).await.unwrap();
    spool.append(long(1)).await.unwrap();
    // Another process holds the write lock for longer than the writer waits.
    let mut other = open_file(&dir).await;
    sqlx::raw_sql("begin immediate")
        .execute(&mut other)
        .await
        .unwrap();
    let refused = spool.append(long(2)).await.unwrap_err();
    assert!(matches!(refused, SpoolError::Disk(_)), "{refused}");
    sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
    assert_eq!(spool.append(long(2)).await.unwrap(), Appended::New);
    assert_eq!(spool.read_after(0, 9).await.unwrap().len(), 2);
}
