//! How the fleet spreads: who brought whom, and what follows from it.
//!
//! In: what servers told of generations, and pages of shares, as the store has it. Out: figures, each
//! a pure function of that and of the time. What must never happen: a cohort that was not watched for
//! the whole window is compared with one that was, or the same question has two answers.
//!
//! 1. `rules`: what counts as a qualified referral;
//! 2. `fleet`: owners, their sites and the tree of shares;
//! 3. `attribution`: which share an owner is owed to, if any;
//! 4. `cohort`: owners by the time of their first site;
//! 5. `estimate`: the viral coefficient of a cohort, its parts and its cycle time; `interval` says how
//!    sure it is;
//! 6. `funnel` and `spread`: what became of shares, and how deep their tree is;
//! 7. `lead`: leads for each visit, and how good they are;
//! 8. `ledger`: what was told of money, booked; `origin`: where money comes from;
//!    `forecast`: what the next days may bring.
//! 9. `slow`: how often something came of a page view, by how fast it was.

mod rules;
mod fleet;
mod attribution;
mod cohort;
mod interval;
mod estimate;
mod funnel;
mod spread;
mod lead;
mod origin;
pub mod ledger;
pub mod forecast;
mod slow;

pub use attribution::{Conversion, Verdict};
pub use cohort::{Cohort, Period, cohorts};
pub use estimate::{Cycle, Estimate, NEWEST_DAYS, State, cycle, estimate, newest, parts};
pub use fleet::{Fleet, Owner, Share};
pub use funnel::{Facet, Step, funnel};
pub use interval::mean_interval;
pub use lead::{LeadFigures, Quality, leads};
pub use origin::Origins;
pub use rules::{Model, Rules, WINDOWS_DAYS};
pub use slow::{Estimated, Figures, REFERENCE_PART, Seen, Slow, Strata, compare};
pub use spread::{Depth, owner_depths, share_depths};
