//! The places of a listener's connections, and who leaves when all are taken.
//!
//! In: connections. Out: a seat for each. Must never happen: somebody who opens connections and says
//! nothing keeps everybody else out. When the last place is taken, those leave whose connection has
//! gone longest without an answered request: of those that are asking something, or of those that are not,
//! whichever are more. So a flood of silent connections, and one of requests that never end, makes room at its
//! own cost. A batch that is cut off so is repeated by its beacon, and counted once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use prometheus::IntCounter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Of so many connections one leaves when all places are taken, at least one: looking for them costs
/// a walk over all, so that it should not be done for each newcomer.
const ONE_OF: usize = 64;

/// A listener's connections.
pub(super) struct Guests {
    places: Arc<Semaphore>,
    seated: Mutex<HashMap<u64, Arc<Seat>>>,
    opened: Instant,
    dismissed: IntCounter,
}

/// One connection's.
struct Seat {
    /// When it was taken or last had an answer, in ns after the listener was opened: a whole ms may pass with
    /// several of them.
    answered_ns: AtomicU64,
    /// Whether a request's header has come that was not answered yet.
    asking: AtomicBool,
    leave: CancellationToken,
}

/// A connection's hold on its place, which it gives up when dropped.
pub(super) struct Guest {
    number: u64,
    seat: Arc<Seat>,
    guests: Arc<Guests>,
    _place: OwnedSemaphorePermit,
}

impl Guests {
    /// Room for so many. `dismissed` counts who had to leave.
    pub(super) fn new(places: usize, dismissed: IntCounter) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places)),
            seated: Mutex::default(),
            opened: Instant::now(),
            dismissed,
        })
    }

    /// A place for a newcomer, who waits for others to leave if there is none. `number` is its own.
    /// `None` only once the listener is gone.
    pub(super) async fn seat(self: &Arc<Self>, number: u64) -> Option<Guest> {
        let places = self.places.clone();
        let place = match places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                self.dismiss();
                places.acquire_owned().await.ok()?
            }
        };
        let seat = Arc::new(Seat {
            answered_ns: AtomicU64::new(self.now_ns()),
            asking: AtomicBool::new(false),
            leave: CancellationToken::new(),
        });
        self.seated().insert(number, seat.clone());
        Some(Guest {
            number,
            seat,
            guests: self.clone(),
            _place: place,
        })
    }

    /// Tells those to leave who went longest without an answer.
    fn dismiss(&self) {
        let seated = self.seated();
        let staying = seated.values().filter(|seat| !seat.leave.is_cancelled());
        let (asking, silent): (Vec<_>, Vec<_>) = staying
            .map(|seat| (seat.answered_ns.load(Ordering::Relaxed), seat))
            .partition(|(_, seat)| seat.asking.load(Ordering::Relaxed));
        let mut longest = if asking.len() > silent.len() {
            asking
        } else {
            silent
        };
        let leaving = (longest.len() / ONE_OF).max(1).min(longest.len());
        if leaving == 0 {
            return;
        }
        longest.select_nth_unstable_by_key(leaving - 1, |(answered_ns, _)| *answered_ns);
        for (_, seat) in &longest[..leaving] {
            seat.leave.cancel();
        }
        self.dismissed.inc_by(leaving as u64);
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn seated(&self) -> MutexGuard<'_, HashMap<u64, Arc<Seat>>> {
        self.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest {
    /// Notes that a request has come.
    pub(super) fn asks(&self) {
        self.seat.asking.store(true, Ordering::Relaxed);
    }

    /// Notes that it was answered.
    pub(super) fn answered(&self) {
        let now_ns = self.guests.now_ns();
        self.seat.asking.store(false, Ordering::Relaxed);
        self.seat.answered_ns.store(now_ns, Ordering::Relaxed);
    }

    /// Done when it has to leave.
    pub(super) async fn told_to_leave(&self) {
        self.seat.leave.cancelled().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.seated().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests(places: usize) -> Arc<Guests> {
        Guests::new(places, IntCounter::new("dismissed", "of a test").unwrap())
    }

    #[tokio::test]
    async fn who_had_no_answer_for_longest_leaves_for_a_newcomer() {
        let guests = guests(3);
        let mut seats = Vec::new();
        for number in 0..3 {
            seats.push(guests.seat(number).await.unwrap());
        }
        for (guest, answered_ns) in seats.iter().zip([20, 10, 30]) {
            guest.seat.answered_ns.store(answered_ns, Ordering::Relaxed);
        }
        let newcomer = tokio::spawn({
            let guests = guests.clone();
            async move { guests.seat(3).await.map(|guest| guest.number) }
        });
        seats[1].told_to_leave().await;
        drop(seats.remove(1));
        assert_eq!(newcomer.await.unwrap(), Some(3));
        assert!(seats.iter().all(|guest| !guest.seat.leave.is_cancelled()));
        assert_eq!(guests.dismissed.get(), 1);
    }

    #[tokio::test]
    async fn the_larger_of_those_who_ask_and_those_who_do_not_makes_room() {
        for (asking, leaver) in [
            ([true, true, false, false, false], 2),
            ([false, false, true, true, true], 2),
        ] {
            let guests = guests(5);
            let mut seats = Vec::new();
            for (number, asks) in (0..).zip(asking) {
                let guest = guests.seat(number).await.unwrap();
                guest.seat.answered_ns.store(number, Ordering::Relaxed);
                if asks {
                    guest.asks();
                }
                seats.push(guest);
            }
            guests.dismiss();
            let left = seats
                .iter()
                .position(|guest| guest.seat.leave.is_cancelled());
            assert_eq!(left, Some(leaver));
            assert_eq!(guests.dismissed.get(), 1);
        }
    }

    #[tokio::test]
    async fn a_place_that_is_given_up_is_free_again_and_nobody_has_to_leave() {
        let guests = guests(1);
        for number in 0..5 {
            drop(guests.seat(number).await.unwrap());
        }
        assert_eq!((guests.seated().len(), guests.dismissed.get()), (0, 0));
    }
}
