//! The tables of sums, and how a row of one is written and read.
//!
//! In: sums and the words that describe them. Out: columns to insert, and rows that were read back.
//! What must never happen: two rows of one merge have the same key, or a row's cell is not that of
//! its words.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::{
    engine::{Column, Row, storable},
    error::StoreError,
};
use crate::{event::Millis, rollup::Distribution};

/// A table of sums. Its columns are those of a row's key, then `number` if it has one, the texts
/// that describe it, and its sums.
pub(super) struct Table {
    /// Its name in the database.
    pub(super) name: &'static str,
    /// Inserts rows.
    pub(super) insert: &'static str,
    /// Takes the rows of a site's period (`$1`, from `$2` until before `$3`) that sums at a level
    /// (`$4`) replace.
    pub(super) take: &'static str,
    /// Whether rows have a metric or a kind.
    has_number: bool,
    /// How many texts describe a row.
    texts: usize,
    /// Whether rows hold distributions; otherwise they hold counts.
    has_values: bool,
}

/// Values of vitals, by page view.
pub(super) static VITAL: Table = Table {
    name: "vital",
    insert: include_str!("sql/insert_vital.sql"),
    take: include_str!("sql/take_vital.sql"),
    has_number: true,
    texts: 5,
    has_values: true,
};

/// Named things, counted.
pub(super) static ACTIVITY: Table = Table {
    name: "activity",
    insert: include_str!("sql/insert_activity.sql"),
    take: include_str!("sql/take_activity.sql"),
    has_number: true,
    texts: 6,
    has_values: false,
};

/// Values of vitals, by the element that caused them.
pub(super) static CAUSE: Table = Table {
    name: "cause",
    insert: include_str!("sql/insert_cause.sql"),
    take: include_str!("sql/take_cause.sql"),
    has_number: true,
    texts: 3,
    has_values: true,
};

/// Visits through shared links.
pub(super) static SHARE_VISIT: Table = Table {
    name: "share_visit",
    insert: include_str!("sql/insert_share_visit.sql"),
    take: include_str!("sql/take_share_visit.sql"),
    has_number: false,
    texts: 1,
    has_values: false,
};

/// Every table of sums.
pub(super) static TABLES: [&Table; 4] = [&VITAL, &ACTIVITY, &CAUSE, &SHARE_VISIT];

/// What makes a row's key unique beside its site, hour and cell: who wrote it.
#[derive(Clone, Copy)]
pub(super) enum Writer<'a> {
    /// A merge of a spool up to a position appended it.
    Merge { spool: &'a str, position: i64 },
    /// It is the sum of a finished period: of an hour at level 1, of a day at level 2.
    Fold { level: i64 },
}

/// A row of a table of sums.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SumRow<'a> {
    pub(super) site: Cow<'a, str>,
    /// The start of its hour or day.
    pub(super) hour_ms: Millis,
    /// Stands for number and texts: see [`cell`].
    pub(super) cell: Vec<u8>,
    /// The metric's or kind's number.
    pub(super) number: Option<i16>,
    /// The words that describe it, in the order of the table's columns.
    pub(super) texts: Vec<Cow<'a, str>>,
    /// What it sums up.
    pub(super) sum: Cow<'a, Distribution>,
}

/// The sum of a table of counts: a distribution that has nothing but its count.
pub(super) fn counted(count: i64) -> Cow<'static, Distribution> {
    Cow::Owned(Distribution {
        count,
        ..Distribution::default()
    })
}

