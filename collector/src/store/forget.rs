//! Takes a site out of the fleet's sums by site.
//!
//! In: a host whose own sums are gone, and whose page views no merge adds any more. Out: rows in which it
//! is not named. They are not subtracted but left out, so that neither a difference nor the name stays
//! behind. What must never happen: another site's sums are lost with it.

use super::{
    additions::{Additions, Care, readable},
    block::{Projection, Shape},
    engine::Engine,
    erase,
    error::StoreError,
    levels::{EVERY_LANE, has_lanes},
    rows::{EACH_SITE, Place, Taken, take},
};
use crate::event::Millis;

/// Periods that one transaction goes through.
const AT_ONCE: usize = 24;

/// Leaves a site out of every period.
pub(super) async fn in_each_site(engine: &impl Engine, host: &str) -> Result<(), StoreError> {
    let starts = erase::starts(engine, EACH_SITE).await?;
    for some in starts.chunks(AT_ONCE) {
        let mut transaction = engine.begin().await?;
        transaction.lock_fold().await?;
        let mut sums = Additions::new(Care::Thorough);
        let mut is_named = false;
        for (level, start_ms) in some {
            let range = *start_ms..start_ms + 1;
            for row in take(&mut *transaction, &[EACH_SITE], *level, range).await? {
                is_named |= leave_out(&mut sums, host, (*level, *start_ms), &row)?;
            }
        }
        if is_named {
            sums.put(&mut *transaction).await?;
            transaction.commit().await?;
        } else {
            transaction.roll_back().await?;
        }
    }
    Ok(())
}

/// Adds what is left of a row without a site. Whether the row named it.
fn leave_out(
    sums: &mut Additions,
    host: &str,
    (level, start_ms): (i64, Millis),
    row: &Taken,
) -> Result<bool, StoreError> {
    if !sums.admits(level, row) {
        // Nobody can read it. Its bytes stay as they are, unless they name the site.
        return Ok(false);
    }
    let block = readable(&row.block)?;
    let is_it = |word: &u32| block.words[*word as usize] == host;
    let names =
        |key: &super::block::Key| key.shape() == Shape::Site && key.words().iter().any(is_it);
    let place = Place {
        site: EACH_SITE.to_owned(),
        level,
        lane: if has_lanes(level) {
            row.lane
        } else {
            EVERY_LANE
        },
        start_ms,
    };
    let projection = Projection::Without(host);
    sums.add(place, &row.block, &block, projection, 1)?;
    Ok(block.keys.iter().any(names))
}
