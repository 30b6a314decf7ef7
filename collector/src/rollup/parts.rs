//! The names under which parts of vitals are counted.
//!
//! In: a metric and a part. Out: a name. What must never happen: two of them have the same.

use std::sync::LazyLock;

use foresight_shared::{Metric, Part};

/// Every name, by metric and part: they are asked for with every page view.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let of = |metric: Metric| {
        let parts = Part::ALL.iter();
        parts.map(move |part| format!("{} {}", metric.name(), part.word()))
    };
    Metric::ALL.into_iter().flat_map(of).collect()
});

/// The name of a metric's part with that number; `None` if a later version may know it.
pub(super) fn name(metric: Metric, part: u8) -> Option<&'static str> {
    let parts = Part::ALL.len();
    let part = usize::from(part);
    let name = NAMES.get(metric as usize * parts + part);
    name.filter(|_| part < parts).map(String::as_str)
}

/// The name of a metric's part.
#[must_use]
pub fn part_name(metric: Metric, part: Part) -> &'static str {
    name(metric, part as u8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_each_metric_has_a_name_of_its_own() {
        let mut names: Vec<_> = Metric::ALL
            .into_iter()
            .flat_map(|metric| Part::ALL.iter().map(move |part| part_name(metric, *part)))
            .collect();
        assert_eq!(part_name(Metric::Lcp, Part::LoadDelay), "LCP load-delay");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), names.contains(&"")), (count, false));
        assert_eq!(name(Metric::Lcp, Part::ALL.len() as u8), None);
    }
}
