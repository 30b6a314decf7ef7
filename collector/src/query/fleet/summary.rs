//! `/api/v1/fleet/summary`: how many sites are measured, how many pass, and how many views they have.

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract};
use foldhash::fast::RandomState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        compare::{self, Compare},
        documented::Refused,
        figure::{ByMetric, Figures, FiguresByMetric, whole},
        scope::{self, Answer, Question, timestamp},
        unavailable,
        value::DAY_MS,
    },
    assessment::{CORE, Core},
};
use crate::{
    event::{Kind, Millis, day_of, week_of},
    problem::Problem,
    rollup::Distribution,
    store::{
        CountSum, Dimension, DistributionSum, Group, RatingSum, Selection, Site, Store, StoreError,
    },
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    compare: Option<Compare>,
}

/// The fleet over a span, by day, and before.
#[derive(Serialize, ToSchema)]
#[schema(as = FleetSummaryReport)]
pub(super) struct SummaryReport {
    #[serde(flatten)]
    span: Span,
    previous: Option<Span>,
    step: Step,
    days: Vec<Day>,
}

/// The fleet over a span.
#[derive(Serialize, ToSchema)]
#[schema(as = FleetFigures)]
struct Span {
    views: u64,
    sites: usize,
    sites_measured: u64,
    sites_passing: u64,
    views_measured: u64,
    views_on_passing_sites: u64,
    metrics: FiguresByMetric,
}

/// How long a part of the span is: days, as long as they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FleetStep)]
enum Step {
    Day,
    Week,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FleetDay)]
struct Day {
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    views: u64,
    sites_measured: u64,
    sites_passing: u64,
}

/// What is known of a site, or of a part of its time.
#[derive(Clone, Copy, Default)]
struct Known {
    views: i64,
    core: Core,
}

/// How many sites are measured and pass, and their views.
#[derive(Default)]
struct Tally {
    views: i64,
    measured: u64,
    passing: u64,
    views_measured: i64,
    views_passing: i64,
}

#[utoipa::path(
    get,
    path = "/api/v1/fleet/summary",
    operation_id = "fleet_summary",
    tag = "fleet",
    summary = "How many sites are measured, and how many pass",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<SummaryReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<SummaryReport>>, Problem> {
    let Question {
        selection,
        kept,
        own,
        small,
    } = question;
    let store = &*state.store;
    let step = if selection.from_ms >= kept.days_ms {
        Step::Day
    } else {
        Step::Week
    };
    let before = compare::before(own.compare, &selection, &kept);
    let previous = async {
        match &before {
            Some(before) => compare::known(of_span(store, before, Dimension::Site).await),
            None => Ok(None),
        }
    };
    let found = of_span(store, &selection, step.by_site());
    let (sites, found, previous) =
        tokio::try_join!(store.sites(), found, previous).map_err(unavailable)?;
    let (of_sites, metrics) = found;
    let report = SummaryReport {
        span: span(&selection, &sites, &of_sites, &metrics),
        previous: previous
            .zip(before.as_ref())
            .map(|((of_sites, metrics), before)| span(before, &sites, &of_sites, &metrics))
            .filter(|before| !small.hides(before.views)),
        step,
        days: days(&selection, step, &of_sites),
    };
    Ok(Json(Answer::compared(selection, before.as_ref(), report)))
}

/// What is known by site and start. Many: a year of a fleet.
type Parts = HashMap<(String, Millis), Known, RandomState>;

/// What is known by site and start, and of the whole.
type OfSpan = (Parts, Vec<DistributionSum>);

async fn of_span(
    store: &dyn Store,
    selection: &Selection,
    by: Dimension,
) -> Result<OfSpan, StoreError> {
    let (views, ratings, metrics) = tokio::try_join!(
        store.counts(selection, Some(Kind::View), Some(by)),
        store.ratings(selection, &CORE, Some(by)),
        store.distributions(selection, None, None),
    )?;
    Ok((known(views, ratings), metrics))
}

fn known(views: Vec<CountSum>, ratings: Vec<RatingSum>) -> Parts {
    let mut known = Parts::default();
    for CountSum { group, count, .. } in views {
        if let Some(place) = place(group) {
            known.entry(place).or_default().views += count;
        }
    }
    for sum in ratings {
        if let Some(place) = place(sum.group) {
            let known = known.entry(place).or_default();
            known.core.add(sum.metric, sum.ratings);
        }
    }
    known
}

/// The site and the start of a group.
fn place(group: Group) -> Option<(String, Millis)> {
    match group {
        Group::SiteTime { site, start_ms } => Some((site, start_ms)),
        Group::Word(site) => Some((site, 0)),
        _ => None,
    }
}

fn span(selection: &Selection, sites: &[Site], known: &Parts, metrics: &[DistributionSum]) -> Span {
    let mut of_site: HashMap<&str, Known, RandomState> = HashMap::default();
    for ((site, _), part) in known {
        let whole = of_site.entry(site).or_default();
        whole.views += part.views;
        whole.core.add_all(&part.core);
    }
    let tally = Tally::of(of_site.values());
    let is_asked = |site: &&Site| {
        let asked = selection.site.as_deref();
        let is_there = site.added_ms < selection.to_ms || of_site.contains_key(&*site.host);
        is_there && asked.is_none_or(|asked| asked == site.host)
    };
    let nothing = Distribution::default();
    let figures = |metric| {
        let sum = metrics.iter().find(|sum| sum.metric == metric);
        Figures::of(metric, sum.map_or(&nothing, |sum| &sum.distribution))
    };
    Span {
        views: whole(tally.views),
        sites: sites.iter().filter(is_asked).count(),
        sites_measured: tally.measured,
        sites_passing: tally.passing,
        views_measured: whole(tally.views_measured),
        views_on_passing_sites: whole(tally.views_passing),
        metrics: ByMetric::new(figures),
    }
}

/// A line for each day, or week, without gaps.
fn days(selection: &Selection, step: Step, known: &Parts) -> Vec<Day> {
    let mut days: BTreeMap<Millis, Tally> = BTreeMap::new();
    let mut start_ms = step.start_of(selection.from_ms);
    while start_ms < selection.to_ms {
        days.insert(start_ms, Tally::default());
        start_ms += step.length_ms();
    }
    for ((_, start_ms), part) in known {
        days.entry(*start_ms).or_default().add(part);
    }
    let day = |(start_ms, tally): (Millis, Tally)| Day {
        start: timestamp(start_ms),
        views: whole(tally.views),
        sites_measured: tally.measured,
        sites_passing: tally.passing,
    };
    days.into_iter().map(day).collect()
}

impl Tally {
    fn of<'a>(sites: impl Iterator<Item = &'a Known>) -> Self {
        let mut tally = Self::default();
        sites.for_each(|site| tally.add(site));
        tally
    }

    fn add(&mut self, site: &Known) {
        self.views += site.views;
        if let Some(passes) = site.core.passes() {
            self.measured += 1;
            self.views_measured += site.views;
            if passes {
                self.passing += 1;
                self.views_passing += site.views;
            }
        }
    }
}

impl Step {
    const fn by_site(self) -> Dimension {
        match self {
            Self::Day => Dimension::SiteDay,
            Self::Week => Dimension::SiteWeek,
        }
    }

    const fn length_ms(self) -> Millis {
        match self {
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }

    /// The start, in UTC, of the step that holds a time.
    const fn start_of(self, time_ms: Millis) -> Millis {
        match self {
            Self::Day => day_of(time_ms),
            Self::Week => week_of(time_ms),
        }
    }
}
