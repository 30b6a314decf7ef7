//! Which batches the spool has appended before, by their ids.
//!
//! In: the ids of a group of records. Out: which of them are new, durable with the group. What must never happen:
//! an id that was acknowledged is taken for a new one as long as it is remembered.
//!
//! Ids are random. Each would be written to another page of the table `seen`, and a group of 256 would write
//! 256 pages for 20 bytes each. So a group's ids are first one row of the table `fresh`, and are kept in memory; from
//! there they move to `seen` in the order of ids, some with each group, so that many share a page.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Bound,
};

use sqlx::{Row, SqliteConnection};

use super::{Appended, Record};
use crate::event::Millis;

/// Ids that are kept in memory before as many move to the table as come in: some hundred bytes each.
const WAITING: usize = if cfg!(test) { 64 } else { 16_384 };

/// The ids that are not in the table yet, and how far they have moved.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When each was received.
    waiting: BTreeMap<String, Millis>,
    /// In this round ids up to this one have moved.
    moved: String,
    /// The newest row of `fresh`.
    newest: i64,
    /// The newest row of `fresh` when this round began: the round moves all that these have.
    begun: i64,
}

/// What a group changes once it is committed.
#[derive(Default)]
pub(super) struct Change {
    added: BTreeMap<String, Millis>,
    gone: Vec<String>,
    round_ended: bool,
    forgotten_ms: Option<Millis>,
}

impl Seen {
    /// What an earlier process left.
    pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query("select number, received_ms, ids from fresh order by number")
            .fetch_all(connection)
            .await?;
        let mut seen = Self::default();
        for row in rows {
            let (received_ms, ids) = (row.try_get(1)?, row.try_get::<&str, _>(2)?);
            seen.waiting
                .extend(ids.split(' ').map(|id| (id.to_owned(), received_ms)));
            seen.newest = row.try_get(0)?;
        }
        seen.begun = seen.newest;
        Ok(seen)
    }

    /// Forgets ids that were received before a time.
    pub(super) async fn forget(
        connection: &mut SqliteConnection,
        before_ms: Millis,
        change: &mut Change,
    ) -> Result<(), sqlx::Error> {
        for delete in [
            "delete from seen where received_ms < $1",
            "delete from fresh where received_ms < $1",
        ] {
            sqlx::query(delete)
                .bind(before_ms)
                .execute(&mut *connection)
                .await?;
        }
        change.forgotten_ms = Some(before_ms);
        Ok(())
    }

    /// Looks which records of a group are new, and remembers their ids. One outcome per record, in order; those
    /// that are new must be written by the caller.
    pub(super) async fn append<'r>(
        &self,
        connection: &mut SqliteConnection,
        records: &[&'r Record],
        change: &mut Change,
    ) -> Result<(Vec<Appended>, Vec<&'r Record>), sqlx::Error> {
        let (mut outcomes, mut new) = (Vec::with_capacity(records.len()), Vec::new());
        if records.is_empty() {
            return Ok((outcomes, new));
        }
        let mut known = self.known(connection, records).await?;
        for record in records {
            let waits = self.waiting.get(&record.batch_id);
            // An id that stands twice in one group is new once.
            if waits.is_some_and(|received_ms| change.keeps(*received_ms))
                || !known.insert(record.batch_id.clone())
            {
                outcomes.push(Appended::Duplicate);
            } else {
                outcomes.push(Appended::New);
                new.push(*record);
            }
        }
        self.remember(connection, &new, change).await?;
        Ok((outcomes, new))
    }

    /// Those ids that are in the table.
    async fn known(
        &self,
        connection: &mut SqliteConnection,
        records: &[&Record],
    ) -> Result<HashSet<String>, sqlx::Error> {
        let ids: Vec<_> = records.iter().map(|record| &record.batch_id).collect();
        let select =
            "select batch_id from seen where batch_id in (select value from json_each($1))";
        let known = sqlx::query_scalar(select)
            .bind(json(&ids)?)
            .fetch_all(connection)
            .await?;
        Ok(known.into_iter().collect())
    }

    /// Remembers the ids of new records, and moves about as many from memory to the table.
    async fn remember(
        &self,
        connection: &mut SqliteConnection,
        new: &[&Record],
        change: &mut Change,
    ) -> Result<(), sqlx::Error> {
        let Some(newest_ms) = new.iter().map(|record| record.received_ms).max() else {
            return Ok(());
        };
        let ids: Vec<_> = new.iter().map(|record| &*record.batch_id).collect();
        sqlx::query("insert into fresh (number, received_ms, ids) values ($1, $2, $3)")
            .bind(self.newest + 1)
            .bind(newest_ms)
            .bind(ids.join(" "))
            .execute(&mut *connection)
            .await?;
        change.added = ids.iter().map(|id| ((*id).to_owned(), newest_ms)).collect();
        let surplus = (self.waiting.len() + ids.len()).saturating_sub(WAITING);
        if surplus > 0 {
            self.move_some(connection, surplus, change).await?;
        }
        Ok(())
    }

    /// Moves the next ids in their order. At the end of a round all has moved that was there when it began.
    async fn move_some(
        &self,
        connection: &mut SqliteConnection,
        number: usize,
        change: &mut Change,
    ) -> Result<(), sqlx::Error> {
        let after = (Bound::Excluded(self.moved.as_str()), Bound::Unbounded);
        let next = self.waiting.range::<str, _>(after);
        let next = next.filter(|(_, received_ms)| change.keeps(**received_ms));
        let moving: Vec<_> = next
            .take(number)
            .map(|(id, ms)| (id.as_str(), *ms))
            .collect();
        insert(connection, moving.iter().copied()).await?;
        change.round_ended = moving.len() < number;
        change.gone = moving.iter().map(|(id, _)| (*id).to_owned()).collect();
        if change.round_ended {
            sqlx::query("delete from fresh where number <= $1")
                .bind(self.begun)
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// The group was committed.
    pub(super) fn apply(&mut self, change: Change) {
        if change.forgotten_ms.is_some() {
            self.waiting
                .retain(|_, received_ms| change.keeps(*received_ms));
        }
        for id in &change.gone {
            self.waiting.remove(id);
        }
        self.newest += i64::from(!change.added.is_empty());
        self.waiting.extend(change.added);
        if change.round_ended {
            self.moved.clear();
            self.begun = self.newest;
        } else if let Some(last) = change.gone.into_iter().next_back() {
            self.moved = last;
        }
    }
}

impl Change {
    /// Whether an id that was received then is still remembered.
    fn keeps(&self, received_ms: Millis) -> bool {
        self.forgotten_ms
            .is_none_or(|before_ms| received_ms >= before_ms)
    }
}

/// Writes ids to the table. Those that are there already stay as they are.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    ids: impl Iterator<Item = (&str, Millis)>,
) -> Result<(), sqlx::Error> {
    // One text is one parameter of one statement, however many ids there are.
    let insert = "insert into seen (batch_id, received_ms) \
        select value ->> 0, value ->> 1 from json_each($1) where true on conflict do nothing";
    sqlx::query(insert)
        .bind(json(&ids.collect::<Vec<_>>())?)
        .execute(connection)
        .await?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}
