//! Adds up, block by block, the sums that fit a question.
//!
//! In: blocks, with the shape in which a question has to read each. Out: sums by group, name and lane.
//! What must never happen: a sum is read in two shapes, and so counted twice.

use foldhash::fast::RandomState;
use foresight_shared::NavigationType;
use indexmap::{Equivalent, IndexSet};

use super::{
    Dimension, Group, Selection,
    block::{Key, Lane, Parsed, Shape},
    error::StoreError,
};
use crate::{
    event::{Millis, day_of, week_of},
    rollup::Distribution,
};

/// How much of its values a question wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// All that is known.
    Whole,
    /// How many there are of each rating.
    Ratings,
}

/// What a question wants of a block.
pub(super) struct Wanted<'a> {
    pub(super) selection: &'a Selection,
    pub(super) by: Option<Dimension>,
    pub(super) lanes: &'a [Lane],
    pub(super) detail: Detail,
    pub(super) shape: Shape,
}

/// Sums, each of a group, a name (or an element) and a lane.
pub(super) type Sums = Vec<((Group, String, Lane), Distribution)>;

/// The sums so far. Each group and name has a number, so that a block names it once.
#[derive(Default)]
pub(super) struct Gather {
    spots: IndexSet<Spot, RandomState>,
    sums: Vec<Vec<(Lane, Distribution)>>,
}

/// What tells sums apart: the time of a group, its words (of a page, the site first), and a name. What
/// does not apply is empty.
#[derive(PartialEq, Eq, Hash)]
struct Spot {
    time_ms: Millis,
    texts: [Box<str>; 3],
}

/// The same, to be looked for: a question about pages meets each of them in every block.
#[derive(Hash)]
struct Sought<'a> {
    time_ms: Millis,
    texts: [&'a str; 3],
}

impl Equivalent<Spot> for Sought<'_> {
    fn equivalent(&self, spot: &Spot) -> bool {
        let mut texts = self.texts.iter().zip(&spot.texts);
        self.time_ms == spot.time_ms && texts.all(|(sought, text)| **sought == **text)
    }
}

