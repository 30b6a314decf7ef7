//! Levels of sums: which there are, and which of them a range of time is read from.
//!
//! In: a range, and since when hours and days are kept. Out: stretches of levels that together hold
//! every page view of the range once. Pure. What must never happen: a view is in two of the stretches,
//! or in none.

use super::{Dimension, Selection, block::Shape};
use crate::event::{DAY_MS, Millis, day_of, week_of};

/// What merges appended.
pub(super) const FLUSH: i64 = 0;
/// Hours that are not yet in their day.
pub(super) const HOUR: i64 = 1;
/// Hours that are in their day too.
pub(super) const HOUR_IN_DAY: i64 = 2;
/// Days that are not yet in their week.
pub(super) const DAY: i64 = 3;
/// Days that are in their week too.
pub(super) const DAY_IN_WEEK: i64 = 4;
/// Weeks.
pub(super) const WEEK: i64 = 5;

/// Not a level: since when the fleet's sums by site have every site.
pub(super) const SITES: i64 = 50;

/// How long a week is.
pub(super) const WEEK_MS: Millis = 7 * DAY_MS;

/// The lane of a row that has all of them.
pub(super) const EVERY_LANE: i64 = -1;

/// Whether a level's rows have one lane each.
pub(super) const fn has_lanes(level: i64) -> bool {
    level >= DAY
}

/// Since when sums are kept by the hour, by the day, and at all; `Millis::MIN`: since ever. Hours
/// begin at the start of a day, days at the start of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Since when by the hour, and with everything that is known of a page view.
    pub hours_ms: Millis,
    /// Since when by the day.
    pub days_ms: Millis,
    /// Since when at all.
    pub all_ms: Millis,
    /// Since when the fleet's sums by site have every site.
    pub sites_ms: Millis,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            hours_ms: Millis::MIN,
            days_ms: Millis::MIN,
            all_ms: Millis::MIN,
            sites_ms: Millis::MIN,
        }
    }
}

/// A level's rows that begin in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) level: i64,
    pub(super) from_ms: Millis,
    pub(super) to_ms: Millis,
}

/// How exactly a question has to know the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    Hour,
    Day,
    Week,
}

impl Kept {
    /// The selection as it can be answered: a range that cuts a day that is not kept by the hour has
    /// all of it, and the same with weeks.
    #[must_use]
    pub fn widened(&self, selection: Selection) -> Selection {
        Selection {
            from_ms: self.start(selection.from_ms),
            to_ms: match selection.to_ms {
                to_ms if self.start(to_ms) == to_ms => to_ms,
                to_ms if to_ms < self.days_ms => week_of(to_ms).saturating_add(WEEK_MS),
                to_ms => day_of(to_ms).saturating_add(DAY_MS),
            },
            ..selection
        }
    }

    /// The start of the hour, day or week that is kept and holds a time.
    fn start(&self, time_ms: Millis) -> Millis {
        if time_ms < self.days_ms {
            week_of(time_ms)
        } else if time_ms < self.hours_ms {
            day_of(time_ms)
        } else {
            time_ms
        }
    }

    /// The stretches of a range in rows that are kept by the hour.
    pub(super) fn by_hour(from_ms: Millis, to_ms: Millis) -> Vec<Stretch> {
        let levels = [FLUSH, HOUR, HOUR_IN_DAY];
        levels
            .map(|level| Stretch {
                level,
                from_ms,
                to_ms,
            })
            .to_vec()
    }

    /// The stretches of a range that was [`widened`](Self::widened) in the fewest rows that know the
    /// time well enough: hours where a day is cut, days where a week is.
    pub(super) fn by_period(&self, from_ms: Millis, to_ms: Millis, grain: Grain) -> Vec<Stretch> {
        let (first, last) = (ceil(day_of(from_ms), from_ms, DAY_MS), day_of(to_ms));
        if first >= last || grain == Grain::Hour {
            return Self::by_hour(from_ms, to_ms);
        }
        // A week that has lost days which are no longer kept is not whole.
        let whole = first.max(self.all_ms);
        let week = ceil(week_of(whole), whole, WEEK_MS);
        let end = match grain {
            Grain::Week => week_of(last),
            Grain::Hour | Grain::Day => week_of(last).min(self.days_ms),
        };
        let (week, end) = if week < end {
            (week, end)
        } else {
            (last, last)
        };
        [
            (FLUSH, from_ms, to_ms),
            (HOUR, from_ms, to_ms),
            (HOUR_IN_DAY, from_ms, first),
            (HOUR_IN_DAY, last, to_ms),
            (DAY, first, last),
            (DAY_IN_WEEK, first, week),
            (WEEK, week, end),
            (DAY_IN_WEEK, end, last),
        ]
        .into_iter()
        .filter(|(_, from_ms, to_ms)| from_ms < to_ms)
        .map(|(level, from_ms, to_ms)| Stretch {
            level,
            from_ms,
            to_ms,
        })
        .collect()
    }
}

/// The end of the period that began at `start_ms`, unless `time_ms` is its start.
const fn ceil(start_ms: Millis, time_ms: Millis, length_ms: Millis) -> Millis {
    if start_ms == time_ms {
        time_ms
    } else {
        start_ms.saturating_add(length_ms)
    }
}

