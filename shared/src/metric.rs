//! The vitals: names, units and ratings.
//!
//! Thresholds are those of <https://web.dev/articles/vitals>: "good" is at most the first,
//! "poor" is above the second. The metric is rated at its 75th percentile.

use crate::limits;

/// A vital sign of a page view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "UPPERCASE"))]
#[repr(u8)]
pub enum Metric {
    /// Largest Contentful Paint, ms: <https://web.dev/articles/lcp>.
    Lcp = 0,
    /// Interaction to Next Paint, ms: <https://web.dev/articles/inp>.
    Inp = 1,
    /// First Input Delay, ms: <https://web.dev/articles/fid>. INP replaced it in March 2024.
    Fid = 2,
    /// Cumulative Layout Shift, a score without unit: <https://web.dev/articles/cls>.
    Cls = 3,
    /// First Contentful Paint, ms: <https://web.dev/articles/fcp>.
    Fcp = 4,
    /// Time To First Byte, ms: <https://web.dev/articles/ttfb>.
    Ttfb = 5,
}

/// What a metric's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// A score without unit.
    Score,
}

impl Unit {
    /// The unit as reports print it: `ms`, or nothing for a score.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Score => "",
        }
    }
}

/// How a value of a metric feels to a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[repr(u8)]
pub enum Rating {
    /// At most the metric's first threshold.
    Good = 0,
    /// Between the thresholds.
    NeedsImprovement = 1,
    /// Above the second threshold.
    Poor = 2,
}

impl Metric {
    /// Every metric, in the order in which reports show them.
    pub const ALL: [Self; 6] = [
        Self::Lcp,
        Self::Inp,
        Self::Cls,
        Self::Fcp,
        Self::Ttfb,
        Self::Fid,
    ];

    /// The name on the wire and in reports, such as `LCP`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lcp => "LCP",
            Self::Inp => "INP",
            Self::Fid => "FID",
            Self::Cls => "CLS",
            Self::Fcp => "FCP",
            Self::Ttfb => "TTFB",
        }
    }

    /// The metric with that [`name`](Self::name), if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The metric with that number (`self as u8`), if there is one. Stores keep the number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| *metric as u8 == number)
    }

    /// The unit of the metric's values.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Cls => Unit::Score,
            _ => Unit::Milliseconds,
        }
    }

    /// The thresholds `(good, poor)` in the metric's unit.
    #[must_use]
    pub const fn thresholds(self) -> (f64, f64) {
        match self {
            Self::Lcp => (2500.0, 4000.0),
            Self::Inp => (200.0, 500.0),
            Self::Fid => (100.0, 300.0),
            Self::Cls => (0.1, 0.25),
            Self::Fcp => (1800.0, 3000.0),
            Self::Ttfb => (800.0, 1800.0),
        }
    }

    /// The largest value that is believed, in the metric's unit.
    #[must_use]
    pub const fn largest(self) -> f64 {
        match self.unit() {
            Unit::Milliseconds => limits::DURATION_MS,
            Unit::Score => limits::LAYOUT_SHIFT,
        }
    }

    /// Rates a value.
    #[must_use]
    pub fn rate(self, value: f64) -> Rating {
        let (good, poor) = self.thresholds();
        if value <= good {
            Rating::Good
        } else if value <= poor {
            Rating::NeedsImprovement
        } else {
            Rating::Poor
        }
    }
}

impl Rating {
    /// Every rating, best first.
    pub const ALL: [Self; 3] = [Self::Good, Self::NeedsImprovement, Self::Poor];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_belong_to_the_better_rating() {
        for metric in Metric::ALL {
            let (good, poor) = metric.thresholds();
            assert_eq!(metric.rate(0.0), Rating::Good);
            assert_eq!(metric.rate(good), Rating::Good);
            assert_eq!(metric.rate(good * 1.001), Rating::NeedsImprovement);
            assert_eq!(metric.rate(poor), Rating::NeedsImprovement);
            assert_eq!(metric.rate(poor * 1.001), Rating::Poor);
            assert!(poor < metric.largest());
        }
    }

    #[test]
    fn names_and_numbers_lead_back_to_their_metric() {
        for metric in Metric::ALL {
            assert_eq!(Metric::from_name(metric.name()), Some(metric));
            assert_eq!(Metric::from_number(metric as u8), Some(metric));
        }
        assert_eq!(Metric::from_name("lcp"), None);
        assert_eq!(Metric::from_number(6), None);
    }
}
