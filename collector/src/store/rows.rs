//! The rows of sums: taken and put down.
//!
//! In: sites, a level and a range of time, or rows. Out: their rows, which the database then has no more,
//! or the rows in the database. What must never happen: a row is taken without whom it is from, so that
//! it could not be put back as it was.

use std::{iter, ops::Range};

use futures_util::TryStreamExt;

use super::{
    block::Lane,
    engine::{Column, Statement, Transaction, Value, storable},
    error::StoreError,
    levels::{EVERY_LANE, has_lanes},
};
use crate::event::Millis;

/// The site whose sums are those of all sites. No host is empty.
pub(super) const FLEET: &str = "";

/// The site whose sums are those of all sites, each under its name. No host is a star.
pub(super) const EACH_SITE: &str = "*";

/// Where a row is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) site: String,
    pub(super) level: i64,
    /// [`EVERY_LANE`] at levels that have lanes: a block that is divided when it is put down.
    pub(super) lane: i64,
    pub(super) start_ms: Millis,
}

/// Who wrote a row: a merge of a spool up to a position, or nobody in particular.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Author {
    pub(super) spool: String,
    pub(super) position: i64,
}

/// A row of a known level.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) site: String,
    pub(super) lane: i64,
    pub(super) start_ms: Millis,
    pub(super) author: Author,
    pub(super) block: Vec<u8>,
}

/// A row as it is put down.
pub(super) type Line = (Place, Author, Vec<u8>);

/// The lanes of a level's rows, for the key.
pub(super) fn lanes_of(level: i64) -> String {
    if has_lanes(level) {
        let lanes: Vec<_> = Lane::all().map(|lane| lane.number().to_string()).collect();
        lanes.join(", ")
    } else {
        EVERY_LANE.to_string()
    }
}

/// A statement about some sites, whose numbers follow those of its other values: `:sites` stands for
/// them, `:lanes` for those of a level. The list is filled up to a power of two with one that is in it,
/// so that there are few different texts to be prepared.
pub(super) fn of_sites(sql: &str, level: i64, numbers: &[i64], sites: &[&str]) -> Statement {
    let length = sites.len().next_power_of_two();
    let places: Vec<_> = (1..=length)
        .map(|place| format!("${}", numbers.len() + place))
        .collect();
    let sql = sql
        .replace(":sites", &places.join(", "))
        .replace(":lanes", &lanes_of(level));
    let last = sites.last().copied().unwrap_or(FLEET);
    let sites = sites.iter().copied().chain(iter::repeat(last)).take(length);
    let numbers = numbers.iter().copied().map(Value::from);
    Statement {
        sql: sql.into(),
        values: numbers.chain(sites.map(Value::from)).collect(),
    }
}

/// Takes rows of a level that begin in a range, of some sites.
pub(super) async fn take(
    transaction: &mut dyn Transaction,
    sites: &[&str],
    level: i64,
    range: Range<Millis>,
) -> Result<Vec<Taken>, StoreError> {
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = [level, range.start, range.end];
    let take = of_sites(include_str!("sql/take_sums.sql"), level, &numbers, sites);
    let mut rows = transaction.rows(take);
    let mut taken = Vec::new();
    while let Some(row) = rows.try_next().await? {
        taken.push(Taken {
            site: row.text(0)?.to_owned(),
            lane: row.small(1)?.into(),
            start_ms: row.number(2)?,
            author: Author {
                spool: row.text(3)?.to_owned(),
                position: row.number(4)?,
            },
            block: row.bytes(5)?.to_vec(),
        });
    }
    Ok(taken)
}

/// Inserts rows in the order of their keys.
pub(super) async fn insert(
    transaction: &mut dyn Transaction,
    mut rows: Vec<Line>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
    let (keys, blocks): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .map(|(place, author, block)| ((place, author), block))
        .unzip();
    let number =
        |of: fn(&Place) -> i64| Column::Number(keys.iter().map(|(place, _)| of(place)).collect());
    let columns = [
        Column::Text(
            keys.iter()
                .map(|(place, _)| storable(&place.site))
                .collect(),
        ),
        number(|place| place.level),
        number(|place| place.lane),
        number(|place| place.start_ms),
        Column::Text(
            keys.iter()
                .map(|(_, author)| storable(&author.spool))
                .collect(),
        ),
        Column::Number(keys.iter().map(|(_, author)| author.position).collect()),
        Column::Bytes(blocks),
    ];
    transaction
        .insert(include_str!("sql/insert_sums.sql"), &columns)
        .await?;
    Ok(())
}
