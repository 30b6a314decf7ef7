//! What the database has already: batches and server events that came through another collector, or
//! were merged before a spool's file had to be mended.
//!
//! In: a rollup's batch ids and server events. Out: which of them are known. What must never happen:
//! one is counted twice because two merges run at the same time; so their ids are unique keys, and
//! whoever comes second waits for the first and then finds them.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::TryStreamExt;

use super::{
    engine::{Column, Engine, Statement, Transaction, storable},
    error::StoreError,
};
use crate::{event::Confirmed, rollup::Rollup};

/// What of a rollup the database has already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Batches by site and id.
    pub batches: HashSet<(String, String)>,
    /// The digests of server events by site and idempotency key.
    pub events: HashMap<(String, String), Vec<u8>>,
}

impl Known {
    /// Adds what another look has found.
    pub fn add(&mut self, other: Self) {
        self.batches.extend(other.batches);
        self.events.extend(other.events);
    }
}

/// Ids in one question.
const IDS: usize = 500;

/// Inserts the rollup's ids and server events. `false` if some of them are there already: then the
/// transaction must not be committed.
pub(super) async fn insert(
    transaction: &mut dyn Transaction,
    rollup: &Rollup,
) -> Result<bool, StoreError> {
    // In the order of their keys, as everything that two collectors can meet in.
    let batches: BTreeMap<_, _> = rollup
        .batches
        .iter()
        .map(|(site, id)| ((site, id), rollup.merged_ms))
        .collect();
    let columns = [
        Column::Text(batches.keys().map(|(site, _)| storable(site)).collect()),
        Column::Text(batches.keys().map(|(_, id)| storable(id)).collect()),
        Column::Number(batches.values().copied().collect()),
    ];
    let insert = include_str!("sql/insert_merged_batch.sql");
    if transaction.insert(insert, &columns).await? != batches.len() as u64 {
        return Ok(false);
    }
    let mut events: Vec<_> = rollup.events.iter().collect();
    events.sort_by_key(|event| (event.site(), &event.event.id));
    let insert = include_str!("sql/insert_server_event.sql");
    let inserted = transaction.insert(insert, &columns_of(&events)?).await?;
    Ok(inserted == events.len() as u64)
}

fn columns_of<'a>(events: &[&'a Confirmed]) -> Result<[Column<'a>; 7], StoreError> {
    let text = |of: fn(&'a Confirmed) -> &'a str| {
        Column::Text(events.iter().map(|event| storable(of(event))).collect())
    };
    let contents = events.iter().map(|event| content(event));
    Ok([
        text(|event| event.site()),
        text(|event| &event.event.id),
        text(|event| event.event.fact.kind()),
        // Ingest refuses times that are far from its own.
        Column::Number(events.iter().map(|event| event.event.at as i64).collect()),
        Column::Number(events.iter().map(|event| event.received_ms).collect()),
        Column::Bytes(events.iter().map(|event| event.digest()).collect()),
        Column::Text(contents.collect::<Result<_, StoreError>>()?),
    ])
}

/// The kind's own fields.
fn content(event: &Confirmed) -> Result<std::borrow::Cow<'static, str>, StoreError> {
    let fact = serde_json::to_value(&event.event.fact);
    let fact = fact.map_err(|error| StoreError::Row(error.to_string()))?;
    let fields = fact.get(event.event.fact.kind()).unwrap_or(&fact);
    Ok(storable(&fields.to_string()).into_owned().into())
}

/// Which of a rollup's batches and server events are in the database.
pub(super) async fn known(engine: &impl Engine, rollup: &Rollup) -> Result<Known, StoreError> {
    let mut batches = BTreeMap::<&str, Vec<&str>>::new();
    for (site, id) in &rollup.batches {
        batches.entry(site).or_default().push(id);
    }
    let mut known = Known::default();
    for (site, ids) in batches {
        for part in ids.chunks(IDS) {
            let select = select(include_str!("sql/select_merged_batches.sql"), site, part);
            let mut rows = engine.rows(select);
            while let Some(row) = rows.try_next().await? {
                let id = row.text(0)?.to_owned();
                known.batches.insert((site.to_owned(), id));
            }
        }
    }
    let keys = rollup.events.iter();
    let keys = keys.map(|event| (event.site().to_owned(), event.event.id.clone()));
    known.events = known_events(engine, &keys.collect::<Vec<_>>()).await?;
    Ok(known)
}

/// The digests of those server events that are in the database, by site and idempotency key.
pub(super) async fn known_events(
    engine: &impl Engine,
    keys: &[(String, String)],
) -> Result<HashMap<(String, String), Vec<u8>>, StoreError> {
    let mut by_site = BTreeMap::<&str, Vec<&str>>::new();
    for (site, id) in keys {
        by_site.entry(site).or_default().push(id);
    }
    let mut known = HashMap::new();
    for (site, ids) in by_site {
        for part in ids.chunks(IDS) {
            let select = select(include_str!("sql/select_server_events.sql"), site, part);
            let mut rows = engine.rows(select);
            while let Some(row) = rows.try_next().await? {
                let key = (site.to_owned(), row.text(0)?.to_owned());
                known.insert(key, row.bytes(1)?.to_vec());
            }
        }
    }
    Ok(known)
}

fn select(sql: &'static str, site: &str, ids: &[&str]) -> Statement {
    let places: Vec<_> = (2..ids.len() + 2).map(|at| format!("${at}")).collect();
    let mut values = vec![site.into()];
    values.extend(ids.iter().map(|id| (*id).into()));
    Statement {
        sql: sql.replace(":ids", &places.join(", ")).into(),
        values,
    }
}

/// Forgets batches that were merged before a time. Returns how many.
pub(super) async fn forget_batches(
    engine: &impl Engine,
    before_ms: i64,
) -> Result<u64, StoreError> {
    let delete = Statement::new(include_str!("sql/delete_merged_batches.sql")).with(before_ms);
    let mut transaction = engine.begin().await?;
    let deleted = transaction.run(delete).await?;
    transaction.commit().await?;
    Ok(deleted)
}
