//! What a metric's values are made of.
//!
//! In: sums of parts. Out: a line for each part. Means add up here, as percentiles would not. What must
//! never happen: a part that lies inside others is added to them.

use foresight_shared::{Metric, Part};
use serde::Serialize;
use utoipa::ToSchema;

use super::figure;
use crate::{rollup::part_name, store::CountSum};

/// A part of a metric's values.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct PartLine {
    part: Part,
    /// How many values told their parts.
    pub(super) count: u64,
    /// Its mean over these values, in ms.
    mean_ms: f64,
    /// Its share of their sum, in hundredths.
    percent: f64,
}

/// The parts of a metric that took any time, in the order of their definition.
pub(super) fn lines(metric: Metric, sums: &[CountSum]) -> Vec<PartLine> {
    let known = |name: &str| {
        let found = sums.iter().filter(|sum| sum.name == name);
        figure::whole(found.map(|sum| sum.count).sum())
    };
    let count = known(metric.name());
    let of = |part: &Part| (*part, known(part_name(metric, *part)));
    let parts: Vec<_> = Part::ALL.iter().map(of).collect();
    // The longest script runs within the other parts.
    let outer = parts.iter().filter(|(part, _)| *part != Part::Script);
    let whole: u64 = outer.map(|(_, ms)| ms).sum();
    let line = |(part, ms): (Part, u64)| PartLine {
        part,
        count,
        mean_ms: tenths(ms as f64 / count as f64),
        percent: tenths(ms as f64 / whole as f64 * 100.0),
    };
    let told = parts
        .into_iter()
        .filter(|(_, ms)| *ms > 0 && count > 0 && whole > 0);
    told.map(line).collect()
}

fn tenths(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Kind, store::Group};

    #[test]
    fn parts_are_means_of_the_values_that_told_them() {
        let sum = |name: &str, count| CountSum {
            group: Group::All,
            kind: Kind::Part,
            name: name.to_owned(),
            count,
        };
        let sums = [
            sum("INP", 4),
            sum("INP processing", 300),
            sum("INP presentation", 100),
            sum("INP script", 250),
            sum("LCP", 9),
            sum("LCP load-time", 900),
        ];
        let line = |part, mean_ms, percent| PartLine {
            part,
            count: 4,
            mean_ms,
            percent,
        };
        assert_eq!(
            lines(Metric::Inp, &sums),
            [
                line(Part::Processing, 75.0, 75.0),
                line(Part::Presentation, 25.0, 25.0),
                line(Part::Script, 62.5, 62.5),
            ]
        );
        assert_eq!(lines(Metric::Ttfb, &sums), []);
        assert_eq!(lines(Metric::Inp, &sums[1..4]), []);
    }
}
