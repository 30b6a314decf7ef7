//! Months of the calendar, in UTC.
//!
//! In: a text such as `2026-11`, or a time. Out: where the month begins and ends.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::event::Millis;

/// What a text must be.
const RULE: &str = "a month, such as 2026-11";

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Month {
    first: Date,
}

impl Month {
    /// The month that holds a time. `None` for times that calendars have no date for.
    pub(super) fn of(time_ms: Millis) -> Option<Self> {
        let time = Timestamp::from_millisecond(time_ms).ok()?;
        let first = time
            .to_zoned_datetime(TimeZone::UTC)
            .date()
            .first_of_month();
        Some(Self { first })
    }

    /// The month before.
    pub(super) fn before(self) -> Option<Self> {
        let first = self.first.yesterday().ok()?.first_of_month();
        Some(Self { first })
    }

    /// Its start, and that of the next one.
    pub(super) fn span(self) -> Option<(Millis, Millis)> {
        let next = self.first.last_of_month().tomorrow().ok()?;
        let start = |date: Date| {
            let start = date.to_zoned_datetime(TimeZone::UTC).ok()?;
            Some(start.timestamp().as_millisecond())
        };
        Some((start(self.first)?, start(next)?))
    }

    /// As in the parameter.
    pub(super) fn word(self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl ToSchema for Month {}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]{4}-(0[1-9]|1[0-2])$"))
            .into()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts = text.split_once('-').filter(|(year, month)| {
            let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            year.len() == 4 && month.len() == 2 && digits(year) && digits(month)
        });
        let (year, month) = parts.ok_or(RULE)?;
        let (Ok(year), Ok(month)) = (year.parse(), month.parse()) else {
            return Err(RULE);
        };
        let first = Date::new(year, month, 1).map_err(|_| RULE)?;
        let month = Self { first };
        // The last month of the calendar has no next one.
        month.span().map(|_| month).ok_or(RULE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_with_the_calendar() {
        for (text, from, to) in [
            ("2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2028-02", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ] {
            let month = Month::try_from(text.to_owned()).unwrap();
            let (start, end) = month.span().unwrap();
            let shown = |time_ms| Timestamp::from_millisecond(time_ms).unwrap().to_string();
            assert_eq!((shown(start), shown(end)), (from.into(), to.into()));
            assert_eq!(month.word(), text);
            assert_eq!(Month::of(start), Some(month));
            assert_eq!(Month::of(end - 1), Some(month));
            assert_eq!(Month::of(start - 1), month.before());
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "26-11",
            "2026-1",
            "2026-11-01",
            "+026-11",
            "9999-12",
        ] {
            assert_eq!(Month::try_from(text.to_owned()), Err(RULE), "{text}");
        }
    }
}
