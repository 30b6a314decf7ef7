//! Reports as tables: CSV by RFC 4180.
//!
//! In: a report that is a table. Out: its bytes, JSON or CSV. What must never happen: a text of
//! somebody else's begins a formula in a spreadsheet
//! (<https://owasp.org/www-community/attacks/CSV_Injection>).

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use super::{amount::decimal, asked::Format};
use crate::problem::Problem;

/// Characters with which spreadsheets begin a formula, or which they pass over before one.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A report that is a table too.
pub(in crate::query) trait Table {
    /// The file's name.
    const FILE: &'static str;
    /// The columns' names. A name that ends with `_minor` has the amount in whole units beside it,
    /// under the name without that.
    const COLUMNS: &'static [&'static str];

    /// The lines, each with a cell for every column.
    fn lines(&self) -> Vec<Vec<Cell>>;
}

/// What is in a column.
pub(in crate::query) enum Cell {
    /// Nothing.
    Empty,
    /// A text that somebody chose.
    Text(String),
    /// An amount in a currency's smallest unit.
    Minor(i64, String),
    /// A count.
    Count(u64),
    /// Another figure.
    Figure(f64),
}

impl Cell {
    /// A text, if there is one.
    pub(in crate::query) fn maybe(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    /// A text.
    pub(in crate::query) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Amounts of one currency.
    pub(in crate::query) fn amounts<const N: usize>(
        currency: &str,
        amounts: [i64; N],
    ) -> [Self; N] {
        amounts.map(|amount| Self::Minor(amount, currency.to_owned()))
    }
}

/// The answer in a format.
pub(in crate::query) fn response<R: Serialize + Table>(format: Format, report: &R) -> Response {
    match format {
        Format::Json => Json(report).into_response(),
        Format::Csv => file(report).unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "no table");
            let (code, title) = ("table_failed", "the table could not be written");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, code, title).into_response()
        }),
    }
}

fn file<R: Table>(report: &R) -> Result<Response, csv::Error> {
    let mut response = write(report)?.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    headers.insert(header::CONTENT_TYPE, kind);
    let name = format!("attachment; filename=\"{}.csv\"", R::FILE);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn write<R: Table>(report: &R) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for name in R::COLUMNS {
        if let Some(whole) = name.strip_suffix("_minor") {
            writer.write_field(whole)?;
        }
        writer.write_field(name)?;
    }
    writer.write_record(None::<&[u8]>)?;
    for line in report.lines() {
        for (name, cell) in R::COLUMNS.iter().zip(line) {
            let is_amount = name.ends_with("_minor");
            match cell {
                Cell::Empty if is_amount => {
                    writer.write_field("")?;
                    writer.write_field("")?;
                }
                Cell::Empty => writer.write_field("")?,
                Cell::Text(text) => writer.write_field(&*guarded(&text))?,
                Cell::Minor(amount, currency) => {
                    writer.write_field(decimal(amount, &currency).unwrap_or_default())?;
                    writer.write_field(amount.to_string())?;
                }
                Cell::Count(count) => writer.write_field(count.to_string())?,
                Cell::Figure(figure) => writer.write_field(figure.to_string())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// A text that no spreadsheet takes for a formula: an apostrophe before it says that it is a text.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two;

    impl Table for Two {
        const FILE: &'static str = "two";
        const COLUMNS: &'static [&'static str] = &["name", "paid_minor", "count"];

        fn lines(&self) -> Vec<Vec<Cell>> {
            let minor = |amount, currency: &str| Cell::Minor(amount, currency.into());
            vec![
                vec![Cell::text("a, \"b\""), minor(-5, "EUR"), Cell::Count(2)],
                vec![Cell::text("=1+1"), minor(7, "AAA"), Cell::Empty],
                vec![Cell::maybe(None), Cell::Empty, Cell::Figure(0.5)],
            ]
        }
    }

    #[test]
    fn a_table_is_quoted_guarded_and_has_both_amounts() {
        let text = String::from_utf8(write(&Two).unwrap()).unwrap();
        let expected = "name,paid,paid_minor,count\r\n\"a, \"\"b\"\"\",-0.05,-5,2\r\n\
            '=1+1,,7,\r\n,,,0.5\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn texts_that_would_be_formulas_are_guarded() {
        for text in ["=a", "+a", "-a", "@a", "\ta", "\ra"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "a=b", "p_17", " =a"] {
            assert_eq!(guarded(text), text);
        }
    }
}
