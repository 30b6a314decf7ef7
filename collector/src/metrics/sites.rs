//! Which sites have a label of their own.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use super::OTHER;

/// Which sites have a label of their own: the first ones that are seen, up to a limit. A site never
/// loses its label while the process lives, so no counter ever moves to another label.
pub(super) struct SiteLabels {
    limit: usize,
    named: Mutex<HashSet<String>>,
}

impl SiteLabels {
    pub(super) fn new(limit: usize, first: impl IntoIterator<Item = String>) -> Self {
        Self {
            limit,
            named: Mutex::new(first.into_iter().take(limit).collect()),
        }
    }

    pub(super) fn label<'a>(&self, site: &'a str) -> &'a str {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.contains(site) {
            return site;
        }
        if named.len() < self.limit {
            named.insert(site.to_owned());
            return site;
        }
        OTHER
    }
}
