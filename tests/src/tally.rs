//! What a collector must have counted.
//!
//! In: the batches that it should count, each once. Out: a comparison with its answers. Must never
//! happen: a difference that passes because something is compared loosely. Only the buckets of a
//! distribution have a tolerance: the histogram's own error, at the two edges of a bucket.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use foresight_shared::{
    Batch, Event, Metric, Rating,
    bins::{RELATIVE_ERROR, bin_of},
};
use serde_json::Value;

use crate::Collector;

/// Values are kept in ten-thousandths of their unit, the finest that a beacon sends.
const PARTS_PER_UNIT: f64 = 10_000.0;

/// Counts by metric and value, and by kind and name.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    views: i64,
    values: BTreeMap<Metric, BTreeMap<i64, i64>>,
    named: BTreeMap<(&'static str, String), i64>,
}

impl Tally {
    /// The tally of some batches.
    #[must_use]
    pub fn of<'b>(batches: impl IntoIterator<Item = &'b Batch<'static>>) -> Self {
        let mut tally = Self::default();
        for batch in batches {
            tally.add(batch);
        }
        tally
    }

    /// Counts a batch.
    pub fn add(&mut self, batch: &Batch<'_>) {
        self.views += i64::from(batch.view.seq == 0);
        for event in &batch.events {
            let mut times = 1;
            let (kind, name) = match event {
                Event::Vital {
                    name, value, was, ..
                } => {
                    self.count(*name, *value, 1);
                    if let Some(was) = was {
                        self.count(*name, *was, -1);
                    }
                    continue;
                }
                Event::Share { channel, .. } => ("shares", channel.as_str()),
                Event::Referral { .. } => ("visits", ""),
                Event::Lead { form } => ("leads", form.as_deref().unwrap_or_default()),
                Event::Conversion { name } => ("conversions", name.as_str()),
                Event::Error { message, .. } => ("errors", message.as_str()),
                Event::Frames { count, script, .. } => {
                    times = (*count).into();
                    ("frames", script.as_deref().unwrap_or_default())
                }
                Event::Call { url, .. } => ("calls", url.as_str()),
                Event::NotRestored { reason } => ("not_restored", reason.as_str()),
                Event::Custom { name, .. } => ("custom", name.as_str()),
            };
            *self.named.entry((kind, name.to_owned())).or_default() += times;
        }
    }

    /// How many values of each metric are in each bin of the histogram, where there are any.
    #[must_use]
    pub fn bins(&self) -> BTreeMap<Metric, BTreeMap<u16, i64>> {
        let mut all = BTreeMap::new();
        for (metric, values) in &self.values {
            let mut counts = BTreeMap::<_, i64>::new();
            for (value, count) in values {
                *counts.entry(bin_of(unit(*value))).or_default() += count;
            }
            counts.retain(|_, count| *count != 0);
            if !counts.is_empty() {
                all.insert(*metric, counts);
            }
        }
        all
    }

    /// Page views.
    #[must_use]
    pub fn views(&self) -> i64 {
        self.views
    }

    /// Compares with what the collector answers about one site, or about all.
    ///
    /// # Errors
    /// The first difference.
    pub async fn check(&self, collector: &Collector, site: Option<&str>) -> Result<()> {
        let about = site.map(|site| format!("&site={site}")).unwrap_or_default();
        let vitals = collector
            .ask(&format!("/api/v1/vitals?range=24h{about}"))
            .await?;
        self.check_vitals(&vitals)?;
        let activity = collector
            .ask(&format!("/api/v1/activity?range=24h{about}"))
            .await?;
        for kind in ["leads", "conversions", "errors", "custom"] {
            let rows = activity[kind]
                .as_array()
                .with_context(|| format!("{kind} is no list"))?;
            self.check_named(kind, rows, "name", "count")?;
        }
        let shares = collector
            .ask(&format!("/api/v1/shares?range=24h{about}"))
            .await?;
        let channels = shares["channels"]
            .as_array()
            .context("channels is no list")?;
        let shared = channels
            .iter()
            .filter(|row| row["shares"] != 0)
            .cloned()
            .collect::<Vec<_>>();
        self.check_named("shares", &shared, "channel", "shares")?;
        let visits = self
            .named
            .get(&("visits", String::new()))
            .copied()
            .unwrap_or_default();
        same("visits", &shares["visits"], visits)
    }

    /// Compares the answer of `/api/v1/vitals`.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_vitals(&self, answer: &Value) -> Result<()> {
        same("views", &answer["views"], self.views)?;
        let rows = answer["vitals"].as_array().context("vitals is no list")?;
        ensure!(
            rows.len() == Metric::ALL.len(),
            "{} vitals instead of {}",
            rows.len(),
            Metric::ALL.len()
        );
        for metric in Metric::ALL {
            let row = rows.iter().find(|row| row["metric"] == metric.name());
            let row = row.with_context(|| format!("{} is missing", metric.name()))?;
            self.check_vital(metric, row)
                .with_context(|| metric.name())?;
        }
        Ok(())
    }

    fn check_vital(&self, metric: Metric, row: &Value) -> Result<()> {
        let none = BTreeMap::new();
        let values = self.values.get(&metric).unwrap_or(&none);
        same("count", &row["count"], values.values().sum())?;
        for (rating, field) in [
            (Rating::Good, "good"),
            (Rating::NeedsImprovement, "needs_improvement"),
            (Rating::Poor, "poor"),
        ] {
            let rated = values
                .iter()
                .filter(|(value, _)| metric.rate(unit(**value)) == rating);
            same(field, &row[field], rated.map(|(_, count)| count).sum())?;
        }
        let buckets = row["distribution"]
            .as_array()
            .context("distribution is no list")?;
        let mut total = 0;
        for bucket in buckets {
            total += check_bucket(values, bucket)?;
        }
        same(
            "the distribution's sum",
            &total.into(),
            values.values().sum(),
        )
    }

    fn check_named(
        &self,
        kind: &'static str,
        rows: &[Value],
        name: &str,
        count: &str,
    ) -> Result<()> {
        let mine: BTreeMap<_, _> = self
            .named
            .iter()
            .filter(|((of, _), _)| *of == kind)
            .map(|((_, name), n)| (name.as_str(), *n))
            .collect();
        ensure!(
            rows.len() == mine.len(),
            "{kind}: expected {mine:?}, got {rows:?}"
        );
        for row in rows {
            let name = row[name]
                .as_str()
                .with_context(|| format!("{kind} without a name"))?;
            let expected = mine
                .get(name)
                .with_context(|| format!("{kind}: {name} is too much"))?;
            same(&format!("{kind} {name}"), &row[count], *expected)?;
        }
        Ok(())
    }

    fn count(&mut self, metric: Metric, value: f64, times: i64) {
        // Beacons round to this, so nothing is cut off here.
        let parts = (value * PARTS_PER_UNIT).round() as i64;
        *self
            .values
            .entry(metric)
            .or_default()
            .entry(parts)
            .or_default() += times;
    }
}

