//! `/api/v1/growth/slow`: how often something came of a page view, by how fast it was.

use axum::{Json, extract};
use foresight_shared::{Metric, Rating};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::Refused,
        scope::{self, Answer, Question},
        unavailable,
    },
    rounded,
};
use crate::{
    event::{Device, Kind},
    growth::{Estimated, Figures, REFERENCE_PART, Strata},
    problem::Problem,
    rollup::Band,
    store::{Dimension, Group, Selection, Store, StoreError},
};

/// What may come of a page view.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Lead,
    Share,
    Generation,
}

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    metric: Metric,
    outcome: Outcome,
}

/// Rates by band: of each rating, and finer.
#[derive(Serialize, ToSchema)]
pub(super) struct SlowReport {
    metric: Metric,
    unit: &'static str,
    outcome: Outcome,
    /// What the figures are, and are not.
    claim: &'static str,
    views: u64,
    outcomes: u64,
    unknown: u64,
    strata: usize,
    bands: Vec<Line>,
    finer: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Band)]
struct Line {
    rating: Rating,
    from: f64,
    to: Option<f64>,
    /// Whether the others are compared with it.
    reference: bool,
    views: u64,
    outcomes: u64,
    percent: Option<f64>,
    percent_low: Option<f64>,
    percent_high: Option<f64>,
    difference: Option<f64>,
    difference_low: Option<f64>,
    difference_high: Option<f64>,
    compared: u64,
    adjusted: Option<f64>,
    adjusted_low: Option<f64>,
    adjusted_high: Option<f64>,
    ratio: Option<f64>,
    ratio_low: Option<f64>,
    ratio_high: Option<f64>,
}

impl Outcome {
    const fn kind(self) -> Kind {
        match self {
            Self::Lead => Kind::LeadBand,
            Self::Share => Kind::ShareBand,
            Self::Generation => Kind::OpenedBand,
        }
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/slow",
    operation_id = "growth_slow",
    tag = "growth",
    summary = "How often something came of a page view, by how fast it was",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<SlowReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<SlowReport>>, Problem> {
    let Own { metric, outcome } = question.own;
    let selection = question.selection;
    let strata = strata(&*state.store, &selection, metric, outcome).await;
    let slow = strata.map_err(unavailable)?.report();
    let report = SlowReport {
        metric,
        unit: metric.unit().symbol(),
        outcome,
        claim: "association",
        views: slow.views,
        outcomes: slow.outcomes,
        unknown: slow.unknown,
        strata: slow.strata,
        bands: by_rating(metric, &slow.ratings),
        finer: by_part(metric, &slow.parts),
    };
    Ok(Answer::new(selection, report))
}

/// The views and outcomes of each device class that is asked for, by country.
async fn strata(
    store: &dyn Store,
    selection: &Selection,
    metric: Metric,
    outcome: Outcome,
) -> Result<Strata, StoreError> {
    let mut strata = Strata::new(metric);
    let asked = selection.device.as_deref();
    let words = Device::ALL.into_iter().map(Device::word);
    for device in words.filter(|word| asked.is_none_or(|asked| asked == *word)) {
        let selection = Selection {
            device: Some(device.to_owned()),
            ..selection.clone()
        };
        let by = Some(Dimension::Country);
        let (values, outcomes) = tokio::try_join!(
            store.distributions(&selection, Some(metric), by),
            store.counts(&selection, Some(outcome.kind()), by),
        )?;
        for sum in &values {
            strata.add_values(device, country(&sum.group), &sum.distribution);
        }
        for sum in &outcomes {
            strata.add_outcomes(device, country(&sum.group), &sum.name, sum.count);
        }
    }
    Ok(strata)
}

fn country(group: &Group) -> &str {
    match group {
        Group::Word(country) => country,
        _ => "",
    }
}

fn by_rating(metric: Metric, figures: &[Figures]) -> Vec<Line> {
    let (good, poor) = metric.thresholds();
    let bounds = [(0.0, Some(good)), (good, Some(poor)), (poor, None)];
    let lines = Rating::ALL.into_iter().zip(bounds).zip(figures);
    lines
        .map(|((rating, bounds), figures)| line((rating, bounds), rating == Rating::Good, figures))
        .collect()
}

fn by_part(metric: Metric, figures: &[Figures]) -> Vec<Line> {
    let lines = (0..Band::PARTS).zip(figures);
    lines
        .map(|(part, figures)| {
            let below = part.checked_sub(1);
            let from = below.and_then(|below| Band::upper(metric, below));
            let to = Band::upper(metric, part);
            let rating = to.map_or(Rating::Poor, |to| metric.rate(to));
            let bounds = (from.unwrap_or(0.0), to);
            line(
                (rating, bounds),
                usize::from(part) == REFERENCE_PART,
                figures,
            )
        })
        .collect()
}

/// A band's line, in percent.
fn line(
    (rating, (from, to)): (Rating, (f64, Option<f64>)),
    reference: bool,
    figures: &Figures,
) -> Line {
    let percent = |one: Option<Estimated>| ends(one, 100.0);
    let [rate, rate_low, rate_high] = percent(figures.rate);
    let [difference, difference_low, difference_high] = percent(figures.difference);
    let [adjusted, adjusted_low, adjusted_high] = percent(figures.adjusted_difference);
    let [ratio, ratio_low, ratio_high] = ends(figures.adjusted_ratio, 1.0);
    Line {
        rating,
        from,
        to,
        reference,
        views: figures.seen.views,
        outcomes: figures.seen.outcomes,
        percent: rate,
        percent_low: rate_low,
        percent_high: rate_high,
        difference,
        difference_low,
        difference_high,
        compared: figures.compared,
        adjusted,
        adjusted_low,
        adjusted_high,
        ratio,
        ratio_low,
        ratio_high,
    }
}

/// A number and the ends of its interval, times a factor.
fn ends(one: Option<Estimated>, factor: f64) -> [Option<f64>; 3] {
    let times = |of: fn(Estimated) -> f64| one.map(|one| rounded(of(one) * factor));
    [
        times(|one| one.value),
        times(|one| one.low),
        times(|one| one.high),
    ]
}
