//! Adds up what merges appended: flushes by hours, hours by days, days by weeks.
//!
//! A transaction handles a few sites: it takes the rows it sees, adds them to those of the next
//! level, and puts them down. Hours stay beside their day, and days beside their week, one level
//! further, so that every level is whole. A merge may append at the same time: its rows are not seen,
//! and the next fold adds them. A damaged row goes back as it was and is in no sum, beside it all others
//! are added up. What must never happen: a row is taken away and not in a sum, one damaged row holds up
//! others, or two folds run at once.

use futures_util::TryStreamExt;

use super::{
    additions::{Additions, Care},
    block::{Parsed, Projection},
    engine::{Engine, Statement, Transaction},
    erase,
    error::StoreError,
    levels::{DAY, DAY_IN_WEEK, EVERY_LANE, FLUSH, HOUR, HOUR_IN_DAY, Kept, WEEK},
    rows::{EACH_SITE, FLEET, Place, Taken, lanes_of, take},
};
use crate::event::{Millis, day_of, hour_of, week_of};

/// Sites of one transaction. Each reads the fleet's rows and puts them down anew.
const SITES: usize = 128;

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Flushes by the hour, for each site and for the fleet.
    Hours,
    /// Hours by the day. Of a page view's words only one beside the device is kept.
    Days,
    /// Days by the week.
    Weeks,
}

impl Step {
    /// The level whose rows are taken.
    const fn from(self) -> i64 {
        match self {
            Self::Hours => FLUSH,
            Self::Days => HOUR,
            Self::Weeks => DAY,
        }
    }

    /// The end of the last period that has ended by a time.
    const fn end(self, before_ms: Millis) -> Millis {
        match self {
            Self::Hours | Self::Days => hour_of(before_ms),
            Self::Weeks => week_of(before_ms),
        }
    }
}

/// What a transaction did.
#[derive(Default)]
struct Folded {
    /// Rows that it took.
    rows: u64,
    /// What is wrong with the first damaged row.
    damage: Option<StoreError>,
}

/// Adds up the rows of hours, or of weeks, that ended by `before_ms`. Returns how many rows were
/// taken. If some are damaged, all others are taken, and the first damage is the answer.
pub(super) async fn fold(
    engine: &impl Engine,
    step: Step,
    before_ms: Millis,
) -> Result<u64, StoreError> {
    let end_ms = step.end(before_ms);
    let mut all = Folded::default();
    for sites in due(engine, step, end_ms).await?.chunks(SITES) {
        let folded = match fold_sites(engine, step, sites, end_ms, Care::Quick).await {
            // Rarely, so that reading every row twice is for then.
            Err(error) if error.is_of_rows() => {
                fold_sites(engine, step, sites, end_ms, Care::Thorough).await?
            }
            folded => folded?,
        };
        let Some(folded) = folded else { break };
        all.rows += folded.rows;
        all.damage = all.damage.or(folded.damage);
    }
    all.damage.map_or(Ok(all.rows), Err)
}

/// The sites that have something to be added up.
async fn due(engine: &impl Engine, step: Step, end_ms: Millis) -> Result<Vec<String>, StoreError> {
    let sql = include_str!("sql/select_due.sql").replace(":lanes", &lanes_of(step.from()));
    let select = Statement {
        sql: sql.into(),
        values: vec![step.from().into(), end_ms.into()],
    };
    let mut rows = engine.rows(select);
    let mut sites = Vec::new();
    while let Some(row) = rows.try_next().await? {
        sites.push(row.text(0)?.to_owned());
    }
    Ok(sites)
}

/// One transaction. `None` if another process folds.
async fn fold_sites(
    engine: &impl Engine,
    step: Step,
    sites: &[String],
    end_ms: Millis,
    care: Care,
) -> Result<Option<Folded>, StoreError> {
    let kept = erase::kept(engine).await?;
    let mut transaction = engine.begin().await?;
    if !transaction.try_lock_fold().await? {
        return Ok(None);
    }
    match fold_in(&mut *transaction, step, (sites, end_ms), &kept, care).await {
        Ok(folded) => {
            transaction.commit().await?;
            Ok(Some(folded))
        }
        Err(error) => {
            // Waited for: a second try would meet the lock of the first.
            transaction.roll_back().await?;
            Err(error)
        }
    }
}

async fn fold_in(
    transaction: &mut dyn Transaction,
    step: Step,
    (sites, end_ms): (&[String], Millis),
    kept: &Kept,
    care: Care,
) -> Result<Folded, StoreError> {
    let mut additions = Additions::new(care);
    let mut folded = Folded::default();
    let sites: Vec<_> = sites.iter().map(String::as_str).collect();
    let level = step.from();
    for row in take(transaction, &sites, level, Millis::MIN..end_ms).await? {
        if additions.admits(level, &row) {
            add(&mut additions, step, &row, kept)?;
            folded.rows += 1;
        }
    }
    folded.damage = additions.put(transaction).await?;
    Ok(folded)
}

/// Where a row's sums go.
fn add(additions: &mut Additions, step: Step, row: &Taken, kept: &Kept) -> Result<(), StoreError> {
    let site = &*row.site;
    let parsed = Parsed::of(&row.block)?;
    let mut add = |site: &str, (level, lane, start_ms): (i64, i64, Millis), projection| {
        let place = Place {
            site: site.to_owned(),
            level,
            lane,
            start_ms,
        };
        additions.add(place, &row.block, &parsed, projection, 1)
    };
    match step {
        Step::Hours => {
            let hour = (HOUR, EVERY_LANE, row.start_ms);
            add(site, hour, Projection::Same)?;
            add(FLEET, hour, Projection::Fleet)?;
            add(EACH_SITE, hour, Projection::OfSite(site))
        }
        Step::Days => {
            let day = (DAY, EVERY_LANE, day_of(row.start_ms));
            add(site, day, Projection::Facets)?;
            if row.start_ms < kept.hours_ms {
                return Ok(());
            }
            add(
                site,
                (HOUR_IN_DAY, EVERY_LANE, row.start_ms),
                Projection::Same,
            )
        }
        Step::Weeks => {
            let week = (WEEK, EVERY_LANE, week_of(row.start_ms));
            add(site, week, Projection::Same)?;
            if row.start_ms < kept.days_ms {
                return Ok(());
            }
            add(
                site,
                (DAY_IN_WEEK, row.lane, row.start_ms),
                Projection::Same,
            )
        }
    }
}
