//! The model: rollups kept in a list, answers by going through all of them. And what stories are
//! made of: page views of few sites, pages and hours, so that much falls together.

use std::collections::BTreeMap;

use foresight::{
    event::{Accepted, Device, Event, HOUR_MS, Kind, Millis, View, day_of, week_of},
    rollup::{Cell, Distribution, Rollup},
    store::{CountSum, Dimension, DistributionSum, Group, PageSum, RatingSum, Selection, Store},
};
use foresight_shared::{Metric, NavigationType};

/// Every dimension, and none.
pub(crate) const BY: [Option<Dimension>; 13] = [
    None,
    Some(Dimension::Site),
    Some(Dimension::Page),
    Some(Dimension::Hour),
    Some(Dimension::Day),
    Some(Dimension::Week),
    Some(Dimension::SiteHour),
    Some(Dimension::SiteDay),
    Some(Dimension::SiteWeek),
    Some(Dimension::Device),
    Some(Dimension::Country),
    Some(Dimension::Browser),
    Some(Dimension::Navigation),
];

/// Everything between two hours.
pub(crate) fn between(from: Millis, to: Millis) -> Selection {
    Selection {
        from_ms: from * HOUR_MS,
        to_ms: to * HOUR_MS,
        site: None,
        page: None,
        device: None,
        country: None,
        browser: None,
        navigation: None,
    }
}

/// A page view of `a.example` in an hour.
pub(crate) fn view(hour: Millis) -> View {
    View {
        site: "a.example".into(),
        template: None,
        build: None,
        page: "/".into(),
        device: Device::Phone,
        country: "DE".into(),
        browser: "Firefox".into(),
        navigation: NavigationType::Navigate,
        start_ms: hour * HOUR_MS,
        received_ms: hour * HOUR_MS,
        counted: true,
    }
}

/// The rollup of one page view.
pub(crate) fn rollup_of(view: View, events: Vec<Event>) -> Rollup {
    let mut rollup = Rollup::default();
    rollup.fold(Accepted { view, events });
    rollup
}

/// A value of LCP, in ms.
pub(crate) fn lcp(value: f64) -> Event {
    Event::Vital {
        metric: Metric::Lcp,
        value,
        was: None,
        element: None,
    }
}

/// The views of everything in the store.
pub(crate) async fn views(store: &dyn Store) -> i64 {
    let counts = store
        .counts(&between(-1000, 1000), Some(Kind::View), None)
        .await;
    counts.unwrap().iter().map(|sum| sum.count).sum()
}

/// The distribution of LCP of everything in the store.
pub(crate) async fn all_lcp(store: &dyn Store) -> Option<Distribution> {
    let all = between(-1000, 1000);
    let mut sums = store
        .distributions(&all, Some(Metric::Lcp), None)
        .await
        .unwrap();
    assert!(sums.len() <= 1, "{sums:?}");
    sums.pop().map(|sum| sum.distribution)
}

/// What [`Store::distributions`] must answer.
pub(crate) fn distributions(
    rollups: &[Rollup],
    selection: &Selection,
    metric: Option<Metric>,
    by: Option<Dimension>,
) -> Vec<DistributionSum> {
    let mut sums: BTreeMap<(Group, Metric), Distribution> = BTreeMap::new();
    for (cell, counts) in rollups.iter().flat_map(|rollup| &rollup.cells) {
        for (found, distribution) in &counts.vitals {
            if selects(selection, cell) && metric.is_none_or(|metric| metric == *found) {
                let sum = sums.entry((group(cell, by), *found)).or_default();
                sum.add(distribution);
            }
        }
    }
    let filled = sums.into_iter().filter(|(_, sum)| !sum.is_empty());
    filled
        .map(|((group, metric), distribution)| DistributionSum {
            group,
            metric,
            distribution,
        })
        .collect()
}

/// What [`Store::causes`] must answer, without a limit.
pub(crate) fn causes(
    rollups: &[Rollup],
    selection: &Selection,
    metric: Metric,
) -> BTreeMap<String, Distribution> {
    let mut sums: BTreeMap<String, Distribution> = BTreeMap::new();
    let is = |wanted: &Option<String>, word: &str| wanted.as_deref().is_none_or(|it| it == word);
    for (cause, distribution) in rollups.iter().flat_map(|rollup| &rollup.causes) {
        if (selection.from_ms..selection.to_ms).contains(&cause.hour_ms)
            && cause.metric == metric
            && is(&selection.site, &cause.site)
            && is(&selection.page, &cause.page)
            && is(&selection.device, cause.device.word())
        {
            sums.entry(cause.element.clone())
                .or_default()
                .add(distribution);
        }
    }
    sums
}

