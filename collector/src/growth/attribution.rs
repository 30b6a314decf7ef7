//! Which share an owner is owed to, if any.
//!
//! In: an owner's first site, and the shares that servers named before it was generated: with its
//! generation (`referred_by`), or with a goal that was told of the site. Out: a conversion with a
//! verdict. Nothing is thrown away: what is not qualified says why. What must never happen: one owner
//! counts as two conversions.

use std::collections::HashMap;

use super::{
    fleet::{Fleet, Generated, Share},
    rules::{Model, Rules},
};
use crate::{
    event::Millis,
    store::{Generation, Goal},
};

/// What a conversion is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// A new owner came through somebody's share.
    Qualified,
    /// The share was of the owner's own site.
    SelfReferral,
    /// The site was generated sooner after the share than a person could.
    TooFast,
    /// The share was told of longer ago than the window.
    TooLate,
    /// The owner had a site before.
    Returning,
    /// No page told of the share.
    UnknownShare,
    /// Nobody is known to have owned the shared site before.
    UnknownOwner,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] = [
        Self::Qualified,
        Self::SelfReferral,
        Self::TooFast,
        Self::TooLate,
        Self::Returning,
        Self::UnknownShare,
        Self::UnknownOwner,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Qualified => "qualified",
            Self::SelfReferral => "self_referral",
            Self::TooFast => "too_fast",
            Self::TooLate => "too_late",
            Self::Returning => "returning",
            Self::UnknownShare => "unknown_share",
            Self::UnknownOwner => "unknown_owner",
        }
    }
}

/// A site that was generated after a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Who generated it, by number.
    pub owner: usize,
    /// When.
    pub at_ms: Millis,
    /// The share, by number, if it is known.
    pub share: Option<usize>,
    /// Whose site was shared, by number.
    pub by: Option<usize>,
    /// What it is worth.
    pub verdict: Verdict,
}

/// A share that was named before a site was generated.
struct Touch<'a> {
    share: &'a str,
    /// When the touch was. `None`: when the link was shared, as nobody told when it was followed.
    at_ms: Option<Millis>,
}

/// The conversions, in the order of time.
pub(super) fn conversions(
    fleet: &Fleet<'_>,
    generated: &Generated<'_>,
    goals: &[Goal],
    rules: &Rules,
) -> Vec<Conversion> {
    let mut goals_of: HashMap<&str, Vec<&Goal>> = HashMap::new();
    for goal in goals {
        goals_of.entry(&goal.site).or_default().push(goal);
    }
    for goals in goals_of.values_mut() {
        goals.sort_by_key(|goal| (goal.at_ms, &goal.share));
    }
    let mut seen = vec![false; fleet.owners.len()];
    let mut conversions = Vec::new();
    for (generation, owner) in &generated.all {
        let is_first = !std::mem::replace(&mut seen[*owner], true);
        let conversion = if is_first {
            let goals = goals_of
                .get(&*generation.site)
                .map_or(&[][..], Vec::as_slice);
            first(fleet, generation, *owner, goals, rules)
        } else {
            returning(fleet, generation, *owner)
        };
        conversions.extend(conversion);
    }
    conversions
}

/// An owner's first site. `None` if no share was named.
fn first(
    fleet: &Fleet<'_>,
    generation: &Generation,
    owner: usize,
    goals: &[&Goal],
    rules: &Rules,
) -> Option<Conversion> {
    let touches = touches(generation, goals);
    if touches.is_empty() {
        return None;
    }
    let at_ms = generation.at_ms;
    let known: Vec<(usize, Millis)> = touches
        .iter()
        .filter_map(|touch| {
            let share = fleet.share(touch.share)?;
            let shared_ms = fleet.shares[share].link.shared_ms;
            Some((share, touch.at_ms.unwrap_or(shared_ms)))
        })
        .collect();
    let mut fitting = known
        .iter()
        .filter(|(_, touched_ms)| at_ms - touched_ms <= rules.window_ms);
    let chosen = match rules.model {
        Model::FirstTouch => fitting.next(),
        Model::LastTouch => fitting.next_back(),
    };
    let (share, verdict) = match (chosen, known.last()) {
        (Some((share, _)), _) => {
            let verdict = judge(fleet, &fleet.shares[*share], owner, at_ms, rules);
            (Some(*share), verdict)
        }
        (None, Some((share, _))) => (Some(*share), Verdict::TooLate),
        (None, None) => (None, Verdict::UnknownShare),
    };
    Some(Conversion {
        owner,
        at_ms,
        share,
        by: share.and_then(|share| fleet.shares[share].owner),
        verdict,
    })
}

/// The shares that were named, first ones first; the generation's own is the last word.
fn touches<'a>(generation: &'a Generation, goals: &[&'a Goal]) -> Vec<Touch<'a>> {
    let before = goals
        .iter()
        .filter(|goal| goal.at_ms <= generation.at_ms)
        .map(|goal| Touch {
            share: &goal.share,
            at_ms: Some(goal.at_ms),
        });
    let own = generation
        .referred_by
        .as_deref()
        .map(|share| Touch { share, at_ms: None });
    before.chain(own).collect()
}

fn judge(
    fleet: &Fleet<'_>,
    share: &Share<'_>,
    owner: usize,
    at_ms: Millis,
    rules: &Rules,
) -> Verdict {
    match share.owner {
        Some(by) if by == owner => Verdict::SelfReferral,
        _ if at_ms - share.link.shared_ms < rules.least_ms => Verdict::TooFast,
        Some(by) if fleet.owners[by].first_ms < at_ms => Verdict::Qualified,
        _ => Verdict::UnknownOwner,
    }
}

/// A later site of an owner: nobody new, whatever share was named.
fn returning(fleet: &Fleet<'_>, generation: &Generation, owner: usize) -> Option<Conversion> {
    let share = fleet.share(generation.referred_by.as_deref()?);
    let by = share.and_then(|share| fleet.shares[share].owner);
    Some(Conversion {
        owner,
        at_ms: generation.at_ms,
        share,
        by,
        verdict: if by == Some(owner) {
            Verdict::SelfReferral
        } else {
            Verdict::Returning
        },
    })
}