/// The one word besides the device by which a question divides or filters page views; `None` if
/// there are several: only whole hours know that. Without any, the shape with the fewest sums.
pub(super) fn facet(selection: &Selection, by: Option<Dimension>) -> Option<Shape> {
    let asked = [
        (Shape::Page, selection.page.is_some(), Dimension::Page),
        (
            Shape::Country,
            selection.country.is_some(),
            Dimension::Country,
        ),
        (
            Shape::Browser,
            selection.browser.is_some(),
            Dimension::Browser,
        ),
        (
            Shape::Navigation,
            selection.navigation.is_some(),
            Dimension::Navigation,
        ),
    ];
    let mut asked = asked
        .into_iter()
        .filter(|(_, filtered, dimension)| *filtered || by == Some(*dimension));
    match (asked.next(), asked.next()) {
        (None, _) => Some(Shape::Navigation),
        (Some((shape, ..)), None) => Some(shape),
        (Some(_), Some(_)) => None,
    }
}

/// How exactly a question has to know the time.
pub(super) const fn grain(by: Option<Dimension>) -> Grain {
    match by {
        Some(Dimension::Hour | Dimension::SiteHour) => Grain::Hour,
        Some(Dimension::Day | Dimension::SiteDay) => Grain::Day,
        _ => Grain::Week,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::HOUR_MS;

    const HOURS: i64 = 6 * 7 * 24;

    /// How often a folded view of an hour is in the stretches, if it is in its day, and in its week.
    fn times(stretches: &[Stretch], hour_ms: Millis, in_day: bool, in_week: bool) -> usize {
        let rows = match (in_day, in_week) {
            (false, _) => vec![(HOUR, hour_ms)],
            (true, false) => vec![(HOUR_IN_DAY, hour_ms), (DAY, day_of(hour_ms))],
            (true, true) => vec![
                (HOUR_IN_DAY, hour_ms),
                (DAY_IN_WEEK, day_of(hour_ms)),
                (WEEK, week_of(hour_ms)),
            ],
        };
        let has = |(level, start_ms)| {
            let has =
                |one: &&Stretch| one.level == level && (one.from_ms..one.to_ms).contains(&start_ms);
            stretches.iter().filter(has).count()
        };
        rows.into_iter().map(has).sum()
    }

    proptest! {
        #[test]
        fn every_hour_is_in_the_stretches_once(
            from in 0..HOURS,
            length in 1..HOURS,
            hours_day in 0..40_i64,
            days_week in 0..6_i64,
            grain in prop::sample::select(&[Grain::Hour, Grain::Day, Grain::Week][..]),
        ) {
            let days_ms = week_of(days_week * WEEK_MS);
            let hours_ms = days_ms.max(hours_day * DAY_MS);
            let kept = Kept { hours_ms, days_ms, ..Kept::default() };
            let mut asked = selection();
            (asked.from_ms, asked.to_ms) = (from * HOUR_MS, (from + length) * HOUR_MS);
            let range = kept.widened(asked.clone());
            prop_assert!(range.from_ms <= asked.from_ms && range.to_ms >= asked.to_ms);
            prop_assert_eq!(kept.widened(range.clone()), range.clone());
            if grain == Grain::Hour && range.from_ms < hours_ms {
                return Ok(());
            }
            let stretches = kept.by_period(range.from_ms, range.to_ms, grain);
            for hour in -200..HOURS * 2 + 200 {
                let hour_ms = hour * HOUR_MS;
                let inside = (range.from_ms..range.to_ms).contains(&hour_ms);
                for (in_day, in_week) in [(false, false), (true, false), (true, true)] {
                    // Hours and days of before are gone.
                    let mut left = stretches.clone();
                    left.retain(|one| one.level != HOUR_IN_DAY || one.from_ms >= hours_ms);
                    left.retain(|one| one.level != DAY_IN_WEEK || one.from_ms >= days_ms);
                    let times = times(&left, hour_ms, in_day, in_week);
                    prop_assert_eq!(times, usize::from(inside), "{:?} {:?}", hour, &left);
                }
            }
        }
    }

    #[test]
    fn a_long_range_is_read_from_few_rows() {
        let now_ms = week_of(3000 * DAY_MS) + 3 * DAY_MS + 7 * HOUR_MS;
        let rows = |days| {
            let from_ms = day_of(now_ms) - days * DAY_MS;
            let stretches =
                Kept::default().by_period(from_ms, day_of(now_ms) + DAY_MS, Grain::Week);
            let length = |one: &Stretch| match one.level {
                WEEK => (one.to_ms - one.from_ms) / WEEK_MS,
                DAY_IN_WEEK => (one.to_ms - one.from_ms) / DAY_MS,
                _ => 0,
            };
            stretches.iter().map(length).sum::<i64>()
        };
        assert_eq!((rows(30), rows(90), rows(365)), (13, 19, 60));
    }

    #[test]
    fn one_word_beside_the_device_has_a_shape_of_its_own() {
        let mut asked = selection();
        assert_eq!(facet(&asked, None), Some(Shape::Navigation));
        asked.device = Some("phone".into());
        assert_eq!(
            facet(&asked, Some(Dimension::Site)),
            Some(Shape::Navigation)
        );
        assert_eq!(
            facet(&asked, Some(Dimension::Country)),
            Some(Shape::Country)
        );
        asked.page = Some("/".into());
        assert_eq!(facet(&asked, Some(Dimension::Page)), Some(Shape::Page));
        assert_eq!(facet(&asked, Some(Dimension::Country)), None);
    }

    fn selection() -> Selection {
        Selection {
            from_ms: 0,
            to_ms: DAY_MS,
            site: None,
            page: None,
            device: None,
            country: None,
            browser: None,
            navigation: None,
        }
    }
}
