//! What became of shares: visited, generator opened, site generated, lead.
//!
//! In: a fleet, and the shares of a range. Out: steps by what the shares have in common. Every step is
//! of the same shares, whenever it happened since: so a later step can be divided by an earlier one.
//! What must never happen: a step of shares from before the range is counted.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    attribution::Verdict,
    fleet::{Fleet, Share},
    rules::Rules,
};
use crate::{event::Millis, store::Facts};

/// The word for what is not known.
const UNKNOWN: &str = "unknown";

/// What shares, and conversions with them, can be told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Facet {
    /// Where to the link was shared.
    Channel,
    /// The template of the shared site.
    Template,
    /// The country of whoever shared.
    Country,
    /// How many shares led to the share.
    Depth,
}

/// What became of some shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FunnelStep)]
pub struct Step {
    /// The shares.
    pub shares: usize,
    /// Visits through them.
    pub visits: i64,
    /// How often the generator was opened after them, as servers told.
    pub opened: usize,
    /// Owners who generated their first site after them, and who returned to generate another.
    pub generated: usize,
    /// New owners among these who count.
    pub qualified: usize,
    /// The qualified ones whose first sites have a confirmed lead.
    pub with_lead: usize,
}

impl Facet {
    /// What a share is counted under.
    #[must_use]
    pub fn of<'a>(self, share: &Share<'a>) -> Cow<'a, str> {
        match self {
            Self::Channel => Cow::Borrowed(&share.link.channel),
            Self::Template => Cow::Borrowed(share.template.unwrap_or(UNKNOWN)),
            Self::Country => Cow::Borrowed(share.link.country.as_deref().unwrap_or(UNKNOWN)),
            Self::Depth => Cow::Owned(share.depth.to_string()),
        }
    }
}

/// The steps of the shares from a time until before another, by a facet, or of all under `all`.
/// `visits` are those through each link, by site and id; `has_lead` says of a site whether it has a
/// confirmed lead.
#[must_use]
pub fn funnel(
    facts: &Facts,
    fleet: &Fleet<'_>,
    rules: &Rules,
    facet: Option<Facet>,
    (from_ms, to_ms): (Millis, Millis),
    visits: &HashMap<(String, String), i64>,
    has_lead: impl Fn(&str) -> bool,
) -> BTreeMap<String, Step> {
    let mut steps: BTreeMap<String, Step> = BTreeMap::new();
    let key = |share: &Share<'_>| {
        facet.map_or_else(|| "all".to_owned(), |facet| facet.of(share).into_owned())
    };
    let is_in = |share: &Share<'_>| (from_ms..to_ms).contains(&share.link.shared_ms);
    for share in fleet.shares.iter().filter(|share| is_in(share)) {
        let step = steps.entry(key(share)).or_default();
        step.shares += 1;
        let link = (share.link.site.clone(), share.link.id.clone());
        step.visits += visits.get(&link).copied().unwrap_or(0);
    }
    let of = |number: Option<usize>| {
        let share = &fleet.shares[number?];
        is_in(share).then(|| key(share))
    };
    let opened = facts
        .goals
        .iter()
        .filter(|goal| goal.name == rules.opened_goal);
    for key in opened.filter_map(|goal| of(fleet.share(&goal.share))) {
        steps.entry(key).or_default().opened += 1;
    }
    for conversion in &fleet.conversions {
        let Some(key) = of(conversion.share) else {
            continue;
        };
        let step = steps.entry(key).or_default();
        step.generated += 1;
        if conversion.verdict == Verdict::Qualified {
            step.qualified += 1;
            step.with_lead += usize::from(has_lead(fleet.owners[conversion.owner].site));
        }
    }
    steps
}