impl Gather {
    /// Adds a block of a site's period.
    pub(super) fn add(
        &mut self,
        wanted: &Wanted<'_>,
        site: &str,
        start_ms: Millis,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let block = Parsed::of(bytes)?;
        // Not yet looked at; looked at and not wanted; the number of its group.
        let mut places: Vec<Option<Option<usize>>> = vec![None; block.keys.len()];
        for section in &block.sections {
            if !wanted.lanes.contains(&section.lane) {
                continue;
            }
            for entry in section.entries() {
                let (key, value) = entry?;
                let place = *places[key].get_or_insert_with(|| {
                    let key = &block.keys[key];
                    let is_wanted = wanted.fits(key, &block.words);
                    is_wanted.then(|| self.place(wanted, site, start_ms, key, &block.words))
                });
                if let Some(place) = place {
                    let sum = self.sum(place, section.lane);
                    match wanted.detail {
                        Detail::Whole => section.lane.add(sum, value, 1)?,
                        Detail::Ratings => sum.add_ratings(value)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// The number of a key's group and name.
    fn place(
        &mut self,
        wanted: &Wanted<'_>,
        site: &str,
        start_ms: Millis,
        key: &Key,
        words: &[&str],
    ) -> usize {
        let word = |at: usize| words[key.words()[at] as usize];
        // The fleet's sums by site name it.
        let site = if key.shape() == Shape::Site {
            word(0)
        } else {
            site
        };
        let place = |dimension| place_of(key.shape(), dimension).map_or("", word);
        let (time_ms, group, page) = match wanted.by {
            None => (0, "", ""),
            Some(Dimension::Site) => (0, site, ""),
            Some(Dimension::Page) => (0, site, place(Dimension::Page)),
            Some(Dimension::Hour) => (start_ms, "", ""),
            Some(Dimension::Day) => (day_of(start_ms), "", ""),
            Some(Dimension::Week) => (week_of(start_ms), "", ""),
            Some(Dimension::SiteHour) => (start_ms, site, ""),
            Some(Dimension::SiteDay) => (day_of(start_ms), site, ""),
            Some(Dimension::SiteWeek) => (week_of(start_ms), site, ""),
            Some(dimension) => (0, place(dimension), ""),
        };
        let name = match (key.shape(), key.name()) {
            (Shape::Cause, _) => word(2),
            (_, Some(name)) => words[name as usize],
            (_, None) => "",
        };
        let sought = Sought {
            time_ms,
            texts: [group, page, name],
        };
        self.spots.get_index_of(&sought).unwrap_or_else(|| {
            self.sums.push(Vec::new());
            let texts = sought.texts.map(Box::from);
            self.spots.insert_full(Spot { time_ms, texts }).0
        })
    }

    fn sum(&mut self, place: usize, lane: Lane) -> &mut Distribution {
        let sums = &mut self.sums[place];
        let at = sums.iter().position(|(known, _)| *known == lane);
        let at = at.unwrap_or_else(|| {
            sums.push((lane, Distribution::default()));
            sums.len() - 1
        });
        &mut sums[at].1
    }

    /// The sums that are not of nothing, by what the question divides them by; in the order of groups and
    /// lanes, so that few are left to be sorted.
    pub(super) fn sums(self, by: Option<Dimension>) -> Sums {
        let spots = self.spots.into_iter().zip(self.sums);
        let mut groups: Vec<_> = spots
            .map(|(spot, sums)| {
                let (group, name) = spot.group(by);
                (group, name, sums)
            })
            .collect();
        groups.sort_unstable_by(|(a, x, _), (b, y, _)| a.cmp(b).then_with(|| x.cmp(y)));
        let mut all = Vec::with_capacity(groups.len());
        for (group, name, mut sums) in groups {
            sums.retain(|(_, sum)| !sum.is_empty());
            sums.sort_unstable_by_key(|(lane, _)| *lane);
            for (lane, sum) in sums {
                all.push(((group.clone(), name.clone(), lane), sum));
            }
        }
        all
    }
}

impl Spot {
    /// The group, of what a question divides by, and the name.
    fn group(self, by: Option<Dimension>) -> (Group, String) {
        let Self { time_ms, texts } = self;
        let [group, page, name] = texts.map(String::from);
        let group = match by {
            None => Group::All,
            Some(Dimension::Page) => Group::Page { site: group, page },
            Some(Dimension::Hour | Dimension::Day | Dimension::Week) => Group::Hour(time_ms),
            Some(Dimension::SiteHour | Dimension::SiteDay | Dimension::SiteWeek) => {
                let (site, start_ms) = (group, time_ms);
                Group::SiteTime { site, start_ms }
            }
            Some(_) => Group::Word(group),
        };
        (group, name)
    }
}

impl Wanted<'_> {
    /// Whether a key has the wanted shape and words.
    fn fits(&self, key: &Key, words: &[&str]) -> bool {
        let is = |dimension, wanted: Option<&str>| {
            let place = place_of(self.shape, dimension);
            match (wanted, place) {
                (Some(wanted), Some(place)) => words[key.words()[place] as usize] == wanted,
                _ => true,
            }
        };
        let selection = self.selection;
        key.shape() == self.shape
            && is(Dimension::Page, selection.page.as_deref())
            && is(Dimension::Device, selection.device.as_deref())
            && is(Dimension::Country, selection.country.as_deref())
            && is(Dimension::Browser, selection.browser.as_deref())
            && is(
                Dimension::Navigation,
                selection.navigation.map(NavigationType::word),
            )
    }
}

/// Where a shape has a dimension's word. The caller chose the shape so that it has those it asks for.
const fn place_of(shape: Shape, dimension: Dimension) -> Option<usize> {
    match (shape, dimension) {
        (_, Dimension::Device) => Some(1),
        (Shape::View | Shape::Page | Shape::Cause, Dimension::Page)
        | (Shape::Country, Dimension::Country)
        | (Shape::Browser, Dimension::Browser)
        | (Shape::Navigation, Dimension::Navigation) => Some(0),
        (Shape::View, Dimension::Country) => Some(2),
        (Shape::View, Dimension::Browser) => Some(3),
        (Shape::View, Dimension::Navigation) => Some(4),
        _ => None,
    }
}
