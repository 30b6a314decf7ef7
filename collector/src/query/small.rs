//! Small groups: figures of so few page views that they are about somebody.
//!
//! In: who asks, and how many page views a group has. Out: whether it is told, and how much was not. What must never
//! happen: a figure of a small group for anybody below admin; or one small group left out alone, whose views would be what
//! the others lack of the whole.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{State, figure::whole, unavailable};
use crate::{
    door::Caller,
    event::Kind,
    problem::Problem,
    store::{Role, Selection, Store},
};

/// How few page views are too few for the one who asks. None are for an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Small {
    below: u64,
}

/// Groups that are not told, and their page views together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct SmallGroups {
    groups: u64,
    views: u64,
}

impl Small {
    /// What is too small for whoever sent a request. A request without a caller has not come through the door.
    pub(super) fn of(parts: &Parts, state: &State) -> Self {
        let caller = parts.extensions.get::<Caller>();
        let is_admin = caller.is_some_and(|caller| caller.role >= Role::Admin);
        Self {
            below: if is_admin { 0 } else { state.small_group_views },
        }
    }

    /// For tests of what is told.
    #[cfg(test)]
    pub(super) const fn below(below: u64) -> Self {
        Self { below }
    }

    /// Whether there is anything that is not told.
    pub(super) const fn is_any(self) -> bool {
        self.below > 1
    }

    /// Whether a group of so many page views, or values, is not told.
    pub(super) const fn hides(self, count: u64) -> bool {
        count > 0 && count < self.below
    }

    /// Refuses a selection that is a small group itself. The fleet as a whole is none.
    pub(super) async fn check(
        self,
        store: &dyn Store,
        selection: &Selection,
    ) -> Result<(), Problem> {
        if !self.is_any() || !(selection.site.is_some() || selection.is_filtered()) {
            return Ok(());
        }
        let sums = store.counts(selection, Some(Kind::View), None).await;
        let views = sums.map_err(unavailable)?.iter().map(|sum| sum.count).sum();
        if self.hides(whole(views)) {
            return Err(self.refusal());
        }
        Ok(())
    }

    fn refusal(self) -> Problem {
        let rule = format!(
            "figures of less than {} page views are for the role admin",
            self.below
        );
        Problem::new(
            StatusCode::FORBIDDEN,
            "group_too_small",
            "so few page views would tell of single visitors",
        )
        .detail(rule)
    }

    /// The groups that are told, in their order, and what was left out. What is left out is no small group itself: so the
    /// smallest of the others go along until it is none.
    pub(super) fn split<T>(
        self,
        groups: Vec<T>,
        views: impl Fn(&T) -> u64,
    ) -> (Vec<T>, Option<SmallGroups>) {
        let mut sizes: Vec<_> = groups.iter().map(&views).collect();
        sizes.sort_unstable();
        let (mut largest, mut left_out) = (None, SmallGroups::NONE);
        for size in sizes.into_iter().filter(|size| *size > 0) {
            let is_enough = left_out.groups == 0 || left_out.views >= self.below;
            if !self.hides(size) && is_enough {
                break;
            }
            // Groups of one size are not told apart.
            largest = Some(size);
            left_out.groups += 1;
            left_out.views += size;
        }
        let Some(largest) = largest else {
            return (groups, None);
        };
        let mut left_out = SmallGroups::NONE;
        let told = groups.into_iter().filter(|group| {
            let size = views(group);
            let is_told = size == 0 || size > largest;
            if !is_told {
                left_out.groups += 1;
                left_out.views += size;
            }
            is_told
        });
        (told.collect(), Some(left_out))
    }
}

impl Small {
    /// The same where also what has nothing is about somebody.
    pub(super) fn split_all<T>(
        self,
        groups: Vec<T>,
        views: impl Fn(&T) -> u64,
    ) -> (Vec<T>, Option<SmallGroups>) {
        let (told, left_out): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|group| !self.is_any() || views(group) >= self.below);
        let sum = SmallGroups {
            groups: left_out.len() as u64,
            views: left_out.iter().map(views).sum(),
        };
        (told, (sum.groups > 0).then_some(sum))
    }
}

/// For handlers that have no [`Question`](super::scope::Question).
impl FromRequestParts<State> for Small {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

impl SmallGroups {
    const NONE: Self = Self {
        groups: 0,
        views: 0,
    };

    /// How many they are.
    pub(super) const fn groups(self) -> u64 {
        self.groups
    }

    /// Their page views together.
    pub(super) const fn views(self) -> u64 {
        self.views
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(below: u64, groups: &[u64]) -> (Vec<u64>, Option<(u64, u64)>) {
        let (told, left_out) = Small { below }.split(groups.to_vec(), |views| *views);
        (told, left_out.map(|left| (left.groups, left.views)))
    }

    #[test]
    fn small_groups_are_left_out_and_their_number_is_told() {
        assert_eq!(split(10, &[50, 9, 20, 3]), (vec![50, 20], Some((2, 12))));
        assert_eq!(split(10, &[50, 10]), (vec![50, 10], None));
        assert_eq!(split(10, &[]), (vec![], None));
        // Nothing is hidden from admins, and 1 hides nothing either.
        assert_eq!(split(0, &[50, 1]), (vec![50, 1], None));
        assert_eq!(split(1, &[50, 1]), (vec![50, 1], None));
    }

    #[test]
    fn one_small_group_alone_would_be_what_lacks_of_the_whole() {
        assert_eq!(split(10, &[50, 12, 3]), (vec![50], Some((2, 15))));
        assert_eq!(split(10, &[50, 12, 12, 3]), (vec![50], Some((3, 27))));
        assert_eq!(split(10, &[4, 3]), (vec![], Some((2, 7))));
        // What has no page views tells of nobody.
        assert_eq!(split(10, &[50, 0, 9, 8]), (vec![50, 0], Some((2, 17))));
    }

    #[test]
    fn a_count_is_small_if_it_is_some_and_too_few() {
        let small = Small { below: 10 };
        let hidden: Vec<_> = (0..12).filter(|count| small.hides(*count)).collect();
        assert_eq!(hidden, (1..10).collect::<Vec<_>>());
    }
}
