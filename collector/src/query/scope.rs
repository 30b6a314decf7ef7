//! What a question is about: the parameters that every report has.
//!
//! In: `site`, `range` or `from` and `to`, and filters; the time; since when hours and days are kept.
//! Out: a [`Selection`] of whole hours or days, and the head that every answer repeats.

use axum::{Json, extract::FromRequestParts, http::request::Parts};
use foresight_shared::NavigationType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    money::table::{Cell, Table},
    parameters::{Fault, Parameters},
    small::Small,
    unavailable,
    value::{DAY_MS, DeviceWord, Range, Time, Word},
};
use crate::{
    event::{HOUR_MS, Millis, day_of, hour_of},
    problem::Problem,
    store::{Kept, Selection},
};

/// The longest range in days: what `keep_days` is unless it is set.
const LONGEST_DAYS: i64 = 400;

/// Ranges longer than this are counted by whole days: days were added up, hours are many.
const HOURLY_MS: Millis = 8 * DAY_MS;

/// A question: what it is about, and the report's own parameters.
pub(super) struct Question<T> {
    /// As it is answered: whole days and weeks where hours and days are no longer kept.
    pub(super) selection: Selection,
    /// Since when hours and days are kept.
    pub(super) kept: Kept,
    pub(super) own: T,
    /// Which groups are not told to the one who asks.
    pub(super) small: Small,
}

/// An answer: a report under the head that every answer has.
#[derive(Serialize, ToSchema)]
pub(super) struct Answer<R> {
    site: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// The span that is compared with, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    previous_from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    previous_to: Option<Timestamp>,
    #[serde(flatten)]
    report: R,
}

/// The time that a report is about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Span {
    /// A time until now. Not together with `from` and `to`.
    range: Option<Range>,
    /// Where it begins, at most 400 days before `to`.
    from: Option<Time>,
    /// Where it ends, after `from`; now unless given.
    to: Option<Time>,
}

/// The site that a report is about; all of them unless given.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OneSite {
    /// Only this site, by its host.
    pub(super) site: Option<Word>,
}

/// The page views that most reports are about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filters {
    /// Only this page, by its path.
    page: Option<Word>,
    /// Only this class of devices.
    device: Option<DeviceWord>,
    /// Only this country, such as `DE`.
    country: Option<Word>,
    /// Only this browser, such as `Chrome`.
    browser: Option<Word>,
    /// Only page views that began so.
    navigation: Option<NavigationType>,
}

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Question<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let (selection, own) = read(parts, (state.clock)())?;
        let kept = state.store.kept().await.map_err(unavailable)?;
        let selection = kept.widened(selection);
        let small = Small::of(parts, state);
        small.check(&*state.store, &selection).await?;
        Ok(Self {
            selection,
            kept,
            own,
            small,
        })
    }
}

/// What is asked for: the selection, and the report's own parameters.
fn read<T: DeserializeOwned>(parts: &Parts, now_ms: Millis) -> Result<(Selection, T), Fault> {
    let mut parameters = Parameters::of(&parts.uri)?;
    let span: Span = parameters.take()?;
    let one: OneSite = parameters.take()?;
    let filters: Filters = parameters.take()?;
    let own = parameters.take()?;
    parameters.end()?;
    let span = span.read(now_ms, Range::Day)?;
    Ok((filters.selection(one, span), own))
}

/// The fault of a question that only what is no longer kept could answer.
pub(super) fn too_early(since_ms: Millis) -> Fault {
    let since = timestamp(since_ms);
    let rule = format!(
        "at or after {since} for what is asked: page views of before are kept by the day or week, and \
         by one of page, country, browser and navigation at a time"
    );
    Fault::of("from", rule)
}

impl<R: Serialize> Answer<R> {
    /// The answer to a question about a selection.
    pub(super) fn new(selection: Selection, report: R) -> Json<Self> {
        Json(Self::compared(selection, None, report))
    }

    /// The same, with the span that it was compared with.
    pub(super) fn compared(selection: Selection, before: Option<&Selection>, report: R) -> Self {
        Self {
            from: timestamp(selection.from_ms),
            to: timestamp(selection.to_ms),
            site: selection.site,
            previous_from: before.map(|before| timestamp(before.from_ms)),
            previous_to: before.map(|before| timestamp(before.to_ms)),
            report,
        }
    }
}

impl<R: Table> Table for Answer<R> {
    const FILE: &'static str = R::FILE;
    const COLUMNS: &'static [&'static str] = R::COLUMNS;

    fn lines(&self) -> Vec<Vec<Cell>> {
        self.report.lines()
    }
}

/// A time as answers show it. What calendars have no date for is shown as their first or last one.
pub(super) fn timestamp(time_ms: Millis) -> Timestamp {
    let end = if time_ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_millisecond(time_ms).unwrap_or(end)
}

impl Filters {
    fn selection(self, one: OneSite, (from_ms, to_ms): (Millis, Millis)) -> Selection {
        let text = |word: Option<Word>| word.map(|word| word.0);
        // Every hour, or day, that the span touches is counted whole.
        let (from_ms, to_ms) = if to_ms - from_ms > HOURLY_MS {
            (day_of(from_ms), day_of(to_ms + DAY_MS - 1))
        } else {
            (hour_of(from_ms), hour_of(to_ms + HOUR_MS - 1))
        };
        Selection {
            from_ms,
            to_ms,
            site: text(one.site),
            page: text(self.page),
            device: self.device.map(|device| device.0.word().to_owned()),
            country: text(self.country),
            browser: text(self.browser),
            navigation: self.navigation,
        }
    }
}

