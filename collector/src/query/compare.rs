//! What a report is compared with: the span of the same length just before, or the same hours weeks before.
//!
//! In: a selection, and since when what is kept. Out: the selection before it, as it can be answered. What
//! must never happen: a span of which everything was deleted is taken for one without page views.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    event::{DAY_MS, HOUR_MS, Millis},
    store::{Kept, Selection, StoreError},
};

const WEEK_MS: Millis = 7 * DAY_MS;

/// What a report can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Compare {
    /// The span just before.
    Previous,
    /// The same hours of the same days of the week, as many weeks before as it takes.
    Week,
}

/// The selection that is compared with. `None` if none is asked for, or nothing of it is kept. Where hours
/// or days are no longer kept, it has whole days or weeks, and so may be longer.
pub(super) fn before(
    compare: Option<Compare>,
    selection: &Selection,
    kept: &Kept,
) -> Option<Selection> {
    let length_ms = selection.to_ms - selection.from_ms;
    let back_ms = match compare? {
        Compare::Previous => length_ms,
        Compare::Week => weeks_of(length_ms),
    };
    let before = kept.widened(Selection {
        from_ms: selection.from_ms - back_ms,
        // A week until now touches an hour twice: that hour is of this span only.
        to_ms: (selection.to_ms - back_ms).min(selection.from_ms),
        ..selection.clone()
    });
    (before.from_ms >= kept.all_ms).then_some(before)
}

/// Whole weeks that are as long, but for the hour that a range until now touches twice.
const fn weeks_of(length_ms: Millis) -> Millis {
    let weeks = (length_ms - HOUR_MS + WEEK_MS - 1) / WEEK_MS;
    if weeks < 1 { WEEK_MS } else { weeks * WEEK_MS }
}

/// What was found of the selection before; nothing if what is kept of it cannot answer the question.
pub(super) fn known<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::Coarse { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::week_of;

    #[test]
    fn the_span_before_is_as_long_and_ends_where_this_one_begins() {
        let now_ms = week_of(3000 * DAY_MS);
        let kept = Kept {
            hours_ms: now_ms - 35 * DAY_MS,
            days_ms: now_ms - 98 * DAY_MS,
            all_ms: now_ms - 400 * DAY_MS,
            ..Kept::default()
        };
        let previous = |from_ms, to_ms| {
            let selection = Selection::between(from_ms, to_ms);
            let before = before(Some(Compare::Previous), &selection, &kept)?;
            Some((now_ms - before.from_ms, now_ms - before.to_ms))
        };
        let hours = |hours| now_ms - hours * HOUR_MS;
        let days = |days| now_ms - days * DAY_MS;
        let found = previous(hours(7), hours(2));
        assert_eq!(found, Some((12 * HOUR_MS, 7 * HOUR_MS)));
        assert_eq!(previous(days(30), now_ms), Some((60 * DAY_MS, 30 * DAY_MS)));
        // Ninety days before ninety days began within a week that is kept whole.
        assert_eq!(
            previous(days(90), now_ms),
            Some((182 * DAY_MS, 90 * DAY_MS))
        );
        assert_eq!(previous(days(365), now_ms), None);
        let selection = Selection::between(days(3), now_ms);
        assert_eq!(before(None, &selection, &kept), None);
    }

    #[test]
    fn a_week_before_are_the_same_hours_of_the_same_days() {
        let now_ms = week_of(3000 * DAY_MS) + 21 * HOUR_MS;
        let kept = Kept::default();
        let found = |from_hours: i64, to_hours: i64| {
            let at = |hours| now_ms - hours * HOUR_MS;
            let selection = Selection::between(at(from_hours), at(to_hours));
            let before = before(Some(Compare::Week), &selection, &kept).unwrap();
            let hours = |ms| (now_ms - ms) / HOUR_MS;
            (hours(before.from_ms), hours(before.to_ms))
        };
        let week = 7 * 24;
        // An hour, a day until now, a day, a week, a week until now, a fortnight.
        assert_eq!(found(2, 0), (week + 2, week));
        assert_eq!(found(25, 0), (week + 25, week));
        assert_eq!(found(48, 24), (week + 48, week + 24));
        assert_eq!(found(week, 0), (2 * week, week));
        assert_eq!(found(week + 1, 0), (2 * week + 1, week + 1));
        assert_eq!(found(2 * week, 0), (4 * week, 2 * week));
        assert_eq!(found(week + 2, 0), (3 * week + 2, 2 * week));
    }

    #[test]
    fn what_cannot_be_answered_of_before_is_not_told() {
        assert!(matches!(known(Ok(3)), Ok(Some(3))));
        let coarse = known::<u8>(Err(StoreError::Coarse { since_ms: 7 }));
        assert!(matches!(coarse, Ok(None)));
        assert!(known::<u8>(Err(StoreError::Row("damaged".into()))).is_err());
    }
}
