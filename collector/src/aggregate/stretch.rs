//! Folds a stretch of the spool.
//!
//! In: records, and what of them the database is known to have. Out: the rollup of the others, what
//! they tell Prometheus, and the records that must be set aside. What must never happen: a record is
//! left out without being in the database or set aside.

use super::{Caps, export::Observations};
use crate::{
    event::{Accepted, Confirmed, Millis, Recorded},
    live::{Feed, Noted},
    rollup::Rollup,
    spool::Stored,
    store::Known,
};

/// A folded stretch.
#[derive(Default)]
pub(super) struct Folded {
    pub(super) rollup: Rollup,
    pub(super) observations: Observations,
    /// Its views, for whoever looks.
    pub(super) live: Vec<Noted>,
    /// Records that are not counted, each with the reason.
    pub(super) aside: Vec<(Stored, String)>,
}

/// The reason for which a server event is set aside when it is too late to refuse it: another
/// collector has merged the key with other content, while this one could not know.
const CONFLICT: &str = "its idempotency key was used with other content";

/// Folds a stretch. `now_ms` is the time of the merge, `opened_goal` the goal of an opened generator.
pub(super) fn fold(
    stretch: &[Stored],
    known: &Known,
    caps: &mut Caps,
    feed: &Feed,
    (now_ms, opened_goal): (Millis, &str),
) -> Folded {
    let mut folded = Folded::default();
    folded.rollup.merged_ms = now_ms;
    folded.rollup.opened_goal = Some(opened_goal.to_owned());
    for record in stretch {
        match Recorded::from_record(&record.payload) {
            Ok(Recorded::Accepted(accepted)) => {
                folded.add_view(accepted, &record.batch_id, known, (&mut *caps, feed));
            }
            Ok(Recorded::Confirmed(confirmed)) => folded.add_event(confirmed, record, known),
            Err(error) => folded.aside.push((record.clone(), error.to_string())),
        }
    }
    folded
}

impl Folded {
    fn add_view(
        &mut self,
        mut accepted: Accepted,
        id: &str,
        known: &Known,
        (caps, feed): (&mut Caps, &Feed),
    ) {
        // Records of before this was kept have no id.
        if !id.is_empty() {
            let key = (accepted.view.site.clone(), id.to_owned());
            if known.batches.contains(&key) {
                self.observations.note_known_batch();
                return;
            }
            self.rollup.batches.push(key);
        }
        let capped = caps.apply(&mut accepted);
        self.observations.note(&accepted, capped);
        self.live.push(feed.note(&accepted));
        self.rollup.fold(accepted);
    }

    fn add_event(&mut self, confirmed: Confirmed, record: &Stored, known: &Known) {
        let key = (confirmed.site().to_owned(), confirmed.event.id.clone());
        match known.events.get(&key) {
            None => {
                self.observations.note_fact(&confirmed.event.fact);
                self.rollup.events.push(confirmed);
            }
            Some(digest) if *digest == confirmed.digest() => self.observations.note_known_event(),
            Some(_) => self.aside.push((record.clone(), CONFLICT.to_owned())),
        }
    }
}
