//! The rules of single fields: how long, how large, which characters.
//!
//! In: a field's name and value. Out: nothing, or the broken rule, in words that hold the limit and its unit.

use foresight_shared::{Metric, Unit, limits};

use super::Broken;

pub(in crate::ingest) fn plausible(field: &str, metric: Metric, value: f64) -> Result<(), Broken> {
    if (0.0..=metric.largest()).contains(&value) {
        return Ok(());
    }
    let rule = match metric.unit() {
        Unit::Milliseconds => format!("between 0 and {} ms", metric.largest()),
        Unit::Score => format!("between 0 and {}", metric.largest()),
    };
    Err(("value_out_of_range", field.to_owned(), rule))
}

pub(in crate::ingest) fn within(field: &str, ms: f64, most: f64) -> Result<(), Broken> {
    if (0.0..=most).contains(&ms) {
        return Ok(());
    }
    let rule = format!("between 0 and {most} ms");
    Err(("value_out_of_range", field.to_owned(), rule))
}

pub(in crate::ingest) fn at_most(
    field: &str,
    number: u64,
    most: u64,
    unit: &str,
) -> Result<(), Broken> {
    if number <= most {
        return Ok(());
    }
    let rule = format!("at most {most}{unit}");
    Err(("value_out_of_range", field.to_owned(), rule))
}

pub(in crate::ingest) fn id(field: &str, value: &str) -> Result<(), Broken> {
    if limits::is_id(value) {
        return Ok(());
    }
    let rule = format!(
        "{} to {} characters of A-Z, a-z, 0-9, - and _",
        limits::ID_CHARS_MIN,
        limits::ID_CHARS_MAX
    );
    Err(("field_invalid", field.to_owned(), rule))
}

pub(in crate::ingest) fn path(field: &str, value: &str) -> Result<(), Broken> {
    text(field, value, limits::PATH_CHARS)?;
    if value.starts_with('/') {
        return Ok(());
    }
    Err((
        "field_invalid",
        field.to_owned(),
        "begins with /".to_owned(),
    ))
}

pub(in crate::ingest) fn text(field: &str, value: &str, most: usize) -> Result<(), Broken> {
    length(field, value, 1, most)?;
    if value.chars().any(char::is_control) {
        let rule = "without control characters".to_owned();
        return Err(("field_invalid", field.to_owned(), rule));
    }
    Ok(())
}

pub(in crate::ingest) fn length(
    field: &str,
    value: &str,
    least: usize,
    most: usize,
) -> Result<(), Broken> {
    // Bytes are at least as many as characters, so most texts need no counting.
    let fits = (value.len() <= most || value.chars().count() <= most) && value.len() >= least;
    if fits {
        return Ok(());
    }
    let rule = format!("{least} to {most} characters");
    Err(("field_invalid", field.to_owned(), rule))
}
