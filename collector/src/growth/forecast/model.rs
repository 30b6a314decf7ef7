//! The models.
//!
//! In: days. Out: what the next ones may bring. What must never happen: less than nothing is expected
//! where no day ever brought less than nothing, or a figure that is no number.

use std::borrow::Cow;

use augurs::{Fit, Predict, ets::AutoETS, mstl::MSTLModel};
use serde::Serialize;
use utoipa::ToSchema;

use super::{HORIZON_DAYS, LEVEL_PERCENT};

/// Days in a week.
const WEEK: usize = 7;

/// Standard deviations from the mean to the ends of the interval: the normal distribution's quantile
/// for 95%.
const DEVIATIONS: f64 = 1.959_964;

/// What a day may bring, in a currency's smallest unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The figure.
    pub figure: f64,
    /// The ends of the interval.
    pub interval: (f64, f64),
}

/// A way to forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// As on the same weekday last week; the interval grows with the weeks
    /// (Hyndman and Athanasopoulos, [Forecasting](https://otexts.com/fpp3/prediction-intervals.html), 5.5).
    Naive,
    /// Weekdays are taken out by MSTL, the rest follows exponential smoothing (ETS), chosen by AICc
    /// among no trend, a trend, and one that ebbs away.
    MstlEts,
    /// The mean of both.
    Mean,
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 3] = [Self::Naive, Self::MstlEts, Self::Mean];

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::MstlEts => "mstl_ets",
            Self::Mean => "mean",
        }
    }
}

/// What the models say of the days after the last one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    naive: Vec<Expected>,
    /// `None` if the model does not fit.
    mstl_ets: Option<Vec<Expected>>,
}

impl Said {
    /// Asks the models. `None` if there are too few days for any.
    pub(super) fn of(days: &[f64]) -> Option<Self> {
        Some(Self {
            naive: plausible(days, naive(days)?)?,
            mstl_ets: mstl_ets(days).and_then(|expected| plausible(days, expected)),
        })
    }

    /// What one of them says.
    pub(super) fn by(&self, model: Model) -> Option<Cow<'_, [Expected]>> {
        match (model, &self.mstl_ets) {
            (Model::Naive, _) => Some(Cow::Borrowed(&self.naive)),
            (Model::MstlEts, Some(mstl_ets)) => Some(Cow::Borrowed(mstl_ets)),
            (Model::Mean, Some(mstl_ets)) => {
                let both = self.naive.iter().zip(mstl_ets);
                Some(both.map(|(one, other)| mean(*one, *other)).collect())
            }
            (Model::MstlEts | Model::Mean, None) => None,
        }
    }
}

/// What is expected, as far as it is a number; not less than nothing if no day brought that.
fn plausible(days: &[f64], mut expected: Vec<Expected>) -> Option<Vec<Expected>> {
    let is_number = |one: &Expected| {
        one.figure.is_finite() && one.interval.0.is_finite() && one.interval.1.is_finite()
    };
    if !expected.iter().all(is_number) {
        return None;
    }
    if days.iter().all(|day| *day >= 0.0) {
        for one in &mut expected {
            one.figure = one.figure.max(0.0);
            one.interval = (one.interval.0.max(0.0), one.interval.1.max(0.0));
        }
    }
    Some(expected)
}

fn naive(days: &[f64]) -> Option<Vec<Expected>> {
    let last = days.get(days.len().checked_sub(WEEK)?..)?;
    let changes = days.windows(WEEK + 1).map(|days| days[WEEK] - days[0]);
    let (count, squares) = changes.fold((0.0, 0.0), |(count, squares), change| {
        (count + 1.0, squares + change * change)
    });
    if count == 0.0 {
        return None;
    }
    let deviation: f64 = (squares / count).sqrt();
    let day = |ahead: usize| {
        let figure = last[ahead % WEEK];
        let weeks = (ahead / WEEK + 1) as f64;
        let width = DEVIATIONS * deviation * weeks.sqrt();
        Expected {
            figure,
            interval: (figure - width, figure + width),
        }
    };
    Some((0..HORIZON_DAYS).map(day).collect())
}

fn mstl_ets(days: &[f64]) -> Option<Vec<Expected>> {
    // Near 1, where the search for parameters is at home.
    let sum: f64 = days.iter().map(|day| day.abs()).sum();
    let scale = (sum / days.len() as f64).max(1.0);
    let scaled: Vec<_> = days.iter().map(|day| day / scale).collect();
    // Additive errors: days without money are days too, and the interval has a formula.
    let trend = AutoETS::new(1, "AZN").ok()?.into_trend_model();
    let fitted = MSTLModel::new(vec![WEEK], trend).fit(&scaled).ok()?;
    let expected = fitted.predict(HORIZON_DAYS, LEVEL_PERCENT / 100.0).ok()?;
    let intervals = expected.intervals?;
    let ends = intervals.lower.into_iter().zip(intervals.upper);
    let all = expected.point.into_iter().zip(ends);
    let day = |(figure, (low, high)): (f64, (f64, f64))| Expected {
        figure: figure * scale,
        interval: (low * scale, high * scale),
    };
    Some(all.map(day).collect())
}

fn mean(one: Expected, other: Expected) -> Expected {
    let half = |a: f64, b: f64| f64::midpoint(a, b);
    Expected {
        figure: half(one.figure, other.figure),
        interval: (
            half(one.interval.0, other.interval.0),
            half(one.interval.1, other.interval.1),
        ),
    }
}
