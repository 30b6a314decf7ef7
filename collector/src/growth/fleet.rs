//! Owners, their sites, and the tree of shares.
//!
//! In: facts in any order. Out: owners in the order of their first sites, shares with their owners
//! and parents. What must never happen: the order of the facts changes anything, or a circle of
//! parents, which a page could invent, is followed for ever.

use std::collections::HashMap;

use super::{
    attribution::{self, Conversion, Verdict},
    rules::Rules,
};
use crate::{
    event::Millis,
    store::{Facts, Generation, SharedLink},
};

/// An owner of sites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The owner's id.
    pub id: &'a str,
    /// When the first site was generated.
    pub first_ms: Millis,
    /// The template of the first site.
    pub template: Option<&'a str>,
    /// The first site.
    pub site: &'a str,
    /// How many owners brought one another down to this one: 0 for one that nobody brought.
    pub depth: usize,
    /// Whether the first site was generated too fast for a person: then it is in no cohort.
    pub is_suspect: bool,
    /// Shares of the owner's sites, by number.
    pub shares: Vec<usize>,
    /// Qualified conversions that are owed to the owner, by number.
    pub conversions: Vec<usize>,
}

/// A share of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share<'a> {
    /// As it was told.
    pub link: &'a SharedLink,
    /// Who owned the site then, by number.
    pub owner: Option<usize>,
    /// The template that the site was generated with.
    pub template: Option<&'a str>,
    /// How many shares led to this one: 0 if no known one did.
    pub depth: usize,
}

/// Owners, shares, and who brought whom.
#[derive(Clone, Debug, Default)]
pub struct Fleet<'a> {
    /// Owners, in the order of their first sites.
    pub owners: Vec<Owner<'a>>,
    /// Shares, in the order of their times.
    pub shares: Vec<Share<'a>>,
    /// Generations that came through a share.
    pub conversions: Vec<Conversion>,
    /// Shares by id. Of several with one id the first counts: who copies an id comes later.
    by_id: HashMap<&'a str, usize>,
}

/// Who generated what, in the order of time.
pub(super) struct Generated<'a> {
    /// Each generation with its owner's number.
    pub(super) all: Vec<(&'a Generation, usize)>,
    /// The generations of each site.
    sites: HashMap<&'a str, Vec<(&'a Generation, usize)>>,
}

impl<'a> Fleet<'a> {
    /// Puts facts together.
    #[must_use]
    pub fn of(facts: &'a Facts, rules: &Rules) -> Self {
        let (mut owners, generated) = owners(&facts.generations);
        let mut links: Vec<_> = facts.shares.iter().collect();
        links.sort_by_key(|link| (link.shared_ms, &link.site, &link.id));
        let mut by_id = HashMap::new();
        for (number, link) in links.iter().enumerate() {
            by_id.entry(&*link.id).or_insert(number);
        }
        let depths = depths(&links, &by_id);
        let shares: Vec<_> = links
            .into_iter()
            .zip(depths)
            .map(|(link, depth)| {
                let site = generated.of_site(&link.site, link.shared_ms);
                Share {
                    link,
                    owner: site.map(|(_, owner)| owner),
                    template: site.and_then(|(generation, _)| generation.template.as_deref()),
                    depth,
                }
            })
            .collect();
        for (number, share) in shares.iter().enumerate() {
            if let Some(owner) = share.owner {
                owners[owner].shares.push(number);
            }
        }
        let mut fleet = Self {
            owners,
            shares,
            conversions: Vec::new(),
            by_id,
        };
        fleet.conversions = attribution::conversions(&fleet, &generated, &facts.goals, rules);
        fleet.credit();
        fleet
    }

