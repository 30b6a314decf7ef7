//! Which names have a label of their own: of sites, and of what servers tell.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use super::OTHER;

/// Which names have a label of their own: the first ones that are seen, up to a limit. A name never
/// loses its label while the process lives, so no counter ever moves to another label.
pub(super) struct Labels {
    limit: usize,
    named: Mutex<HashSet<String>>,
}

impl Labels {
    pub(super) fn new(limit: usize, first: impl IntoIterator<Item = String>) -> Self {
        Self {
            limit,
            named: Mutex::new(first.into_iter().take(limit).collect()),
        }
    }

    pub(super) fn label<'a>(&self, name: &'a str) -> &'a str {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.contains(name) {
            return name;
        }
        if named.len() < self.limit {
            named.insert(name.to_owned());
            return name;
        }
        OTHER
    }
}