impl<'a> SumRow<'a> {
    /// A row of these words.
    pub(super) fn new(
        site: &'a str,
        hour_ms: Millis,
        number: Option<i16>,
        texts: &[&'a str],
        sum: Cow<'a, Distribution>,
    ) -> Self {
        Self {
            site: storable(site),
            hour_ms,
            cell: cell(number, texts),
            number,
            texts: texts.iter().map(|text| storable(text)).collect(),
            sum,
        }
    }
}

/// The first half of the SHA-256 of the words that describe a row, each with its length.
fn cell(number: Option<i16>, texts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(number.unwrap_or(-1).to_le_bytes());
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hash.finalize()[..16].to_vec()
}

impl Table {
    /// The rows as columns to insert.
    pub(super) fn columns<'a>(
        &self,
        rows: &'a [SumRow<'_>],
        writer: Writer<'a>,
    ) -> Vec<Column<'a>> {
        let (level, spool, position) = match writer {
            Writer::Merge { spool, position } => (0, spool, position),
            Writer::Fold { level } => (level, "", 0),
        };
        let mut columns = vec![
            text(rows, |row| &row.site),
            number(rows, |_| level),
            number(rows, |row| row.hour_ms),
            Column::Bytes(rows.iter().map(|row| row.cell.clone()).collect()),
            text(rows, |_| spool),
            number(rows, |_| position),
        ];
        if self.has_number {
            columns.push(number(rows, |row| row.number.map_or(-1, i64::from)));
        }
        columns.extend((0..self.texts).map(|at| text(rows, move |row| &row.texts[at])));
        columns.push(number(rows, |row| row.sum.count));
        if self.has_values {
            columns.extend(values(rows));
        }
        columns
    }

    /// The row that [`take`](Self::take) returned for a site's period.
    pub(super) fn read(
        &self,
        site: &str,
        hour_ms: Millis,
        row: &Row,
    ) -> Result<SumRow<'static>, StoreError> {
        let first = 1 + usize::from(self.has_number);
        let mut texts = Vec::with_capacity(self.texts);
        for column in first..first + self.texts {
            texts.push(Cow::Owned(row.text(column)?.to_owned()));
        }
        let count = first + self.texts;
        let sum = if self.has_values {
            let mut distribution = Distribution::default();
            add_values(&mut distribution, row, count)?;
            Cow::Owned(distribution)
        } else {
            counted(row.number(count)?)
        };
        Ok(SumRow {
            site: Cow::Owned(site.to_owned()),
            hour_ms,
            cell: row.bytes(0)?.to_vec(),
            number: self.has_number.then(|| row.small(1)).transpose()?,
            texts,
            sum,
        })
    }
}

/// Adds the distribution in a row's columns `count, sum, good, needs_improvement, poor, histogram`,
/// of which `count` is the given one.
pub(super) fn add_values(
    distribution: &mut Distribution,
    row: &Row,
    count: usize,
) -> Result<(), StoreError> {
    let ratings = [
        row.number(count + 2)?,
        row.number(count + 3)?,
        row.number(count + 4)?,
    ];
    let sums = (row.number(count)?, row.number(count + 1)?, ratings);
    Ok(distribution.add_row(sums, row.bytes(count + 5)?)?)
}

fn text<'a>(rows: &'a [SumRow<'_>], of: impl Fn(&'a SumRow<'_>) -> &'a str) -> Column<'a> {
    Column::Text(rows.iter().map(|row| Cow::Borrowed(of(row))).collect())
}

fn number<'a>(rows: &[SumRow<'_>], of: impl Fn(&SumRow<'_>) -> i64) -> Column<'a> {
    Column::Number(rows.iter().map(of).collect())
}

/// The columns after `count` of a table that holds distributions.
fn values<'a>(rows: &[SumRow<'_>]) -> [Column<'a>; 5] {
    let of = |part: fn(&Distribution) -> i64| number(rows, |row| part(&row.sum));
    let histograms = rows.iter().map(|row| row.sum.histogram.to_bytes());
    [
        of(|distribution| distribution.sum),
        of(|distribution| distribution.ratings[0]),
        of(|distribution| distribution.ratings[1]),
        of(|distribution| distribution.ratings[2]),
        Column::Bytes(histograms.collect()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_depends_on_every_word_and_where_it_ends() {
        let all = [
            cell(None, &["ab", "c"]),
            cell(None, &["a", "bc"]),
            cell(None, &["abc"]),
            cell(None, &["abc", ""]),
            cell(Some(0), &["ab", "c"]),
            cell(Some(1), &["ab", "c"]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 16);
            assert!(!all[at + 1..].contains(one), "{at}");
        }
        assert_eq!(cell(Some(1), &["ab", "c"]), all[5]);
    }

    #[test]
    fn words_that_differ_only_in_a_refused_character_keep_cells_of_their_own() {
        let row = |text| SumRow::new("a.example", 0, None, &[text], counted(1));
        let (refused, symbol) = (row("\0"), row("\u{2400}"));
        assert_eq!(refused.texts, symbol.texts);
        assert_ne!(refused.cell, symbol.cell);
    }
}
