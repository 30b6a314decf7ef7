//! How many pages and names a site may add in an hour. What is beyond is counted under [`OTHER`].
//!
//! In: accepted views, on their way from the spool to the fold. Out: the same views, in which pages
//! and names beyond the limits are replaced, and how many were. What must never happen: a view or
//! event is lost here, or memory grows with the number of names that visitors invent.
//!
//! Each collector counts for itself and in memory only, so a restart or a second collector may let
//! as many in again. A stretch that is tried again meets its own names and gets the same answer.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

use crate::event::{Accepted, BOT_PAGE, Event, Kind, Millis, hour_of};

/// The page, name or element of everything that is beyond a limit.
const OTHER: &str = "(other)";

/// Names that are remembered at most, over all sites and hours; each takes about 16 bytes.
const REMEMBERED: usize = 4_000_000;

/// What remembering one more list costs, in names.
const LIST_COST: usize = 16;

/// What is counted by itself: a flood of error messages must not push out the forms of leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Lane {
    Page,
    Element,
    Name(Kind),
}

/// How often something was counted under [`OTHER`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capped {
    /// Page views and later batches of them.
    pub pages: u64,
    /// Events by name.
    pub names: u64,
    /// Values by the element that caused them.
    pub elements: u64,
}

/// The limits, and what was let in under them.
pub struct Caps {
    pages: usize,
    names: usize,
    remembered: usize,
    /// By hour and site. Names are kept as hashes with a key that nobody knows: two that meet by
    /// chance are both let in, which does no harm.
    seen: BTreeMap<Millis, HashMap<String, Site>>,
    cost: usize,
    hasher: RandomState,
}

type Site = HashMap<Lane, HashSet<u64>>;

impl Caps {
    /// Limits per site and hour: `pages` page paths, `names` names of each kind and elements.
    #[must_use]
    pub fn new(pages: usize, names: usize) -> Self {
        Self {
            pages,
            names,
            remembered: REMEMBERED,
            seen: BTreeMap::new(),
            cost: 0,
            hasher: RandomState::new(),
        }
    }

    /// Replaces what is beyond the limits.
    pub(super) fn apply(&mut self, accepted: &mut Accepted) -> Capped {
        let Accepted { view, events } = accepted;
        let hour_ms = hour_of(view.start_ms);
        let mut capped = Capped::default();
        let mut cap = |lane, name: &mut String, count: &mut u64| {
            if !self.admits(hour_ms, &view.site, lane, name) {
                OTHER.clone_into(name);
                *count += 1;
            }
        };
        // Robots' names are from a list of ours.
        if view.page == BOT_PAGE {
            return capped;
        }
        cap(Lane::Page, &mut view.page, &mut capped.pages);
        for event in events {
            match event {
                Event::Named { kind, name } | Event::Several { kind, name, .. } => {
                    cap(Lane::Name(*kind), name, &mut capped.names);
                }
                Event::Share { channel, .. } => {
                    cap(Lane::Name(Kind::Share), channel, &mut capped.names);
                }
                Event::Vital {
                    element: Some(element),
                    ..
                } => cap(Lane::Element, element, &mut capped.elements),
                // Their names are ours.
                Event::Vital { .. }
                | Event::Referral { .. }
                | Event::Parts { .. }
                | Event::Able { .. } => {}
            }
        }
        capped
    }

    fn admits(&mut self, hour_ms: Millis, site: &str, lane: Lane, name: &str) -> bool {
        // A lead without a form is no name.
        if name.is_empty() {
            return true;
        }
        let limit = match lane {
            Lane::Page => self.pages,
            Lane::Element | Lane::Name(_) => self.names,
        };
        let hash = self.hasher.hash_one(name);
        let known = self
            .seen
            .get(&hour_ms)
            .and_then(|sites| sites.get(site)?.get(&lane));
        if let Some(known) = known {
            if known.contains(&hash) {
                return true;
            }
            if known.len() >= limit {
                return false;
            }
        }
        let cost = 1 + if known.is_none() { LIST_COST } else { 0 };
        if !self.make_room(hour_ms, cost) {
            return false;
        }
        self.cost += cost;
        let sites = self.seen.entry(hour_ms).or_default();
        // Looked up twice rather than copied: most views are of sites that are known.
        if !sites.contains_key(site) {
            sites.insert(site.to_owned(), Site::new());
        }
        if let Some(lanes) = sites.get_mut(site) {
            lanes.entry(lane).or_default().insert(hash);
        }
        true
    }

