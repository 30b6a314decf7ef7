//! Packs events into batches.
//!
//! In: a view's events. Out: batches to post, each with an id of its own. What was refused is posted
//! again by `www/loader/post.js`, unchanged, so that it is counted once. A batch must never be
//! larger than the collector takes.

use foresight_shared::limits;

use crate::{
    encode::{self, Envelope},
    view::View,
};

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
    /// Posts a batch. A `leaving` page cannot wait for the answer.
    fn post(&mut self, body: &str, leaving: bool);
}

/// Posts events of the site with the token `site` in batches: none if there is nothing to tell and
/// the view is counted, more than one if they do not fit.
pub fn send(site: &str, view: &mut View, events: &[String], leaving: bool, world: &mut dyn World) {
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
            site,
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
        world.post(&body, leaving);
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
        pub(crate) posts: Vec<String>,
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
        fn post(&mut self, body: &str, _leaving: bool) {
            self.posts.push(body.into());
        }
    }

    fn scene() -> (View, Paper) {
        let vitals = Vitals::new(0.0, f64::INFINITY, false, 0.0);
        let view = View::new("f8QmJ2sK0xWc4TnVbR6uEg", facts(), vitals, 0, ALL);
        (
            view,
            Paper {
                now: 1234.5,
                ..Paper::default()
            },
        )
    }

    fn lead() -> [String; 1] {
        [String::from(r#"{"lead":{}}"#)]
    }

    #[test]
    fn a_view_is_counted_once_and_then_only_news_are_sent() {
        let (mut view, mut world) = scene();
        send("t", &mut view, &[], true, &mut world);
        send("t", &mut view, &[], true, &mut world);
        send("t", &mut view, &lead(), true, &mut world);
        let read = |index: usize| serde_json::from_str::<Batch<'_>>(&world.posts[index]).unwrap();
        assert_eq!(world.posts.len(), 2);
        assert_eq!(
            (read(0).view.seq, read(0).view.age, read(0).view.can.len()),
            (0, 1234, 6)
        );
        assert_eq!(
            (
                read(1).view.seq,
                read(1).view.can.len(),
                read(1).events.len()
            ),
            (1, 0, 1)
        );
    }

    #[test]
    fn large_events_are_spread_over_batches_within_the_limit() {
        let value = "\u{1}".repeat(128);
        let flat: String = (0..16)
            .map(|i| format!("k{i}\x1fs\x1f{value}\x1f"))
            .collect();
        let event = encode::event(
            &Event::Custom {
                name: "x",
                props: &custom::props(&flat),
            },
            &crate::label::Labels::default(),
        );
        let (mut view, mut world) = scene();
        send("t", &mut view, &vec![event; 20], true, &mut world);
        let mut told = 0;
        for (seq, body) in world.posts.iter().enumerate() {
            assert!(body.len() <= limits::BATCH_BYTES);
            let batch: Batch<'_> = serde_json::from_str(body).unwrap();
            assert_eq!(batch.view.seq as usize, seq);
            told += batch.events.len();
        }
        assert!(world.posts.len() > 1);
        assert_eq!(told, 20);
    }

    #[test]
    fn nothing_is_sent_of_a_view_that_is_too_old() {
        let (mut view, mut world) = scene();
        view.vitals.start = -1e12;
        send("t", &mut view, &lead(), true, &mut world);
        assert_eq!(world.posts, [""; 0]);
    }
}
