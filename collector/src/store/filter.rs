//! Where-clauses: the conditions of a statement, so that the databases can use their keys.
//!
//! In: a selection. Out: conditions joined by `and`, with their values. What must never happen: a
//! text of a client gets into the SQL, or a condition that is not asked for (`$1 is null or …`)
//! keeps a database from using an index.

use super::{
    Selection,
    engine::{Statement, Value},
};
use crate::event::day_of;

/// The condition on visits that leaves nothing out: flushed rows, hours and days.
const LEVELS: &str = "level in (0, 1, 2)";

/// The sites of which there can be rows.
const EVERY_SITE: &str = "site in (select host from site)";

/// Conditions on one statement's tables, which share their values.
#[derive(Default)]
pub(super) struct Filter {
    values: Vec<Value>,
}

impl Filter {
    /// Adds a value; its placeholder.
    pub(super) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The site that is asked for, or every one, but not the fleet.
    pub(super) fn site(&mut self, site: Option<&str>) -> String {
        site.map_or_else(
            || EVERY_SITE.to_owned(),
            |site| format!("site = {}", self.value(site)),
        )
    }

    /// Some sites, by host. The list is filled up to a power of two with one that is in it, so that there
    /// are few different texts to be prepared.
    pub(super) fn sites(&mut self, sites: &[&str]) -> String {
        let last = sites.last().copied().unwrap_or_default();
        let length = sites.len().next_power_of_two();
        let sites = sites.iter().copied().chain(std::iter::repeat(last));
        let places: Vec<_> = sites.take(length).map(|site| self.value(site)).collect();
        format!("site in ({})", places.join(", "))
    }

    /// Visits in the selection's hours and of its site. A folded day counts whole
    /// if any of its hours is selected: so the key is read from the first day's start, and the hours
    /// before the first selected one are left out by the last condition.
    pub(super) fn visits(&mut self, selection: &Selection) -> String {
        let day = self.value(day_of(selection.from_ms));
        let from = self.value(selection.from_ms);
        let to = self.value(selection.to_ms);
        let site = self.site(selection.site.as_deref());
        format!(
            "{site}\n    and {LEVELS} and hour_ms >= {day} and hour_ms < {to}\n    \
             and (level = 2 or hour_ms >= {from})"
        )
    }

    /// A column that must have a text, if one is asked for.
    pub(super) fn text(&mut self, column: &str, text: Option<&str>) -> String {
        text.map_or_else(String::new, |text| {
            format!("\n    and {column} = {}", self.value(text))
        })
    }

    /// The statement `sql`, in which conditions stand for names.
    pub(super) fn statement(self, sql: &str, parts: &[(&str, &str)]) -> Statement {
        let mut sql = sql.to_owned();
        for (name, part) in parts {
            sql = sql.replace(name, part);
        }
        Statement {
            sql: sql.into(),
            values: self.values,
        }
    }
}