impl Span {
    /// Its start and end; `usual` if none is asked for.
    pub(super) fn read(&self, now_ms: Millis, usual: Range) -> Result<(Millis, Millis), Fault> {
        let (from_ms, to_ms) = match (self.range, self.from, self.to) {
            (range, None, None) => {
                let range = range.unwrap_or(usual);
                return Ok((now_ms - range.length_ms(), now_ms));
            }
            (Some(_), _, _) => return Err(Fault::of("range", "given without from and to")),
            (None, None, Some(_)) => return Err(Fault::of("from", "given if to is given")),
            (None, Some(from), to) => (from.0, to.map_or(now_ms, |to| to.0)),
        };
        if from_ms >= to_ms {
            return Err(Fault::of("from", "before to"));
        }
        if to_ms - from_ms > LONGEST_DAYS * DAY_MS {
            let rule = format!("at most {LONGEST_DAYS} days before to");
            return Err(Fault::of("from", rule));
        }
        Ok((from_ms, to_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parameters::NoMore;

    /// 2026-11-23T21:20:00Z.
    const NOW_MS: Millis = 1_795_468_800_000;

    fn read(query: &str) -> Result<Selection, Fault> {
        let request = axum::http::Request::get(format!("/?{query}"))
            .body(())
            .unwrap();
        let (selection, _) = super::read::<NoMore>(&request.into_parts().0, NOW_MS)?;
        Ok(selection)
    }

    #[test]
    fn a_range_is_every_hour_or_day_that_it_touches() {
        for (query, from, to) in [
            ("", "2026-11-22T21:00:00Z", "2026-11-23T22:00:00Z"),
            ("range=24h", "2026-11-22T21:00:00Z", "2026-11-23T22:00:00Z"),
            ("range=1h", "2026-11-23T20:00:00Z", "2026-11-23T22:00:00Z"),
            ("range=7d", "2026-11-16T21:00:00Z", "2026-11-23T22:00:00Z"),
            // Long ranges have whole days, the present one too.
            ("range=30d", "2026-10-24T00:00:00Z", "2026-11-24T00:00:00Z"),
            ("range=90d", "2026-08-25T00:00:00Z", "2026-11-24T00:00:00Z"),
            (
                "from=2026-11-23T20:59:59Z",
                "2026-11-23T20:00:00Z",
                "2026-11-23T22:00:00Z",
            ),
            (
                "from=2026-11-01T00:00:00%2B02:00&to=2026-11-02T00:00:00Z",
                "2026-10-31T22:00:00Z",
                "2026-11-02T00:00:00Z",
            ),
            (
                "from=2026-11-01T00:30:00Z&to=2026-11-01T00:31:00Z",
                "2026-11-01T00:00:00Z",
                "2026-11-01T01:00:00Z",
            ),
        ] {
            let selection = read(query).unwrap();
            let shown = |time_ms| timestamp(time_ms).to_string();
            assert_eq!(shown(selection.from_ms), from, "{query}");
            assert_eq!(shown(selection.to_ms), to, "{query}");
        }
    }

    #[test]
    fn faults_name_the_parameter_and_its_rule() {
        let time = "a time as in RFC 3339, such as 2026-11-23T21:00:00Z";
        for (query, field, rule) in [
            ("range=2h", "range", "one of 1h, 24h, 7d, 30d, 90d"),
            ("from=yesterday", "from", time),
            ("from=2026-11-01", "from", time),
            ("to=2026-11-01T00:00:00Z", "from", "given if to is given"),
            (
                "range=1h&from=2026-11-01T00:00:00Z",
                "range",
                "given without from and to",
            ),
            ("from=2026-11-24T00:00:00Z", "from", "before to"),
            (
                "from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z",
                "from",
                "before to",
            ),
            (
                "from=2025-10-01T00:00:00Z",
                "from",
                "at most 400 days before to",
            ),
            (
                "device=watch",
                "device",
                "one of phone, tablet, desktop, unknown",
            ),
            ("site=", "site", "1 to 512 characters"),
            (
                "navigation=jump",
                "navigation",
                "one of navigate, reload, back-forward, back-forward-cache, prerender, restore, \
                 soft-navigation",
            ),
            ("limit=3", "limit", "a parameter of this address"),
        ] {
            assert_eq!(read(query), Err(Fault::of(field, rule)), "{query}");
        }
    }

    #[test]
    fn filters_are_kept_as_they_are_asked_for() {
        let selection = read("page=%2Fmenu&device=phone&country=DE&navigation=reload").unwrap();
        assert_eq!(selection.page.as_deref(), Some("/menu"));
        assert_eq!(selection.device.as_deref(), Some("phone"));
        assert_eq!(selection.country.as_deref(), Some("DE"));
        assert_eq!(selection.navigation, Some(NavigationType::Reload));
        assert_eq!((selection.site, selection.browser), (None, None));
    }
}
