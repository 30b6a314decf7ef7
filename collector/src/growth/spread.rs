//! How deep shares and owners lead to one another.
//!
//! In: a fleet and a range. Out: counts by depth, without gaps. A share is as deep as the number of
//! known shares that led to it; an owner as deep as the number of owners who brought one another down
//! to them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{attribution::Verdict, fleet::Fleet};
use crate::event::Millis;

/// What is at one depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Depth {
    /// The depth; roots have 0.
    pub depth: usize,
    /// Shares, or owners.
    pub count: usize,
    /// Qualified new owners whom these have brought.
    pub qualified: usize,
}

/// The shares of a range by depth.
#[must_use]
pub fn share_depths(fleet: &Fleet<'_>, (from_ms, to_ms): (Millis, Millis)) -> Vec<Depth> {
    let mut brought = vec![0; fleet.shares.len()];
    for conversion in &fleet.conversions {
        if let (Verdict::Qualified, Some(share)) = (conversion.verdict, conversion.share) {
            brought[share] += 1;
        }
    }
    let shares = fleet.shares.iter().zip(brought);
    let shares = shares.filter(|(share, _)| (from_ms..to_ms).contains(&share.link.shared_ms));
    count(shares.map(|(share, brought)| (share.depth, brought)))
}

/// The owners who came in a range by depth.
#[must_use]
pub fn owner_depths(fleet: &Fleet<'_>, (from_ms, to_ms): (Millis, Millis)) -> Vec<Depth> {
    let owners = fleet.owners.iter();
    let owners = owners.filter(|owner| (from_ms..to_ms).contains(&owner.first_ms));
    count(owners.map(|owner| (owner.depth, owner.conversions.len())))
}

fn count(all: impl Iterator<Item = (usize, usize)>) -> Vec<Depth> {
    let mut depths: Vec<Depth> = Vec::new();
    for (depth, brought) in all {
        while depths.len() <= depth {
            depths.push(Depth {
                depth: depths.len(),
                ..Depth::default()
            });
        }
        depths[depth].count += 1;
        depths[depth].qualified += brought;
    }
    depths
}
