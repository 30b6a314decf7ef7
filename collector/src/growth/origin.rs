//! Where money comes from: which template a paid site was generated with, and through which channel
//! its owner was brought.
//!
//! In: facts. Out: words. What must never happen: money is owed to a channel whose conversion does not
//! count.

use std::collections::HashMap;

use super::{attribution::Verdict, fleet::Fleet, rules::Rules};
use crate::{
    event::Millis,
    store::{Facts, Generation},
};

/// The word for what is not known.
const UNKNOWN: &str = "unknown";

/// The channel of owners who came without a share that counts.
const NONE: &str = "none";

/// What sites were generated with, and how owners came.
#[derive(Clone, Debug, Default)]
pub struct Origins<'a> {
    /// The generations of each site, in the order of time.
    sites: HashMap<&'a str, Vec<&'a Generation>>,
    /// The channel of each owner.
    owners: HashMap<&'a str, &'a str>,
}

impl<'a> Origins<'a> {
    /// Puts facts together.
    #[must_use]
    pub fn of(facts: &'a Facts, rules: &Rules) -> Self {
        let mut sites: HashMap<&str, Vec<&Generation>> = HashMap::new();
        for generation in &facts.generations {
            sites.entry(&generation.site).or_default().push(generation);
        }
        for generations in sites.values_mut() {
            generations.sort_by_key(|one| (one.at_ms, &one.owner));
        }
        let fleet = Fleet::of(facts, rules);
        let mut owners: HashMap<_, _> = fleet.owners.iter().map(|one| (one.id, NONE)).collect();
        for conversion in &fleet.conversions {
            if let (Verdict::Qualified, Some(share)) = (conversion.verdict, conversion.share) {
                let channel = &fleet.shares[share].link.channel;
                owners.insert(fleet.owners[conversion.owner].id, channel);
            }
        }
        Self { sites, owners }
    }

    /// The template that a site had at a time: of its newest generation by then, else of its first.
    #[must_use]
    pub fn template(&self, site: &str, at_ms: Millis) -> &'a str {
        let Some(all) = self.sites.get(site) else {
            return UNKNOWN;
        };
        let before = all.partition_point(|generation| generation.at_ms <= at_ms);
        let newest = all.get(before.saturating_sub(1));
        newest
            .and_then(|generation| generation.template.as_deref())
            .unwrap_or(UNKNOWN)
    }

    /// The channel of the share that an owner was brought by, if it counts; `none` for one who came
    /// otherwise, `unknown` for one of whom no generation was told.
    #[must_use]
    pub fn channel(&self, owner: &str) -> &'a str {
        self.owners.get(owner).copied().unwrap_or(UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{growth::Model, store::SharedLink};

    #[test]
    fn money_comes_from_the_template_of_its_time_and_the_share_that_counts() {
        let generation =
            |site: &str, owner: &str, at_ms, template: &str, by: Option<&str>| Generation {
                site: site.into(),
                owner: owner.into(),
                at_ms,
                template: Some(template.into()),
                referred_by: by.map(str::to_owned),
            };
        let facts = Facts {
            generations: vec![
                generation("a.example", "o_1", 0, "aurora", None),
                generation("a.example", "o_1", 500, "nova", None),
                generation("b.example", "o_2", 100, "nova", Some("share-one")),
                // Too fast for a person.
                generation("c.example", "o_3", 11, "nova", Some("share-one")),
            ],
            goals: vec![],
            shares: vec![SharedLink {
                site: "a.example".into(),
                id: "share-one".into(),
                parent: None,
                channel: "whatsapp".into(),
                country: None,
                shared_ms: 10,
            }],
        };
        let rules = Rules {
            model: Model::LastTouch,
            window_ms: 1000,
            least_ms: 50,
            opened_goal: "opened".into(),
        };
        let origins = Origins::of(&facts, &rules);
        for (site, at_ms, template) in [
            ("a.example", -1, "aurora"),
            ("a.example", 499, "aurora"),
            ("a.example", 500, "nova"),
            ("", 500, "unknown"),
        ] {
            assert_eq!(origins.template(site, at_ms), template, "{site} {at_ms}");
        }
        for (owner, channel) in [
            ("o_1", "none"),
            ("o_2", "whatsapp"),
            ("o_3", "none"),
            ("o_4", "unknown"),
        ] {
            assert_eq!(origins.channel(owner), channel, "{owner}");
        }
    }
}
