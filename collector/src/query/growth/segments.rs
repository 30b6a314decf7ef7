//! `/api/v1/growth/segments`: the viral coefficient of mature weeks, by what owners or shares have in
//! common.
//!
//! By `template` and `generation`, owners are told apart, and each group has a coefficient of its own.
//! By `channel` and `country`, shares are: then all owners are what is divided by, and the parts add up
//! to the whole. Pages can invent channels, so only the largest parts are estimated.

use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap};

use axum::{Json, extract};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{State, documented::Refused, scope, value::Limit},
    Answer, Question,
    cohorts::{Window, mature},
};
use crate::{
    event::{DAY_MS, Millis},
    growth::{self, Facet, Fleet, Owner, Period},
    problem::Problem,
};

/// What owners or shares are told apart by.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SegmentsBy)]
enum By {
    Template,
    Generation,
    Channel,
    Country,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[schema(as = SegmentsDays)]
pub(super) enum Days {
    #[default]
    #[serde(rename = "7")]
    Week,
    #[serde(rename = "14")]
    Fortnight,
    #[serde(rename = "30")]
    Month,
}

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    by: By,
    #[serde(default)]
    days: Days,
    #[serde(default)]
    limit: Limit,
}

/// Groups with most conversions first.
#[derive(Serialize, ToSchema)]
pub(super) struct SegmentsReport {
    by: By,
    segments: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Segment)]
struct Line {
    value: String,
    #[serde(flatten)]
    window: Window,
}

impl Days {
    const fn number(self) -> i64 {
        match self {
            Self::Week => 7,
            Self::Fortnight => 14,
            Self::Month => 30,
        }
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/segments",
    operation_id = "growth_segments",
    tag = "growth",
    summary = "The viral coefficient by what owners or shares have in common",
    params(scope::Span, Own),
    responses(
        (status = 200, description = "the report", body = Answer<SegmentsReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<SegmentsReport>>, Problem> {
    question
        .widened(Period::Week)
        .answer(&state, |question, _, fleet| report(question, fleet))
        .await
}

fn report(question: &Question<Own>, fleet: &Fleet<'_>) -> SegmentsReport {
    let Own { by, days, limit } = question.own;
    let (from_ms, to_ms) = question.span();
    let weeks = growth::cohorts(fleet, Period::Week, from_ms, to_ms);
    let asked = Asked {
        fleet,
        members: &mature(&weeks, days.number(), question.now_ms),
        days: days.number(),
        now_ms: question.now_ms,
        limit: limit.0 as usize,
    };
    let segments = match by {
        By::Template => asked.of_owners(|owner| owner.template.unwrap_or("unknown").to_owned()),
        By::Generation => asked.of_owners(|owner| owner.depth.to_string()),
        By::Channel => asked.of_shares(Facet::Channel),
        By::Country => asked.of_shares(Facet::Country),
    };
    SegmentsReport { by, segments }
}

/// What is asked of the owners of mature weeks.
struct Asked<'a> {
    fleet: &'a Fleet<'a>,
    members: &'a [usize],
    days: i64,
    now_ms: Millis,
    limit: usize,
}

impl Asked<'_> {
    /// A coefficient for each group of owners.
    fn of_owners(&self, value: impl Fn(&Owner<'_>) -> String) -> Vec<Line> {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for member in self.members {
            let group = groups.entry(value(&self.fleet.owners[*member]));
            group.or_default().push(*member);
        }
        let line = |(value, members): (String, Vec<usize>)| Line {
            value,
            window: self.estimate(&members, |_| true),
        };
        let mut lines: Vec<_> = groups.into_iter().map(line).collect();
        // Those with as many keep the order of their names.
        lines.sort_by_key(|line| Reverse(line.window.size()));
        lines.truncate(self.limit);
        lines
    }

    /// A part of the coefficient for each group of shares.
    fn of_shares(&self, facet: Facet) -> Vec<Line> {
        let parts = growth::parts(self.fleet, self.members, self.days, self.now_ms, facet);
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by_key(|(_, size)| Reverse(*size));
        parts.truncate(self.limit);
        let line = |(value, _): (Cow<'_, str>, _)| Line {
            window: self.estimate(self.members, |share| facet.of(share) == value),
            value: value.into_owned(),
        };
        parts.into_iter().map(line).collect()
    }

    /// Of mature weeks: all members' windows have passed.
    fn estimate(&self, members: &[usize], counts: impl Fn(&growth::Share<'_>) -> bool) -> Window {
        let ended_ms = self.now_ms - self.days * DAY_MS;
        let times = (ended_ms, self.now_ms);
        growth::estimate(self.fleet, members, self.days, times, counts).into()
    }
}