/// What [`Store::counts`] must answer.
pub(crate) fn counts(
    rollups: &[Rollup],
    selection: &Selection,
    kind: Option<Kind>,
    by: Option<Dimension>,
) -> Vec<CountSum> {
    let mut sums: BTreeMap<(Group, Kind, &str), i64> = BTreeMap::new();
    for (cell, counts) in rollups.iter().flat_map(|rollup| &rollup.cells) {
        for ((found, name), count) in &counts.activity {
            if selects(selection, cell) && kind.is_none_or(|kind| kind == *found) {
                *sums.entry((group(cell, by), *found, name)).or_default() += count;
            }
        }
    }
    let filled = sums.into_iter().filter(|(_, count)| *count != 0);
    filled
        .map(|((group, kind, name), count)| CountSum {
            group,
            kind,
            name: name.to_owned(),
            count,
        })
        .collect()
}

fn selects(selection: &Selection, cell: &Cell) -> bool {
    let is = |wanted: &Option<String>, word: &str| wanted.as_deref().is_none_or(|it| it == word);
    (selection.from_ms..selection.to_ms).contains(&cell.hour_ms)
        && is(&selection.site, &cell.site)
        && is(&selection.page, &cell.page)
        && is(&selection.device, cell.device.word())
        && is(&selection.country, &cell.country)
        && is(&selection.browser, &cell.browser)
        && selection.navigation.is_none_or(|it| it == cell.navigation)
}

fn group(cell: &Cell, by: Option<Dimension>) -> Group {
    match by {
        None => Group::All,
        Some(Dimension::Site) => Group::Word(cell.site.clone()),
        Some(Dimension::Page) => Group::Page {
            site: cell.site.clone(),
            page: cell.page.clone(),
        },
        Some(Dimension::Hour) => Group::Hour(cell.hour_ms),
        Some(Dimension::Day) => Group::Hour(day_of(cell.hour_ms)),
        Some(Dimension::Week) => Group::Hour(week_of(cell.hour_ms)),
        Some(Dimension::SiteHour) => of_site(cell, cell.hour_ms),
        Some(Dimension::SiteDay) => of_site(cell, day_of(cell.hour_ms)),
        Some(Dimension::SiteWeek) => of_site(cell, week_of(cell.hour_ms)),
        Some(Dimension::Device) => Group::Word(cell.device.word().to_owned()),
        Some(Dimension::Country) => Group::Word(cell.country.clone()),
        Some(Dimension::Browser) => Group::Word(cell.browser.clone()),
        Some(Dimension::Navigation) => Group::Word(cell.navigation.word().to_owned()),
    }
}

fn of_site(cell: &Cell, start_ms: Millis) -> Group {
    Group::SiteTime {
        site: cell.site.clone(),
        start_ms,
    }
}

/// What [`Store::ratings`] must answer.
pub(crate) fn ratings(
    rollups: &[Rollup],
    selection: &Selection,
    metrics: &[Metric],
    by: Option<Dimension>,
) -> Vec<RatingSum> {
    let all = distributions(rollups, selection, None, by).into_iter();
    let asked = all.filter(|sum| metrics.contains(&sum.metric));
    asked
        .map(|sum| RatingSum {
            group: sum.group,
            metric: sum.metric,
            ratings: sum.distribution.ratings,
        })
        .filter(|sum| sum.ratings != [0; 3])
        .collect()
}

/// What [`Store::pages`] must answer.
pub(crate) fn pages(
    rollups: &[Rollup],
    selection: &Selection,
    metric: Metric,
    limit: usize,
) -> Vec<PageSum> {
    let by = Some(Dimension::Page);
    let views = counts(rollups, selection, Some(Kind::View), by);
    let values = distributions(rollups, selection, Some(metric), by);
    let value = |group: &Group| values.iter().find(|sum| sum.group == *group);
    let page = |sum: CountSum| {
        let distribution = value(&sum.group).map(|sum| sum.distribution.clone());
        let Group::Page { site, page } = sum.group else {
            panic!("by page, but {:?}", sum.group);
        };
        PageSum {
            site,
            page,
            views: sum.count,
            distribution: distribution.unwrap_or_default(),
        }
    };
    let mut pages: Vec<_> = views.into_iter().map(page).collect();
    pages.sort_by_key(|sum| (-sum.views, sum.site.clone(), sum.page.clone()));
    pages.truncate(limit);
    pages
}