    /// The number of the share with an id.
    #[must_use]
    pub fn share(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Notes with each owner whom they brought, and how deep that is. Conversions are in the order of
    /// time, and whoever brings somebody was there before.
    fn credit(&mut self) {
        for (number, conversion) in self.conversions.iter().enumerate() {
            if conversion.verdict == Verdict::TooFast {
                self.owners[conversion.owner].is_suspect = true;
            }
            let (Verdict::Qualified, Some(by)) = (conversion.verdict, conversion.by) else {
                continue;
            };
            self.owners[by].conversions.push(number);
            self.owners[conversion.owner].depth = self.owners[by].depth + 1;
        }
    }
}

impl<'a> Generated<'a> {
    /// The newest generation of a site at a time, and its owner. A page may tell of a share before a
    /// server tells of the site: then it is the first generation.
    fn of_site(&self, site: &str, at_ms: Millis) -> Option<(&'a Generation, usize)> {
        let all = self.sites.get(site)?;
        let before = all.partition_point(|(generation, _)| generation.at_ms <= at_ms);
        all.get(before.saturating_sub(1)).copied()
    }
}

fn owners(generations: &[Generation]) -> (Vec<Owner<'_>>, Generated<'_>) {
    let mut sorted: Vec<_> = generations.iter().collect();
    sorted.sort_by_key(|one| (one.at_ms, &one.site, &one.owner));
    let mut owners = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut generated = Generated {
        all: Vec::with_capacity(sorted.len()),
        sites: HashMap::new(),
    };
    for one in sorted {
        let number = *numbers.entry(&one.owner).or_insert_with(|| {
            owners.push(Owner {
                id: &one.owner,
                first_ms: one.at_ms,
                template: one.template.as_deref(),
                site: &one.site,
                depth: 0,
                is_suspect: false,
                shares: Vec::new(),
                conversions: Vec::new(),
            });
            owners.len() - 1
        });
        generated.all.push((one, number));
        let site = generated.sites.entry(&one.site).or_default();
        site.push((one, number));
    }
    (owners, generated)
}

/// How many shares led to each. One that is told to lead to itself begins a tree.
fn depths(links: &[&SharedLink], by_id: &HashMap<&str, usize>) -> Vec<usize> {
    let parent = |number: usize| {
        let parent = links[number].parent.as_deref()?;
        by_id.get(parent).copied()
    };
    let mut depths = vec![None; links.len()];
    let mut is_on_the_way = vec![false; links.len()];
    for number in 0..links.len() {
        let (mut way, mut at) = (Vec::new(), Some(number));
        // Up to one whose depth is known, to a root, or to where the way began to turn in a circle.
        let known = loop {
            match at {
                Some(one) if depths[one].is_none() && !is_on_the_way[one] => {
                    is_on_the_way[one] = true;
                    way.push(one);
                    at = parent(one);
                }
                Some(one) => break depths[one],
                None => break None,
            }
        };
        let next = known.map_or(0, |depth| depth + 1);
        for (depth, one) in (next..).zip(way.into_iter().rev()) {
            is_on_the_way[one] = false;
            depths[one] = Some(depth);
        }
    }
    depths.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(id: &str, parent: Option<&str>) -> SharedLink {
        SharedLink {
            site: "a.example".into(),
            id: id.into(),
            parent: parent.map(str::to_owned),
            channel: "copy".into(),
            country: None,
            shared_ms: 0,
        }
    }

    #[test]
    fn a_share_is_as_deep_as_known_shares_led_to_it() {
        let links = [
            link("root", None),
            link("child", Some("root")),
            link("grandchild", Some("child")),
            link("orphan", Some("nobody")),
            link("itself", Some("itself")),
            link("hen", Some("egg")),
            link("egg", Some("hen")),
            link("chick", Some("hen")),
        ];
        let links: Vec<_> = links.iter().collect();
        let by_id = links.iter().enumerate();
        let by_id = by_id.map(|(number, link)| (&*link.id, number)).collect();
        assert_eq!(depths(&links, &by_id), [0, 1, 2, 0, 0, 1, 0, 2]);
    }
}
