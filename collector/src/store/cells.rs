//! Every cell of some hours, as rollups had them: for who looks at all words of page views at once.
//!
//! In: a range of hours. Out: cells with their distributions. What must never happen: a value is read
//! from two levels, or hours that were dropped are taken for hours without views.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use foresight_shared::{Metric, NavigationType};
use futures_util::TryStreamExt;

use super::{
    CellSum,
    block::{Parsed, Shape},
    engine::Engine,
    erase,
    error::StoreError,
    filter::Filter,
    levels::Kept,
};
use crate::{
    event::{Device, Millis},
    rollup::{Cell, Distribution},
};

/// What rows of a range add up to.
type Sums = HashMap<Cell, Vec<(Metric, Distribution)>, RandomState>;

/// The cells of a range, each once.
pub(super) async fn cells(
    engine: &impl Engine,
    from_ms: Millis,
    to_ms: Millis,
) -> Result<Vec<CellSum>, StoreError> {
    let mut filter = Filter::default();
    let site = filter.site(None);
    let stretches = Kept::by_hour(from_ms, to_ms).into_iter().map(|stretch| {
        include_str!("sql/select_sums.sql")
            .replace(":site", &site)
            .replace(":level", &stretch.level.to_string())
            .replace(":lanes", "-1")
            .replace(":from", &filter.value(stretch.from_ms))
            .replace(":to", &filter.value(stretch.to_ms))
    });
    let mut parts: Vec<_> = stretches.collect();
    parts.push(include_str!("sql/select_kept_beside.sql").to_owned());
    let mut rows = engine.rows(filter.statement(&parts.join("union all\n"), &[]));
    let (mut sums, mut kept) = (Sums::default(), Kept::default());
    while let Some(row) = rows.try_next().await? {
        let level = i64::from(row.small(1)?);
        if level >= super::questions::KEPT {
            erase::keep(&mut kept, level - super::questions::KEPT, row.number(2)?)?;
            continue;
        }
        add(&mut sums, row.text(0)?, row.number(2)?, row.bytes(3)?)?;
    }
    if from_ms < kept.hours_ms {
        return Err(StoreError::Coarse {
            since_ms: kept.hours_ms,
        });
    }
    Ok(sums.into_iter().collect())
}

/// Adds a block of a site's hour.
fn add(sums: &mut Sums, site: &str, hour_ms: Millis, bytes: &[u8]) -> Result<(), StoreError> {
    let block = Parsed::of(bytes)?;
    for section in &block.sections {
        let metric = Metric::ALL
            .into_iter()
            .find(|metric| section.lane == super::block::Lane::vital(*metric));
        let Some(metric) = metric else { continue };
        for entry in section.entries() {
            let (key, value) = entry?;
            let key = &block.keys[key];
            if key.shape() != Shape::View {
                continue;
            }
            let words: Vec<_> = key
                .words()
                .iter()
                .map(|at| block.words[*at as usize])
                .collect();
            let Some(cell) = cell(site, hour_ms, &words) else {
                continue;
            };
            let of_cell = sums.entry(cell).or_default();
            let known = of_cell.iter().position(|(known, _)| *known == metric);
            let at = known.unwrap_or_else(|| {
                of_cell.push((metric, Distribution::default()));
                of_cell.len() - 1
            });
            section.lane.add(&mut of_cell[at].1, value, 1)?;
        }
    }
    Ok(())
}

/// The cell of a view's words; none if a later version has other words for devices or navigations.
fn cell(site: &str, hour_ms: Millis, words: &[&str]) -> Option<Cell> {
    let [page, device, country, browser, navigation, ..] = words else {
        return None;
    };
    let word = *device;
    Some(Cell {
        site: site.to_owned(),
        hour_ms,
        page: (*page).to_owned(),
        device: Device::ALL.into_iter().find(|one| one.word() == word)?,
        country: (*country).to_owned(),
        browser: (*browser).to_owned(),
        navigation: NavigationType::from_word(navigation)?,
    })
}