/// Compares a bucket with the values that lie in it, and returns its count. A value nearer to an
/// edge than the histogram's error may be on either side.
fn check_bucket(values: &BTreeMap<i64, i64>, bucket: &Value) -> Result<i64> {
    let number = |field: &str| {
        bucket[field]
            .as_f64()
            .with_context(|| format!("bucket without {field}"))
    };
    let (from, to) = (number("from")?, number("to")?);
    let count = bucket["count"].as_i64().context("bucket without count")?;
    let within = |from: f64, to: f64| -> i64 {
        let inside = values
            .iter()
            .filter(|(value, _)| (from..=to).contains(&unit(**value)));
        inside.map(|(_, count)| count).sum()
    };
    let edge = 2.0 * RELATIVE_ERROR;
    let least = within(from * (1.0 + edge), to * (1.0 - edge));
    let most = within(from * (1.0 - edge), to * (1.0 + edge));
    ensure!(count > 0, "the bucket {from} to {to} is empty");
    ensure!(
        (least..=most).contains(&count),
        "{from} to {to}: {count}, not {least} to {most}"
    );
    Ok(count)
}

fn unit(parts: i64) -> f64 {
    parts as f64 / PARTS_PER_UNIT
}

fn same(what: &str, found: &Value, expected: i64) -> Result<()> {
    ensure!(
        found.as_i64() == Some(expected),
        "{what}: expected {expected}, got {found}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{first_batch, later_batch, vital};
    use serde_json::json;

    fn tally() -> Tally {
        let first = first_batch(
            "t",
            "/",
            vec![
                vital(Metric::Cls, 0.05, None),
                vital(Metric::Lcp, 1000.0, None),
            ],
        );
        let later = later_batch(&first, vec![vital(Metric::Cls, 0.3, Some(0.05))]);
        Tally::of([&first, &later])
    }

    fn answer(cls_poor: i64, lcp_bucket_to: f64) -> Value {
        let row = |metric: Metric, good: i64, poor: i64, buckets: Value| {
            json!({"metric": metric.name(), "count": good + poor, "good": good,
                "needs_improvement": 0, "poor": poor, "distribution": buckets})
        };
        let rows: Vec<_> = Metric::ALL
            .into_iter()
            .map(|metric| match metric {
                Metric::Cls => row(
                    metric,
                    0,
                    cls_poor,
                    json!([{"from": 0.29, "to": 0.31, "count": cls_poor}]),
                ),
                Metric::Lcp => row(
                    metric,
                    1,
                    0,
                    json!([{"from": 0, "to": lcp_bucket_to, "count": 1}]),
                ),
                _ => row(metric, 0, 0, json!([])),
            })
            .collect();
        json!({"views": 1, "vitals": rows})
    }

    #[test]
    fn a_right_answer_passes_and_wrong_ones_are_named() {
        tally().check_vitals(&answer(1, 2000.0)).unwrap();
        let twice = format!(
            "{:#}",
            tally().check_vitals(&answer(2, 2000.0)).unwrap_err()
        );
        assert_eq!(twice, "CLS: count: expected 1, got 2");
        let elsewhere = format!("{:#}", tally().check_vitals(&answer(1, 900.0)).unwrap_err());
        assert_eq!(elsewhere, "LCP: 0 to 900: 1, not 0 to 0");
    }
}
