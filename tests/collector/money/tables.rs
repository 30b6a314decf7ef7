//! Answers as tables: read by a CSV reader, and compared with the JSON of the same address.
//!
//! What must never happen: a figure is in one of them only.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use foresight_tests::Collector;
use serde_json::Value;

/// A line by column.
pub(super) type Line = BTreeMap<String, String>;

/// The lines of an answer as CSV.
pub(super) async fn table(collector: &Collector, address: &str) -> Result<Vec<Line>> {
    let address = format!("/api/v1/money/{address}&format=csv");
    let response = collector.get(&address).send().await?;
    ensure!(response.status() == 200, "{address}: {}", response.status());
    let header = |name: &str| -> Result<String> {
        let value = response.headers().get(name);
        Ok(value
            .with_context(|| format!("no {name}"))?
            .to_str()?
            .to_owned())
    };
    ensure!(header("content-type")? == "text/csv; charset=utf-8; header=present");
    let disposition = header("content-disposition")?;
    ensure!(
        disposition.starts_with("attachment; filename=\"foresight-"),
        "{disposition}"
    );
    let text = response.text().await?;
    ensure!(text.ends_with("\r\n"), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let lines = reader.deserialize().collect::<Result<Vec<Line>, _>>()?;
    for line in &lines {
        check_amounts(line)?;
    }
    Ok(lines)
}

/// Each amount stands there twice, and both are the same.
fn check_amounts(line: &Line) -> Result<()> {
    let exponent = match line["currency"].as_str() {
        "EUR" => 2,
        "JPY" => 0,
        other => anyhow::bail!("a currency {other}"),
    };
    for (name, minor) in line.iter().filter(|(name, _)| name.ends_with("_minor")) {
        let whole = &line[name.trim_end_matches("_minor")];
        ensure!(minor.is_empty() == whole.is_empty(), "{name}: {line:?}");
        if minor.is_empty() {
            continue;
        }
        let places = whole.split_once('.').map_or(0, |(_, places)| places.len());
        ensure!(places == exponent, "{whole}");
        let digits: i64 = whole.replace('.', "").parse()?;
        ensure!(digits == minor.parse::<i64>()?, "{name}: {line:?}");
    }
    Ok(())
}

/// Compares an answer's CSV with its JSON: every figure and word of the one in the other.
pub(super) async fn same_as_json(collector: &Collector, address: &str) -> Result<()> {
    let report = collector.ask(&format!("/api/v1/money/{address}")).await?;
    let lines = table(collector, address).await?;
    let objects = objects(&report)?;
    ensure!(
        objects.len() == lines.len(),
        "{address}: {} {}",
        objects.len(),
        lines.len()
    );
    ensure!(!lines.is_empty(), "{address}: no line");
    for (object, line) in objects.iter().zip(&lines) {
        for (name, cell) in line {
            let Some(value) = find(object, name) else {
                // What JSON has as structure, and amounts in whole units.
                ensure!(
                    is_of_tables(name) || cell.is_empty(),
                    "{name} is in no JSON: {line:?}"
                );
                continue;
            };
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) if text.starts_with('=') => format!("'{text}"),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            ensure!(
                text == *cell,
                "{address}, {name}: {text} in JSON, {cell} in CSV"
            );
        }
    }
    Ok(())
}

fn is_of_tables(name: &str) -> bool {
    let amounts = [
        "revenue",
        "refunds",
        "net",
        "excess",
        "accrued",
        "pending",
        "held",
        "payable",
        "paid",
        "reversed",
        "amount",
        "expected",
        "low",
        "high",
        "mae",
        "total_error",
    ];
    ["part", "value", "currency", "partner"].contains(&name) || amounts.contains(&name)
}

/// The object of each line, in the order of lines.
fn objects(report: &Value) -> Result<Vec<Value>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if let Some(partners) = report.get("partners") {
        return Ok([list(partners), list(&report["totals"])].concat());
    }
    if let Some(statements) = report.get("statements") {
        let one = |one: &Value| {
            let mut lines = vec![one["opening"].clone()];
            lines.extend(list(&one["entries"]));
            lines.extend([one["sum"].clone(), one["closing"].clone()]);
            lines
        };
        return Ok(list(statements).iter().flat_map(one).collect());
    }
    if let Some(entries) = report.get("entries") {
        return Ok(list(entries));
    }
    let currencies = report.get("currencies").context("an unknown report")?;
    let one = |one: &Value| {
        if one.get("history_days").is_some() {
            let judged = [&one["past"], &one["baseline"]]
                .into_iter()
                .filter(|past| !past.is_null());
            let judged: Vec<_> = judged.cloned().collect();
            let mut total = one.clone();
            total["days"] = Value::Null;
            return [vec![total], judged, list(&one["days"])].concat();
        }
        let parts = ["today", "month_to_date", "last_month", "total"].map(|part| one[part].clone());
        [parts.to_vec(), list(&one["groups"]), list(&one["days"])].concat()
    };
    Ok(list(currencies).iter().flat_map(one).collect())
}

/// A column's value: in the object itself, or in what its entry changes.
fn find<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.get("changes").and_then(|changes| changes.get(name)))
}
