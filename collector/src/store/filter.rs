//! Where-clauses: the conditions of a [`Selection`], so that the databases can use their keys.
//!
//! In: a selection. Out: conditions joined by `and`, with their values. What must never happen: a
//! text of a client gets into the SQL, or a condition that is not asked for (`$1 is null or …`)
//! keeps a database from using an index.

use foresight_shared::NavigationType;

use super::{
    Dimension, Selection,
    engine::{Engine, Statement, Value},
};
use crate::event::day_of;

/// The condition on a table of sums that leaves nothing out: flushed rows, hours and days.
const LEVELS: &str = "level in (0, 1, 2)";

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

    /// Rows of a table of sums, in the selection's hours and of its site. A folded day counts whole
    /// if any of its hours is selected: so the key is read from the first day's start, and the hours
    /// before the first selected one are left out by the last condition.
    pub(super) fn hours(
        &mut self,
        engine: &impl Engine,
        table: &'static str,
        selection: &Selection,
    ) -> String {
        let day = self.value(day_of(selection.from_ms));
        let from = self.value(selection.from_ms);
        let to = self.value(selection.to_ms);
        let site = match &selection.site {
            Some(site) => format!("site = {}", self.value(site.as_str())),
            None => engine.every_site(table).into_owned(),
        };
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

    /// A column that must have a number, if one is asked for.
    pub(super) fn number(&mut self, column: &str, number: Option<u8>) -> String {
        number.map_or_else(String::new, |number| {
            format!("\n    and {column} = {}", self.value(i64::from(number)))
        })
    }

    /// What describes a page view, where it is asked for.
    pub(super) fn view(&mut self, selection: &Selection) -> String {
        [
            self.text("page", selection.page.as_deref()),
            self.text("device", selection.device.as_deref()),
            self.text("country", selection.country.as_deref()),
            self.text("browser", selection.browser.as_deref()),
            self.text("navigation", selection.navigation.map(NavigationType::word)),
        ]
        .concat()
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

/// The columns of a dimension, to be added to a list of columns.
pub(super) const fn columns(by: Option<Dimension>) -> &'static str {
    match by {
        None => "",
        Some(Dimension::Site) => ", site",
        Some(Dimension::Page) => ", site, page",
        Some(Dimension::Hour) => ", hour_ms",
        Some(Dimension::Device) => ", device",
        Some(Dimension::Country) => ", country",
        Some(Dimension::Browser) => ", browser",
        Some(Dimension::Navigation) => ", navigation",
    }
}
