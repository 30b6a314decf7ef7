//! Bands of a metric's values, and the page views in which something came of them.
//!
//! In: what one batch of a page view tells. Out: for each outcome (a lead, a share, an opened generator)
//! one count, and one for each metric of which the batch tells the view's first value, under the band of
//! that value. So the joint count of outcome and value is a sum like any other, and nothing is remembered
//! of a view. The beacon sends what it has measured along with an outcome. What must never happen: a view
//! is counted twice under one metric, or an outcome whose value is not known under the band of a guess.

use foresight_shared::{Metric, Rating, bins};

use crate::event::{Event, Kind};

/// A part of a metric's range: values of one rating, and finer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Band {
    /// The rating of its values, exactly.
    pub rating: Rating,
    /// The number of the finer part, below [`Band::PARTS`]; its bounds are those of the histogram's bins
    /// that are nearest.
    pub part: u8,
}

impl Band {
    /// How many finer parts a metric's range has.
    pub const PARTS: u8 = 9;

    /// The band of a value.
    #[must_use]
    pub fn of(metric: Metric, value: f64) -> Self {
        Self {
            rating: metric.rate(value),
            part: Self::part_of(metric, bins::bin_of(value)),
        }
    }

    /// The finer part that holds a bin of the histogram.
    #[must_use]
    pub fn part_of(metric: Metric, bin: u16) -> u8 {
        let value = bins::value_of(bin);
        let is_in = |part: &u8| Self::upper(metric, *part).is_none_or(|upper| value <= upper);
        (0..Self::PARTS).find(is_in).unwrap_or(Self::PARTS - 1)
    }

    /// The largest value of a finer part, in the metric's unit: quarters of what is good, halves of what
    /// needs improvement, and what is poor by half as much, twice as much, and more. The last part has
    /// none.
    #[must_use]
    pub fn upper(metric: Metric, part: u8) -> Option<f64> {
        let (good, poor) = metric.thresholds();
        match part {
            0..4 => Some(good * f64::from(part + 1) / 4.0),
            4 => Some(f64::midpoint(good, poor)),
            5 => Some(poor),
            6 => Some(poor * 1.5),
            7 => Some(poor * 2.0),
            _ => None,
        }
    }

    /// The name under which a metric's band is counted.
    #[must_use]
    pub fn name(self, metric: Metric) -> String {
        format!("{} {}{}", metric.name(), self.rating as u8, self.part)
    }

    /// The metric and the band of a name.
    #[must_use]
    pub fn read(name: &str) -> Option<(Metric, Self)> {
        let (metric, numbers) = name.split_once(' ')?;
        let (rating, part) = numbers.split_at_checked(1)?;
        let rating: usize = rating.parse().ok()?;
        let band = Self {
            rating: *Rating::ALL.get(rating)?,
            part: part.parse().ok().filter(|part| *part < Self::PARTS)?,
        };
        Some((Metric::from_name(metric)?, band))
    }
}

/// What is counted of a batch's outcomes: each under no name, and under each band that is known.
pub(super) fn outcomes(events: &[Event], goal: Option<&str>) -> Vec<(Kind, String)> {
    let is = |wanted: fn(&Event, Option<&str>) -> bool| events.iter().any(|one| wanted(one, goal));
    let kinds: Vec<Kind> = [
        (Kind::LeadBand, is(is_lead)),
        (Kind::ShareBand, is(is_share)),
        (Kind::OpenedBand, is(is_opened)),
    ]
    .into_iter()
    .filter_map(|(kind, seen)| seen.then_some(kind))
    .collect();
    if kinds.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = Metric::ALL
        .into_iter()
        .filter_map(|metric| Some(Band::of(metric, first(events, metric)?).name(metric)))
        .chain([String::new()])
        .collect();
    let named = |kind| names.iter().map(move |name| (kind, name.clone()));
    kinds.into_iter().flat_map(named).collect()
}

/// The view's first value of a metric, if the batch tells it. One that replaces another was told of
/// before: with it, a view could be counted twice, and those that became worse more often than others.
fn first(events: &[Event], wanted: Metric) -> Option<f64> {
    events.iter().find_map(|event| match event {
        Event::Vital {
            metric,
            value,
            was: None,
            ..
        } if *metric == wanted => Some(*value),
        _ => None,
    })
}

fn is_lead(event: &Event, _: Option<&str>) -> bool {
    matches!(
        event,
        Event::Named {
            kind: Kind::Lead,
            ..
        }
    )
}

fn is_share(event: &Event, _: Option<&str>) -> bool {
    matches!(event, Event::Share { .. })
}

fn is_opened(event: &Event, goal: Option<&str>) -> bool {
    matches!(
        event,
        Event::Named { kind: Kind::Conversion, name } if Some(&**name) == goal
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vital(metric: Metric, value: f64, was: Option<f64>) -> Event {
        Event::Vital {
            metric,
            value,
            was,
            element: None,
        }
    }

    fn named(kind: Kind, name: &str) -> Event {
        Event::Named {
            kind,
            name: name.into(),
        }
    }

    #[test]
    fn parts_are_in_order_and_inside_their_rating() {
        for metric in Metric::ALL {
            let bounds: Vec<f64> = (0..8).filter_map(|n| Band::upper(metric, n)).collect();
            assert_eq!((bounds.len(), Band::upper(metric, 8)), (8, None));
            assert!(bounds.is_sorted(), "{bounds:?}");
            for (part, bound) in (0..).zip(&bounds) {
                let inside = Band::of(metric, bound * 0.98);
                assert_eq!(inside.part, part, "{metric:?} {bound}");
                let rating = [0, 0, 0, 0, 1, 1, 2, 2][usize::from(part)];
                assert_eq!(inside.rating as usize, rating, "{metric:?} {bound}");
                assert_eq!(Band::of(metric, bound * 1.02).part, part + 1);
            }
        }
    }

    #[test]
    fn a_name_leads_back_to_its_band() {
        for metric in Metric::ALL {
            for value in [0.0, 0.07, 0.3, 150.0, 900.0, 2600.0, 4100.0, 9e4] {
                let band = Band::of(metric, value);
                assert_eq!(Band::read(&band.name(metric)), Some((metric, band)));
            }
        }
        for name in ["", "LCP", "LCP 3", "LCP 39", "LCP 09x", "lcp 00", "LCP é1"] {
            assert_eq!(Band::read(name), None, "{name}");
        }
    }

    #[test]
    fn an_outcome_is_counted_once_for_a_batch_under_the_first_values_it_tells() {
        let events = [
            named(Kind::Lead, "table"),
            vital(Metric::Lcp, 1000.0, None),
            vital(Metric::Lcp, 5000.0, None),
            named(Kind::Lead, ""),
            vital(Metric::Cls, 0.3, Some(0.1)),
            named(Kind::Conversion, "order"),
        ];
        let lead = |name: &str| (Kind::LeadBand, name.to_owned());
        assert_eq!(outcomes(&events, None), [lead("LCP 01"), lead("")]);
        let opened = |name: &str| (Kind::OpenedBand, name.to_owned());
        let both = [lead("LCP 01"), lead(""), opened("LCP 01"), opened("")];
        assert_eq!(outcomes(&events, Some("order")), both);
        assert_eq!(outcomes(&events[1..3], Some("order")), []);
    }
}
