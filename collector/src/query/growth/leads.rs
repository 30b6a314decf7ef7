//! `/api/v1/growth/leads`: leads for each visit, and how good they are.

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::{ForAnalysts, Refused},
        figure,
        scope::{self, Answer, Question},
        unavailable,
        value::Limit,
    },
    rounded,
};
use crate::{
    event::Kind,
    growth::{self, LeadFigures},
    problem::Problem,
    store::{CountSum, Dimension, Group, Lead, Selection, Site},
};

/// What sites are told apart by.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LeadsBy)]
enum By {
    Site,
    Template,
}

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    by: Option<By>,
    #[serde(default)]
    limit: Limit,
}

/// Leads of all sites, or of each group, most visits first; and where the confirmed ones came from.
#[derive(Serialize, ToSchema)]
pub(super) struct LeadsReport {
    by: Option<By>,
    leads: Vec<Line>,
    sources: Vec<Source>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LeadsLine)]
struct Line {
    value: String,
    #[serde(flatten)]
    figures: LeadFigures,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LeadsSource)]
struct Source {
    source: String,
    confirmed: u64,
    average: Option<f64>,
}

/// What was counted of some sites.
#[derive(Default)]
struct Sums<'a> {
    visits: i64,
    opened: i64,
    observed: i64,
    confirmed: Vec<&'a Lead>,
}

#[utoipa::path(
    get,
    path = "/api/v1/growth/leads",
    operation_id = "growth_leads",
    tag = "growth",
    summary = "Leads for each visit, and how good they are",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<LeadsReport>),
        Refused, ForAnalysts
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<LeadsReport>>, Problem> {
    // Servers do not know on which page or device a lead was left.
    let selection = Selection {
        page: None,
        device: None,
        country: None,
        browser: None,
        navigation: None,
        ..question.selection
    };
    let by = Some(Dimension::Site);
    let (visits, observed, goals, confirmed, sites) = tokio::try_join!(
        state.store.counts(&selection, Some(Kind::Visit), by),
        state.store.counts(&selection, Some(Kind::Lead), by),
        state.store.counts(&selection, Some(Kind::Conversion), by),
        state.store.leads(selection.from_ms, selection.to_ms),
        state.store.sites(),
    )
    .map_err(unavailable)?;
    let is_asked = |lead: &Lead| {
        selection
            .site
            .as_deref()
            .is_none_or(|site| site == lead.site)
    };
    let confirmed: Vec<_> = confirmed.into_iter().filter(is_asked).collect();
    let is_opened = |sum: &CountSum| sum.name == state.rules.opened_goal;
    let opened: Vec<_> = goals.into_iter().filter(is_opened).collect();
    let key = key(question.own.by, &sites);
    let mut sums: BTreeMap<String, Sums<'_>> = BTreeMap::new();
    for sum in &visits {
        sums.entry(key(site_of(sum))).or_default().visits += sum.count;
    }
    for sum in &observed {
        sums.entry(key(site_of(sum))).or_default().observed += sum.count;
    }
    for sum in &opened {
        sums.entry(key(site_of(sum))).or_default().opened += sum.count;
    }
    for lead in &confirmed {
        sums.entry(key(&lead.site))
            .or_default()
            .confirmed
            .push(lead);
    }
    let mut leads: Vec<_> = sums.into_iter().map(line).collect();
    // Those with as many keep the order of their names.
    leads.sort_by_key(|line| std::cmp::Reverse(line.figures.visits));
    leads.truncate(question.own.limit.0 as usize);
    let report = LeadsReport {
        by: question.own.by,
        leads,
        sources: sources(&confirmed),
    };
    Ok(Answer::new(selection, report))
}

/// What a site is counted under.
fn key(by: Option<By>, sites: &[Site]) -> impl Fn(&str) -> String {
    let template = |site: &Site| Some((site.host.clone(), site.template.clone()?));
    let templates: HashMap<_, _> = sites.iter().filter_map(template).collect();
    move |site| match by {
        None => "all".to_owned(),
        Some(By::Site) => site.to_owned(),
        Some(By::Template) => {
            let template = templates.get(site);
            template.map_or_else(|| "unknown".to_owned(), String::clone)
        }
    }
}

fn site_of(sum: &CountSum) -> &str {
    match &sum.group {
        Group::Word(site) => site,
        _ => "",
    }
}

fn line((value, sums): (String, Sums<'_>)) -> Line {
    let whole = figure::whole;
    let mut figures = growth::leads(
        whole(sums.visits),
        whole(sums.opened),
        whole(sums.observed),
        sums.confirmed,
    );
    figures.observed_percent = figures.observed_percent.map(rounded);
    figures.confirmed_percent = figures.confirmed_percent.map(rounded);
    figures.quality.average = figures.quality.average.map(rounded);
    Line { value, figures }
}

/// Where confirmed leads came from, most frequent first.
fn sources(confirmed: &[Lead]) -> Vec<Source> {
    let mut by_source: BTreeMap<&str, Vec<&Lead>> = BTreeMap::new();
    for lead in confirmed {
        by_source.entry(&lead.source).or_default().push(lead);
    }
    let source = |(source, leads): (&str, Vec<&Lead>)| {
        let figures = growth::leads(0, 0, 0, leads);
        Source {
            source: source.to_owned(),
            confirmed: figures.confirmed,
            average: figures.quality.average.map(rounded),
        }
    };
    let mut sources: Vec<_> = by_source.into_iter().map(source).collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.confirmed));
    sources
}
