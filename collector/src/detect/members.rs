//! The page views that a cohort holds.
//!
//! In: a cohort's words. Out: for a view, whether it has them. Whole histories are gone through for one
//! cohort, so its words are compared with each leaf once, and a view is looked up. What must never happen:
//! a leaf that came later is taken for one of the cohort.

use super::{cohort::Key, names::Names};

/// The leaves of a cohort.
#[derive(Clone, Debug)]
pub(super) struct Members {
    leaves: Vec<bool>,
    /// Which build a site has depends on the hour; 0: any.
    build: u16,
}

impl Members {
    pub(super) fn of(names: &Names, key: &Key) -> Self {
        let leaves = names.leaves().map(|leaf| key.has(names, leaf));
        Self {
            leaves: leaves.collect(),
            build: key.build,
        }
    }

    /// Whether a view of an hour is one of them.
    pub(super) fn hold(&self, names: &Names, leaf: u32, hour: i64) -> bool {
        let is_one = self.leaves.get(leaf as usize).copied().unwrap_or(false);
        is_one && (self.build == 0 || self.build == names.build(names.of(leaf).site, hour))
    }
}
