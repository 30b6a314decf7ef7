//! A site in the table of sites.
//!
//! In: what is known of it. Out: a line, as JSON and as cells. What must never happen: the two say
//! different things.

use std::collections::HashMap;

use foresight_shared::{Metric, Rating};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{
        figure::{ByMetric, Figures, FiguresByMetric, whole},
        money::table::Cell,
        small::Small,
    },
    assessment::Core,
};
use crate::{
    rollup::Distribution,
    store::{CountSum, DistributionSum, Group, Site},
};

/// A site and its figures.
#[derive(Serialize, ToSchema)]
#[schema(as = FleetSite)]
pub(super) struct Line {
    pub(super) site: String,
    template: Option<String>,
    build: Option<String>,
    pub(super) views: u64,
    passes: Option<bool>,
    pub(super) vitals: FiguresByMetric,
    pub(super) previous: Option<Before>,
    pub(super) spark: Vec<u64>,
}

/// Its figures of the span before.
#[derive(Serialize, ToSchema)]
#[schema(as = FleetSiteBefore)]
pub(super) struct Before {
    views: u64,
    pub(super) vitals: FiguresByMetric,
}

/// What is known of sites over a span.
pub(super) struct OfSites {
    views: HashMap<String, i64>,
    values: HashMap<String, Vec<(Metric, Distribution)>>,
}

impl OfSites {
    pub(super) fn new(views: Vec<CountSum>, values: Vec<DistributionSum>) -> Self {
        let mut of = Self {
            views: HashMap::new(),
            values: HashMap::new(),
        };
        for CountSum { group, count, .. } in views {
            if let Group::Word(site) = group {
                *of.views.entry(site).or_default() += count;
            }
        }
        for sum in values {
            if let Group::Word(site) = sum.group {
                let values = of.values.entry(site).or_default();
                values.push((sum.metric, sum.distribution));
            }
        }
        of
    }

    fn views(&self, site: &str) -> u64 {
        self.views.get(site).map_or(0, |views| whole(*views))
    }

    fn values(&self, site: &str) -> &[(Metric, Distribution)] {
        self.values.get(site).map_or(&[], |values| values)
    }

    fn vitals(&self, site: &str) -> ByMetric<Figures> {
        let (values, nothing) = (self.values(site), Distribution::default());
        ByMetric::new(|metric| {
            let found = values.iter().find(|(one, _)| *one == metric);
            Figures::of(metric, found.map_or(&nothing, |(_, values)| values))
        })
    }

    fn passes(&self, site: &str) -> Option<bool> {
        let mut core = Core::default();
        for (metric, values) in self.values(site) {
            core.add(*metric, values.ratings);
        }
        core.passes()
    }
}

impl Line {
    /// The line of a site, without its spark.
    pub(super) fn of(site: Site, now: &OfSites, before: Option<&OfSites>) -> Self {
        let host = &site.host;
        Self {
            views: now.views(host),
            passes: now.passes(host),
            vitals: now.vitals(host),
            previous: before.map(|before| Before {
                views: before.views(host),
                vitals: before.vitals(host),
            }),
            spark: Vec::new(),
            site: site.host,
            template: site.template,
            build: site.build,
        }
    }

    /// Without its figures of before if these were of too few page views.
    pub(super) fn without_before(mut self, small: Small) -> Self {
        self.previous = self.previous.filter(|before| !small.hides(before.views));
        self
    }

    /// The 75th percentile of a metric.
    pub(super) fn p75(&self, metric: Metric) -> Option<f64> {
        p75(&self.vitals, metric)
    }

    /// How much greater it is than before.
    pub(super) fn change(&self, metric: Metric) -> Option<f64> {
        let before = p75(&self.previous.as_ref()?.vitals, metric)?;
        Some(self.p75(metric)? - before)
    }

    /// The columns of a line.
    pub(super) const COLUMNS: [&'static str; 30] = [
        "site",
        "template",
        "build",
        "views",
        "passes",
        "LCP_count",
        "LCP_p75",
        "LCP_rating",
        "LCP_previous_p75",
        "INP_count",
        "INP_p75",
        "INP_rating",
        "INP_previous_p75",
        "CLS_count",
        "CLS_p75",
        "CLS_rating",
        "CLS_previous_p75",
        "FCP_count",
        "FCP_p75",
        "FCP_rating",
        "FCP_previous_p75",
        "TTFB_count",
        "TTFB_p75",
        "TTFB_rating",
        "TTFB_previous_p75",
        "FID_count",
        "FID_p75",
        "FID_rating",
        "FID_previous_p75",
        "previous_views",
    ];

    /// Its cells, in the order of the columns.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let mut cells = vec![
            Cell::text(&self.site),
            Cell::maybe(self.template.as_deref()),
            Cell::maybe(self.build.as_deref()),
            Cell::Count(self.views),
            Cell::maybe(
                self.passes
                    .map(|passes| if passes { "true" } else { "false" }),
            ),
        ];
        for (metric, figures) in self.vitals.iter() {
            let before = self.previous.as_ref();
            let before = before.and_then(|before| p75(&before.vitals, *metric));
            cells.push(Cell::Count(figures.count));
            cells.push(figure(figures.p75));
            cells.push(Cell::maybe(figures.rating.map(word)));
            cells.push(figure(before));
        }
        let before = self.previous.as_ref();
        cells.push(before.map_or(Cell::Empty, |before| Cell::Count(before.views)));
        cells
    }
}

fn p75(vitals: &ByMetric<Figures>, metric: Metric) -> Option<f64> {
    let (_, figures) = vitals.iter().find(|(one, _)| *one == metric)?;
    figures.p75
}

/// A figure, if there is one.
pub(in crate::query) fn figure(figure: Option<f64>) -> Cell {
    figure.map_or(Cell::Empty, Cell::Figure)
}

/// A rating as answers have it.
pub(in crate::query) const fn word(rating: Rating) -> &'static str {
    match rating {
        Rating::Good => "good",
        Rating::NeedsImprovement => "needs-improvement",
        Rating::Poor => "poor",
    }
}
