//! How many requests are worked on at once. More would only wait for the disk and for one another,
//! and everybody would be answered late; so the ones too many are told at once to come again.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::refusal::Refusal;

/// A number of places. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A gate with so many places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    /// Whether there is a place just now.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.0.available_permits() == 0 {
            return Err(Refusal::Overloaded);
        }
        Ok(())
    }

    /// Takes a place until it is dropped. Nobody waits for one.
    pub(super) fn enter(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.0.try_acquire().map_err(|_| Refusal::Overloaded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_refused_until_a_place_is_free() {
        let gate = Gate::new(2);
        let first = gate.enter().unwrap();
        assert!(gate.check().is_ok());
        let _second = gate.enter().unwrap();
        assert!(gate.check().is_err() && gate.enter().is_err());
        drop(first);
        assert!(gate.check().is_ok() && gate.enter().is_ok());
    }
}
