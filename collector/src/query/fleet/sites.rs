//! `/api/v1/fleet/sites`: a table of sites, sorted, filtered, and read on from where it ended.

use std::collections::HashMap;

use axum::{extract, response::Response};
use foresight_shared::Metric;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        compare::{self, Compare},
        documented::{Failed, Refused},
        figure::whole,
        money::{
            asked::Format,
            table::{self, Cell, Table},
        },
        parameters::Fault,
        scope::{self, Answer, Question},
        small::SmallGroups,
        unavailable,
        value::{DAY_MS, Limit, Word},
    },
    line::{Line, OfSites},
    order::{Order, Place, Sort, Sorting},
};
use crate::{
    event::{HOUR_MS, Kind, Millis, day_of, hour_of, week_of},
    problem::Problem,
    store::{CountSum, Dimension, Group, Kept, Selection, Site, Store, StoreError},
};

/// The longest selection whose sparks are by the hour: a day, and the hour that a range until now touches
/// twice.
const HOURLY_MS: Millis = DAY_MS + HOUR_MS;

/// The longest one whose sparks are by the day.
const DAILY_MS: Millis = 62 * DAY_MS;

/// How many lines are answered at most.
pub(super) type Lines = Limit<100, 10_000>;

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    template: Option<Word>,
    build: Option<Word>,
    search: Option<Word>,
    #[serde(default)]
    sort: Sort,
    metric: Option<Metric>,
    #[serde(default)]
    order: Order,
    limit: Option<Lines>,
    after: Option<Word>,
    compare: Option<Compare>,
    #[serde(default)]
    format: Format,
}

/// Sites, and where the rest of them begins.
#[derive(Serialize, ToSchema)]
#[schema(as = FleetSitesReport)]
struct SitesReport {
    /// How many there are, on all pages.
    total: usize,
    sites: Vec<Line>,
    spark_step: Step,
    next: Option<String>,
    /// Groups that are not told to the one who asks; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    small_groups: Option<SmallGroups>,
}

/// How long the parts of a spark are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FleetSparkStep)]
enum Step {
    Hour,
    Day,
    Week,
}

#[utoipa::path(
    get,
    path = "/api/v1/fleet/sites",
    operation_id = "fleet_sites",
    tag = "fleet",
    summary = "A table of sites: sorted, filtered, page by page",
    params(scope::Span, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", content((Answer<SitesReport> = "application/json"), (String = "text/csv"))),
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
    let sorting = own.sorting(&selection)?;
    let after = own.after.as_ref().map(|after| sorting.read(&after.0));
    let after = after.transpose()?;
    let store = &*state.store;
    let step = step_for(&selection, &kept);
    let before = compare::before(own.compare, &selection, &kept);
    let previous = async {
        match &before {
            Some(before) => compare::known(of_sites(store, before).await),
            None => Ok(None),
        }
    };
    let (sites, sparks, now, previous) = tokio::try_join!(
        store.sites(),
        store.counts(&selection, Some(Kind::View), Some(step.by_site())),
        of_sites(store, &selection),
        previous,
    )
    .map_err(unavailable)?;
    let asked = sites.into_iter().filter(|site| own.wants(site));
    let lines = asked.map(|site| Line::of(site, &now, previous.as_ref()));
    // How many page views a site has tells of nobody; how many of them by one browser in one country does.
    let (lines, small_groups) = if selection.is_filtered() {
        let lines = lines.map(|line| line.without_before(small));
        small.split(lines.collect(), |line| line.views)
    } else {
        (lines.collect(), None)
    };
    let lines = lines.into_iter();
    let lines = lines.map(|line| (sorting.place_of(&line), line)).collect();
    let mut report = report(lines, &sorting, after, own.limit(), step);
    report.small_groups = small_groups;
    add_sparks(&mut report.sites, &selection, step, sparks);
    let answer = Answer::compared(selection, before.as_ref(), report);
    Ok(table::response(own.format, &answer))
}

async fn of_sites(store: &dyn Store, selection: &Selection) -> Result<OfSites, StoreError> {
    let by = Some(Dimension::Site);
    let (views, values) = tokio::try_join!(
        store.counts(selection, Some(Kind::View), by),
        store.distributions(selection, None, by),
    )?;
    Ok(OfSites::new(views, values))
}

