//! The newest records, in memory as the file has them: what was just written need not be read back.
//!
//! In: records that were committed, in order. Out: those after a position, or that only the file knows them.
//! What must never happen: a record is passed over, or memory grows with what waits.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Stored, rows::Removed};

/// Bytes that are held at most. Older records are read from the file.
const ROOM: usize = if cfg!(test) { 2_000 } else { 16 << 20 };

/// What a record takes beside its payload, about.
const OVERHEAD: usize = 150;

/// The newest records.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    records: VecDeque<Stored>,
    bytes: usize,
    /// Every record after this position is held.
    after: i64,
}

impl Recent {
    /// A file was opened that has given positions up to this one.
    pub(super) fn begin(&self, last: i64) {
        *self.held() = Held {
            after: last,
            ..Held::default()
        };
    }

    /// Records were committed after all that were before.
    pub(super) fn add(&self, records: Vec<Stored>) {
        let mut held = self.held();
        for record in records {
            held.bytes += cost(&record);
            held.records.push_back(record);
        }
        while held.bytes > ROOM {
            held.drop_first();
        }
    }

    /// At most `limit` records after a position, oldest first. `None` if some may be in the file only.
    pub(super) fn read_after(&self, position: i64, limit: usize) -> Option<Vec<Stored>> {
        let held = self.held();
        if position < held.after {
            return None;
        }
        let first = held
            .records
            .partition_point(|record| record.position <= position);
        Some(held.records.range(first..).take(limit).cloned().collect())
    }

    /// What the records up to a position are, of `waiting` ones. `None` if only the file can tell.
    pub(super) fn count(&self, position: i64, waiting: i64) -> Option<Removed> {
        let held = self.held();
        if held.records.len() as i64 != waiting {
            return None;
        }
        let number = held
            .records
            .partition_point(|record| record.position <= position);
        let gone = held.records.range(..number);
        Some(Removed {
            records: number as i64,
            bytes: gone.map(|record| record.payload.len() as u64).sum(),
            oldest_ms: held.records.get(number).map(|record| record.received_ms),
        })
    }

    /// Records up to a position were discarded.
    pub(super) fn discard(&self, position: i64) {
        let mut held = self.held();
        while held
            .records
            .front()
            .is_some_and(|first| first.position <= position)
        {
            held.drop_first();
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn drop_first(&mut self) {
        if let Some(first) = self.records.pop_front() {
            self.bytes -= cost(&first);
            self.after = first.position;
        }
    }
}

fn cost(record: &Stored) -> usize {
    record.payload.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(positions: std::ops::RangeInclusive<i64>) -> Vec<Stored> {
        let record = |position| Stored {
            position,
            received_ms: position * 10,
            batch_id: String::new(),
            payload: vec![0; 50].into(),
        };
        positions.map(record).collect()
    }

    fn positions(read: Option<Vec<Stored>>) -> Option<Vec<i64>> {
        Some(read?.iter().map(|record| record.position).collect())
    }

    #[test]
    fn what_was_there_before_is_the_files_to_tell() {
        let recent = Recent::default();
        recent.begin(4);
        assert_eq!(positions(recent.read_after(3, 9)), None);
        assert_eq!(positions(recent.read_after(4, 9)), Some(vec![]));
        recent.add(records(5..=7));
        assert_eq!(positions(recent.read_after(3, 9)), None);
        assert_eq!(positions(recent.read_after(4, 2)), Some(vec![5, 6]));
        assert_eq!(positions(recent.read_after(6, 9)), Some(vec![7]));
        // Five wait, of which three are known here.
        assert!(recent.count(4, 5).is_none());
        let removed = recent.count(6, 3).unwrap();
        recent.discard(6);
        assert_eq!((removed.records, removed.bytes), (2, 100));
        assert_eq!(removed.oldest_ms, Some(70));
        assert_eq!(positions(recent.read_after(6, 9)), Some(vec![7]));
    }

    #[test]
    fn memory_is_bounded_and_what_left_it_is_the_files_to_tell() {
        let recent = Recent::default();
        recent.add(records(1..=1000));
        let most = (ROOM / 200) as i64;
        let first = 1001 - most;
        assert_eq!(positions(recent.read_after(first - 2, 9)), None);
        let held = positions(recent.read_after(first - 1, 2000)).unwrap();
        assert_eq!(held, (first..=1000).collect::<Vec<_>>());
        assert!(recent.count(500, 1000).is_none());
        let removed = recent.count(1000, most).unwrap();
        assert_eq!((removed.records, removed.oldest_ms), (most, None));
    }
}
