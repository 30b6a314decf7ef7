//! Batches on their way.
//!
//! In: a view's events, and the answers to what was posted. Out: batches to post now or later. A
//! batch keeps its id when it is posted again, so that it is counted once; it is posted again only
//! a bounded number of times, and never before the time the collector asked for.

use foresight_shared::limits;

use crate::{
    encode::{self, Envelope},
    number::{between, least},
    view::View,
};

/// How often a batch is posted at most.
pub const TRIES: u32 = 5;

/// How long (ms) the first repeat waits at least; each further one waits twice as long.
pub const FIRST_WAIT_MS: f64 = 4000.0;

/// Batches that are kept for a repeat. When there are more, the oldest is given up.
pub const KEPT: usize = 8;

/// A batch's size in bytes at which another one is begun.
const FULL_BYTES: usize = limits::BATCH_BYTES - 4096;

/// What the outbox needs of the world: clocks, ids and the network.
pub trait World {
    /// Ms since the document's time origin.
    fn now(&self) -> f64;
    /// Ms since 1970.
    fn wall(&self) -> u64;
    /// A random id.
    fn id(&mut self) -> String;
    /// Posts a batch. The answer is reported to [`Outbox::answered`] with the ticket; nobody waits
    /// for it if that is 0, because the page is leaving.
    fn post(&mut self, body: &str, ticket: u32);
}

/// A posted batch whose answer is open, or which waits to be posted again.
#[derive(Clone, Debug)]
struct Open {
    ticket: u32,
    body: String,
    tries: u32,
    /// When to post it again; infinite while its answer is open.
    due: f64,
}

/// The batches of a document.
#[derive(Clone, Debug)]
pub struct Outbox {
    site: String,
    tickets: u32,
    open: Vec<Open>,
}

impl Outbox {
    /// An empty outbox for the site with that token.
    #[must_use]
    pub fn new(site: &str) -> Self {
        Self { site: site.into(), tickets: 0, open: Vec::new() }
    }

    /// Posts events in batches: none if there is nothing to tell and the view is counted, more than
    /// one if they do not fit. Unless the page is `leaving`, batches are kept until their answer.
    pub fn send(&mut self, view: &mut View, events: &[String], leaving: bool, world: &mut dyn World) {
        // The cast makes nothing negative.
        let age = (world.now() - view.vitals.start) as u64;
        let mut rest = events;
        while !rest.is_empty() || view.seq == 0 {
            // A collector would refuse it: numbers that old were already reported.
            if age > limits::AGE_MS || view.seq > limits::SEQUENCE {
                break;
            }
            let can = view.introduce();
            let envelope = Envelope {
                site: &self.site,
                id: &world.id(),
                sent: world.wall(),
                view: &view.id,
                seq: view.seq,
                age,
                can,
            };
            let mut body = encode::open(&envelope, &view.facts);
            rest = fill(&mut body, rest);
            view.seq += 1;
            if leaving {
                world.post(&body, 0);
            } else {
                self.keep(body, world);
            }
        }
    }

    fn keep(&mut self, body: String, world: &mut dyn World) {
        self.tickets += 1;
        world.post(&body, self.tickets);
        if self.open.len() == KEPT {
            self.open.remove(0);
        }
        self.open.push(Open { ticket: self.tickets, body, tries: 1, due: f64::INFINITY });
    }

    /// The batch with that ticket was answered with an HTTP status, or 0 if it did not arrive.
    /// `wait` is what the collector asked to wait, in ms.
    pub fn answered(&mut self, ticket: u32, status: u16, wait: f64, now: f64) {
        let Some(index) = self.open.iter().position(|open| open.ticket == ticket) else {
            return;
        };
        let again = status == 0 || status == 408 || status == 429 || status >= 500;
        let open = &mut self.open[index];
        if !again || open.tries == TRIES {
            self.open.remove(index);
            return;
        }
        let doubled = FIRST_WAIT_MS * f64::from(1_u32 << (open.tries - 1));
        open.due = now + between(wait, doubled, f64::MAX);
        open.tries += 1;
    }

    /// When the next batch is to be posted again; infinite if none is.
    #[must_use]
    pub fn due(&self) -> f64 {
        self.open.iter().fold(f64::INFINITY, |due, open| least(due, open.due))
    }

    /// Posts again what is due. When the page is `leaving`, the batches that wait get their last
    /// chance, whatever they were told to wait: it is a few requests per view at most, and the
    /// alternative is to lose a lead.
    pub fn repeat(&mut self, leaving: bool, world: &mut dyn World) {
        for open in &mut self.open {
            if open.due <= world.now() || (leaving && open.due.is_finite()) {
                open.due = f64::INFINITY;
                world.post(&open.body, if leaving { 0 } else { open.ticket });
            }
        }
    }
}

/// Writes as many events as fit into an opened batch, at least one, and closes it. Returns the rest.
fn fill<'a>(body: &mut String, events: &'a [String]) -> &'a [String] {
    let mut told = 0;
    for event in events {
        let full = body.len() + event.len() > FULL_BYTES || told == limits::BATCH_EVENTS;
        if told > 0 {
            if full {
                break;
            }
            body.push_str(",");
        }
        body.push_str(event);
        told += 1;
    }
    body.push_str("]}");
    &events[told..]
}

#[cfg(test)]
pub(crate) mod tests {
    use foresight_shared::Batch;

    use super::*;
    use crate::{
        custom,
        event::Event,
        view::tests::{ALL, facts},
        vitals::Vitals,
    };

