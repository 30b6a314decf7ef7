//! What a question is about: the parameters that every report has.
//!
//! In: `site`, `range` or `from` and `to`, and filters; the time. Out: a [`Selection`] of whole
//! hours, and the head that every answer repeats.

use axum::{Json, extract::FromRequestParts, http::request::Parts};
use foresight_shared::NavigationType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    State,
    parameters::{Fault, Parameters},
    value::{DAY_MS, DeviceWord, Range, Time, Word},
};
use crate::{
    event::{HOUR_MS, Millis, hour_of},
    problem::Problem,
    store::Selection,
};

/// The longest range in days: a report reads every hour of it.
const LONGEST_DAYS: i64 = 400;

/// A question: what it is about, and the report's own parameters.
pub(super) struct Question<T> {
    pub(super) selection: Selection,
    pub(super) own: T,
}

/// An answer: a report under the head that every answer has.
#[derive(Serialize)]
pub(super) struct Answer<R> {
    site: Option<String>,
    from: Timestamp,
    to: Timestamp,
    #[serde(flatten)]
    report: R,
}

/// The parameters that every report has.
#[derive(Debug, Default, Deserialize)]
struct Scope {
    site: Option<Word>,
    range: Option<Range>,
    from: Option<Time>,
    to: Option<Time>,
    page: Option<Word>,
    device: Option<DeviceWord>,
    country: Option<Word>,
    browser: Option<Word>,
    navigation: Option<NavigationType>,
}

impl<T: DeserializeOwned> FromRequestParts<State> for Question<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self::read(parts, (state.clock)())?)
    }
}

impl<T: DeserializeOwned> Question<T> {
    fn read(parts: &Parts, now_ms: Millis) -> Result<Self, Fault> {
        let mut parameters = Parameters::of(&parts.uri)?;
        let scope: Scope = parameters.take()?;
        let own = parameters.take()?;
        parameters.end()?;
        let selection = scope.selection(now_ms)?;
        Ok(Self { selection, own })
    }
}

impl<R: Serialize> Answer<R> {
    /// The answer to a question about a selection.
    pub(super) fn new(selection: Selection, report: R) -> Json<Self> {
        Json(Self {
            from: timestamp(selection.from_ms),
            to: timestamp(selection.to_ms),
            site: selection.site,
            report,
        })
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

impl Scope {
    fn selection(self, now_ms: Millis) -> Result<Selection, Fault> {
        let (from_ms, to_ms) = self.span(now_ms)?;
        let text = |word: Option<Word>| word.map(|word| word.0);
        Ok(Selection {
            // Every hour that the span touches is counted whole.
            from_ms: hour_of(from_ms),
            to_ms: hour_of(to_ms + HOUR_MS - 1),
            site: text(self.site),
            page: text(self.page),
            device: self.device.map(|device| device.0.word().to_owned()),
            country: text(self.country),
            browser: text(self.browser),
            navigation: self.navigation,
        })
    }

    fn span(&self, now_ms: Millis) -> Result<(Millis, Millis), Fault> {
        let (from_ms, to_ms) = match (self.range, self.from, self.to) {
            (range, None, None) => {
                let range = range.unwrap_or(Range::Day);
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
        let question = Question::<NoMore>::read(&request.into_parts().0, NOW_MS)?;
        Ok(question.selection)
    }

    #[test]
    fn a_range_is_every_hour_that_it_touches() {
        for (query, from, to) in [
            ("", "2026-11-22T21:00:00Z", "2026-11-23T22:00:00Z"),
            ("range=24h", "2026-11-22T21:00:00Z", "2026-11-23T22:00:00Z"),
            ("range=1h", "2026-11-23T20:00:00Z", "2026-11-23T22:00:00Z"),
            ("range=90d", "2026-08-25T21:00:00Z", "2026-11-23T22:00:00Z"),
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