    /// Forgets the oldest hours until there is room, but never the hour itself or a later one: few
    /// views begin before the last hours, and what is forgotten may only be let in again.
    fn make_room(&mut self, hour_ms: Millis, cost: usize) -> bool {
        while self.cost + cost > self.remembered {
            match self.seen.first_key_value() {
                Some((oldest_ms, _)) if *oldest_ms < hour_ms => {}
                _ => return false,
            }
            if let Some((_, sites)) = self.seen.pop_first() {
                let lists = sites.values().flat_map(HashMap::values);
                self.cost -= lists.map(|list| list.len() + LIST_COST).sum::<usize>();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Device, HOUR_MS, View};
    use foresight_shared::{Metric, NavigationType};

    fn view(site: &str, page: &str, hour: Millis) -> Accepted {
        Accepted {
            view: View {
                site: site.into(),
                template: None,
                build: None,
                page: page.into(),
                device: Device::Phone,
                country: "unknown".into(),
                browser: "Chrome".into(),
                navigation: NavigationType::Navigate,
                start_ms: hour * HOUR_MS + 1,
                received_ms: 7,
                counted: true,
            },
            events: Vec::new(),
        }
    }

    fn page(caps: &mut Caps, site: &str, page: &str, hour: Millis) -> String {
        let mut accepted = view(site, page, hour);
        let capped = caps.apply(&mut accepted);
        assert_eq!(capped.pages == 1, accepted.view.page == OTHER);
        accepted.view.page
    }

    #[test]
    fn each_site_and_hour_has_its_own_limit_and_known_pages_stay() {
        let mut caps = Caps::new(2, 1);
        for (site, path, hour, expected) in [
            ("a.example", "/1", 0, "/1"),
            ("a.example", "/2", 0, "/2"),
            ("a.example", "/3", 0, OTHER),
            ("a.example", "/1", 0, "/1"),
            ("b.example", "/3", 0, "/3"),
            ("a.example", "/3", 1, "/3"),
            ("a.example", "/3", 0, OTHER),
        ] {
            assert_eq!(page(&mut caps, site, path, hour), expected, "{site} {path}");
        }
    }

    #[test]
    fn kinds_do_not_push_each_other_out_and_nothing_is_lost() {
        let named = |kind, name: &str| Event::Named {
            kind,
            name: name.into(),
        };
        let mut accepted = view("a.example", "/", 0);
        accepted.events = vec![
            named(Kind::Error, "one"),
            named(Kind::Error, "two"),
            named(Kind::Lead, ""),
            named(Kind::Lead, "table"),
            Event::Share {
                channel: "mail".into(),
                id: "share-one".into(),
                parent: None,
            },
            Event::Vital {
                metric: Metric::Lcp,
                value: 1.0,
                was: None,
                element: Some("img".into()),
            },
        ];
        let mut expected = accepted.clone();
        expected.events[1] = named(Kind::Error, OTHER);
        let mut caps = Caps::new(1, 1);
        for _ in 0..2 {
            // The second time as if the merge had failed.
            let mut again = accepted.clone();
            let capped = caps.apply(&mut again);
            assert_eq!((capped.pages, capped.names, capped.elements), (0, 1, 0));
            assert_eq!(again, expected);
        }
    }

    #[test]
    fn invented_pages_do_not_fill_the_memory() {
        let mut caps = Caps::new(1000, 1000);
        caps.remembered = 5000;
        for number in 0..100_000_u32 {
            let site = format!("{}.example", number % 20);
            page(
                &mut caps,
                &site,
                &format!("/{number}"),
                (number / 10_000).into(),
            );
            assert!(caps.cost <= caps.remembered);
        }
        let lists = caps.seen.values().flat_map(HashMap::values);
        let held: usize = lists
            .flat_map(HashMap::values)
            .map(|list| list.len() + LIST_COST)
            .sum();
        assert_eq!(held, caps.cost);
        // The newest hour is the one that is remembered; a site of long ago has to wait.
        assert_eq!(page(&mut caps, "0.example", "/90000", 9), "/90000");
        assert_eq!(page(&mut caps, "new.example", "/", 0), OTHER);
        assert_eq!(page(&mut caps, "new.example", "/", 10), "/");
    }
}