    /// A world whose clock is set by hand and whose posts are collected.
    #[derive(Default)]
    pub(crate) struct Paper {
        pub(crate) now: f64,
        pub(crate) posts: Vec<(String, u32)>,
    }

    impl World for Paper {
        fn now(&self) -> f64 {
            self.now
        }
        fn wall(&self) -> u64 {
            9
        }
        fn id(&mut self) -> String {
            String::from("Zq3xV0mW9kT1bYc7RhLp2A")
        }
        fn post(&mut self, body: &str, ticket: u32) {
            self.posts.push((body.into(), ticket));
        }
    }

    fn scene() -> (Outbox, View, Paper) {
        let vitals = Vitals::new(0.0, f64::INFINITY, false, 0.0);
        let view = View::new("f8QmJ2sK0xWc4TnVbR6uEg", facts(), vitals, 0, ALL);
        (Outbox::new("t"), view, Paper { now: 1234.5, ..Paper::default() })
    }

    fn lead() -> [String; 1] {
        [String::from(r#"{"lead":{}}"#)]
    }

    #[test]
    fn a_view_is_counted_once_and_then_only_news_are_sent() {
        let (mut outbox, mut view, mut world) = scene();
        outbox.send(&mut view, &[], true, &mut world);
        outbox.send(&mut view, &[], true, &mut world);
        outbox.send(&mut view, &lead(), true, &mut world);
        let read = |index: usize| serde_json::from_str::<Batch<'_>>(&world.posts[index].0).unwrap();
        assert_eq!(world.posts.len(), 2);
        assert_eq!((read(0).view.seq, read(0).view.age, read(0).view.can.len()), (0, 1234, 6));
        assert_eq!((read(1).view.seq, read(1).view.can.len(), read(1).events.len()), (1, 0, 1));
    }

    #[test]
    fn large_events_are_spread_over_batches_within_the_limit() {
        let value = "\u{1}".repeat(128);
        let flat: String = (0..16).map(|i| format!("k{i}\x1fs\x1f{value}\x1f")).collect();
        let event = encode::event(&Event::Custom { name: "x", props: &custom::props(&flat) }, &crate::label::Labels::default());
        let (mut outbox, mut view, mut world) = scene();
        outbox.send(&mut view, &vec![event; 20], true, &mut world);
        let mut told = 0;
        for (seq, (body, _)) in world.posts.iter().enumerate() {
            assert!(body.len() <= limits::BATCH_BYTES);
            let batch: Batch<'_> = serde_json::from_str(body).unwrap();
            assert_eq!(batch.view.seq as usize, seq);
            told += batch.events.len();
        }
        assert!(world.posts.len() > 1);
        assert_eq!(told, 20);
    }

    #[test]
    fn a_refused_batch_is_repeated_with_the_same_body_after_the_wait() {
        let (mut outbox, mut view, mut world) = scene();
        outbox.send(&mut view, &lead(), false, &mut world);
        let (body, ticket) = world.posts[0].clone();
        assert_eq!(outbox.due(), f64::INFINITY);
        outbox.answered(ticket, 503, 60_000.0, 100.0);
        assert_eq!(outbox.due(), 60_100.0);
        world.now = 60_000.0;
        outbox.repeat(false, &mut world);
        assert_eq!(world.posts.len(), 1);
        world.now = 60_100.0;
        outbox.repeat(false, &mut world);
        assert_eq!(world.posts[1], (body, ticket));
        outbox.answered(ticket, 202, 0.0, 60_200.0);
        outbox.repeat(true, &mut world);
        assert_eq!((outbox.due(), world.posts.len()), (f64::INFINITY, 2));
    }

    #[test]
    fn repeats_end_and_what_is_wrong_is_never_repeated() {
        let (mut outbox, mut view, mut world) = scene();
        outbox.send(&mut view, &lead(), false, &mut world);
        for wait in [4000.0, 8000.0, 16_000.0, 32_000.0] {
            outbox.answered(1, 0, 0.0, world.now);
            assert_eq!(outbox.due(), world.now + wait);
            world.now = outbox.due();
            outbox.repeat(false, &mut world);
        }
        outbox.answered(1, 0, 0.0, world.now);
        assert_eq!((outbox.due(), world.posts.len()), (f64::INFINITY, 5));
        outbox.send(&mut view, &lead(), false, &mut world);
        outbox.answered(2, 422, 0.0, world.now);
        outbox.repeat(true, &mut world);
        assert_eq!((outbox.due(), world.posts.len()), (f64::INFINITY, 6));
    }

    #[test]
    fn what_waits_gets_a_last_chance_and_the_oldest_gives_way() {
        let (mut outbox, mut view, mut world) = scene();
        for _ in 0..KEPT + 2 {
            outbox.send(&mut view, &lead(), false, &mut world);
        }
        for (_, ticket) in world.posts.clone() {
            outbox.answered(ticket, 0, 0.0, 0.0);
        }
        world.posts.clear();
        outbox.repeat(true, &mut world);
        outbox.repeat(true, &mut world);
        assert_eq!(world.posts.len(), KEPT);
    }

    #[test]
    fn nothing_is_sent_of_a_view_that_is_too_old() {
        let (mut outbox, mut view, mut world) = scene();
        view.vitals.start = -1e12;
        outbox.send(&mut view, &lead(), true, &mut world);
        assert_eq!(world.posts, []);
    }
}
