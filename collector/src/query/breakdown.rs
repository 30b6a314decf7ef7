//! `/api/v1/breakdown`: a metric by page, device, country, browser, way of arriving, site, template or build.

mod lines;

use axum::{extract, response::Response};
use foresight_shared::Metric;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::lines::{Parts, parts};
use super::{
    State,
    compare::{self, Compare},
    documented::{Failed, Refused},
    figure::{Figures, whole},
    fleet::{figure, word},
    money::{
        asked::Format,
        table::{self, Cell, Table},
    },
    scope::{self, Answer, Question},
    small::{Small, SmallGroups},
    unavailable,
    value::Limit,
};
use crate::{problem::Problem, rollup::Distribution};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    metric: Metric,
    by: By,
    #[serde(default)]
    limit: Limit,
    compare: Option<Compare>,
    #[serde(default)]
    format: Format,
}

/// What page views are divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BreakdownBy)]
enum By {
    Page,
    Device,
    Country,
    Browser,
    Navigation,
    Site,
    Template,
    Build,
}

/// Lines, most viewed first.
#[derive(Serialize, ToSchema)]
struct BreakdownReport {
    metric: Metric,
    unit: &'static str,
    by: By,
    lines: Vec<Line>,
    /// Groups that are not told to the one who asks; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    small_groups: Option<SmallGroups>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BreakdownLine)]
struct Line {
    value: String,
    /// Of a page: its site.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    site: Option<String>,
    #[serde(flatten)]
    figures: WithViews,
    previous: Option<WithViews>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FiguresWithViews)]
struct WithViews {
    views: u64,
    #[serde(flatten)]
    figures: Figures,
}

/// What a line is about: a value, and of a page its site.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Value {
    value: String,
    site: Option<String>,
}

/// The views of a line and their values of the metric.
#[derive(Clone, Debug, Default)]
struct Part {
    views: i64,
    values: Distribution,
}

#[utoipa::path(
    get,
    path = "/api/v1/breakdown",
    operation_id = "breakdown",
    tag = "reports",
    summary = "A metric by page, device, country, browser, navigation, site, template or build",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", content((Answer<BreakdownReport> = "application/json"), (String = "text/csv"))),
        Refused, Failed
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Response, Problem> {
    let Question {
        selection,
        kept,
        own,
        small,
    } = question;
    let store = &*state.store;
    let most = own.limit.0 as usize;
    let found = parts(store, &own, (&selection, &kept), None).await;
    let mut found: Vec<_> = found.map_err(unavailable)?.into_iter().collect();
    let small_groups;
    (found, small_groups) = small.split(found, |(_, part)| whole(part.views));
    found.sort_by(|(a, x), (b, y)| y.views.cmp(&x.views).then_with(|| a.cmp(b)));
    found.truncate(most);
    let before = compare::before(own.compare, &selection, &kept);
    let previous = match &before {
        Some(before) => {
            let values: Vec<_> = found.iter().map(|(value, _)| value).collect();
            let asked = parts(store, &own, (before, &kept), Some(&values)).await;
            compare::known(asked).map_err(unavailable)?
        }
        None => None,
    };
    let report = BreakdownReport {
        metric: own.metric,
        unit: own.metric.unit().symbol(),
        by: own.by,
        lines: lines(own.metric, found, previous.as_ref(), small),
        small_groups,
    };
    let answer = Answer::compared(selection, before.as_ref(), report);
    Ok(table::response(own.format, &answer))
}

fn lines(
    metric: Metric,
    found: Vec<(Value, Part)>,
    previous: Option<&Parts>,
    small: Small,
) -> Vec<Line> {
    let with_views = |part: &Part| WithViews {
        views: whole(part.views),
        figures: Figures::of(metric, &part.values),
    };
    let nothing = Part::default();
    let line = |(value, part): (Value, Part)| Line {
        figures: with_views(&part),
        previous: previous
            .map(|parts| with_views(parts.get(&value).unwrap_or(&nothing)))
            .filter(|before| !small.hides(before.views)),
        value: value.value,
        site: value.site,
    };
    found.into_iter().map(line).collect()
}

impl Table for BreakdownReport {
    const FILE: &'static str = "foresight-breakdown";
    const COLUMNS: &'static [&'static str] = &[
        "value",
        "site",
        "views",
        "count",
        "p75",
        "p75_low",
        "p75_high",
        "rating",
        "previous_views",
        "previous_count",
        "previous_p75",
        "previous_rating",
    ];

    fn lines(&self) -> Vec<Vec<Cell>> {
        let line = |line: &Line| {
            let figures = &line.figures.figures;
            let before = line.previous.as_ref();
            let figures_before = before.map(|before| &before.figures);
            let count = |count: Option<u64>| count.map_or(Cell::Empty, Cell::Count);
            vec![
                Cell::text(&line.value),
                Cell::maybe(line.site.as_deref()),
                Cell::Count(line.figures.views),
                Cell::Count(figures.count),
                figure(figures.p75),
                figure(figures.p75_low),
                figure(figures.p75_high),
                Cell::maybe(figures.rating.map(word)),
                count(before.map(|before| before.views)),
                count(figures_before.map(|figures| figures.count)),
                figure(figures_before.and_then(|figures| figures.p75)),
                Cell::maybe(figures_before.and_then(|figures| figures.rating).map(word)),
            ]
        };
        // So that the columns of counts add up to the whole.
        let left_out = self.small_groups.map(|left_out| {
            let mut cells = vec![
                Cell::text("(small groups)"),
                Cell::Empty,
                Cell::Count(left_out.views()),
            ];
            cells.resize_with(Self::COLUMNS.len(), || Cell::Empty);
            cells
        });
        self.lines.iter().map(line).chain(left_out).collect()
    }
}