impl Own {
    /// The order, if the parameters go together.
    fn sorting(&self, selection: &Selection) -> Result<Sorting, Fault> {
        if selection.site.is_some() {
            return Err(Fault::of("site", "a parameter of this address"));
        }
        let is_change = self.sort == Sort::Change;
        match (is_change, self.metric, self.compare) {
            (true, None, _) => Err(Fault::of("metric", "given if sort is change")),
            (true, _, None) => Err(Fault::of("compare", "given if sort is change")),
            (false, Some(_), _) => Err(Fault::of("metric", "given only if sort is change")),
            _ => Ok(Sorting {
                sort: self.sort,
                metric: self.metric,
                order: self.order,
            }),
        }
    }

    fn wants(&self, site: &Site) -> bool {
        let is = |wanted: &Option<Word>, found: &Option<String>| {
            let wanted = wanted.as_ref().map(|word| word.0.as_str());
            wanted.is_none_or(|wanted| found.as_deref() == Some(wanted))
        };
        let searched = self.search.as_ref();
        is(&self.template, &site.template)
            && is(&self.build, &site.build)
            && searched.is_none_or(|part| site.host.contains(&part.0.to_lowercase()))
    }

    /// How many lines; a file has all, unless it is given.
    fn limit(&self) -> usize {
        match (self.limit, self.format) {
            (None, Format::Csv) => usize::MAX,
            (limit, _) => limit.unwrap_or_default().0 as usize,
        }
    }
}

impl Sorting {
    fn place_of(&self, line: &Line) -> Place {
        let value = match (self.sort, self.metric) {
            (Sort::Views, _) => Some(line.views as f64),
            (Sort::Change, Some(metric)) => line.change(metric),
            (sort, _) => sort.metric().and_then(|metric| line.p75(metric)),
        };
        Place {
            value,
            site: line.site.clone(),
        }
    }
}

/// The wanted part of the lines, in order.
fn report(
    mut lines: Vec<(Place, Line)>,
    sorting: &Sorting,
    after: Option<Place>,
    limit: usize,
    spark_step: Step,
) -> SitesReport {
    let total = lines.len();
    if let Some(after) = after {
        lines.retain(|(place, _)| sorting.compare(place, &after).is_gt());
    }
    lines.sort_by(|(a, _), (b, _)| sorting.compare(a, b));
    let is_more = lines.len() > limit;
    lines.truncate(limit);
    let last = lines.last().filter(|_| is_more);
    SitesReport {
        total,
        next: last.map(|(place, _)| sorting.cursor(place)),
        sites: lines.into_iter().map(|(_, line)| line).collect(),
        spark_step,
        small_groups: None,
    }
}

/// The finest step that does not make too many parts, and for all of which there are sums.
fn step_for(selection: &Selection, kept: &Kept) -> Step {
    let length_ms = selection.to_ms - selection.from_ms;
    if length_ms <= HOURLY_MS && selection.from_ms >= kept.hours_ms {
        Step::Hour
    } else if length_ms <= DAILY_MS && selection.from_ms >= kept.days_ms {
        Step::Day
    } else {
        Step::Week
    }
}

/// Views by part, without gaps.
fn add_sparks(lines: &mut [Line], selection: &Selection, step: Step, sums: Vec<CountSum>) {
    let first_ms = step.start_of(selection.from_ms);
    let parts = (selection.to_ms - first_ms + step.length_ms() - 1) / step.length_ms();
    let parts = usize::try_from(parts).unwrap_or(0);
    let mut places: HashMap<String, &mut Vec<u64>> = HashMap::new();
    for line in lines {
        line.spark = vec![0; parts];
        places.insert(line.site.clone(), &mut line.spark);
    }
    for CountSum { group, count, .. } in sums {
        let Group::SiteTime { site, start_ms } = group else {
            continue;
        };
        let part = usize::try_from((start_ms - first_ms) / step.length_ms());
        let spark = places.get_mut(&site);
        if let (Some(spark), Ok(part)) = (spark, part)
            && let Some(views) = spark.get_mut(part)
        {
            *views += whole(count);
        }
    }
}

impl Step {
    const fn by_site(self) -> Dimension {
        match self {
            Self::Hour => Dimension::SiteHour,
            Self::Day => Dimension::SiteDay,
            Self::Week => Dimension::SiteWeek,
        }
    }

    const fn length_ms(self) -> Millis {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }

    /// The start, in UTC, of the step that holds a time.
    const fn start_of(self, time_ms: Millis) -> Millis {
        match self {
            Self::Hour => hour_of(time_ms),
            Self::Day => day_of(time_ms),
            Self::Week => week_of(time_ms),
        }
    }
}

impl Table for SitesReport {
    const FILE: &'static str = "foresight-sites";
    const COLUMNS: &'static [&'static str] = &Line::COLUMNS;

    fn lines(&self) -> Vec<Vec<Cell>> {
        self.sites.iter().map(Line::cells).collect()
    }
}
