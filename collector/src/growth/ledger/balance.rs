//! Sums of commissions by state.
//!
//! In: changes. Out: sums, or nothing if one does not fit. What must never happen: a sum that is not
//! the sum of its changes.

use serde::Serialize;
use utoipa::ToSchema;

/// How much has each state, in a currency's smallest unit; or by how much an entry changes that.
/// `accrued` is the sum of the five others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Balance {
    /// All that was ever earned.
    #[serde(rename = "accrued_minor")]
    pub accrued: i64,
    /// Earned, and neither held nor approved yet.
    #[serde(rename = "pending_minor")]
    pub pending: i64,
    /// Waits for a check.
    #[serde(rename = "held_minor")]
    pub held: i64,
    /// May be paid. Negative: was paid and then taken back, so it is owed by the partner.
    #[serde(rename = "payable_minor")]
    pub payable: i64,
    /// Was paid.
    #[serde(rename = "paid_minor")]
    pub paid: i64,
    /// Was taken back.
    #[serde(rename = "reversed_minor")]
    pub reversed: i64,
}

impl Balance {
    /// The sum of both. `None` if it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            accrued: self.accrued.checked_add(other.accrued)?,
            pending: self.pending.checked_add(other.pending)?,
            held: self.held.checked_add(other.held)?,
            payable: self.payable.checked_add(other.payable)?,
            paid: self.paid.checked_add(other.paid)?,
            reversed: self.reversed.checked_add(other.reversed)?,
        })
    }
}

/// What was told and could not be booked, as it was more than there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Excess {
    /// How many events.
    #[serde(rename = "excess_entries")]
    pub entries: u64,
    /// Their amounts together, in the currency's smallest unit.
    #[serde(rename = "excess_minor")]
    pub amount: i64,
}

impl Excess {
    /// With one more event. `None` if the sum does not fit.
    #[must_use]
    pub fn with(self, amount: i64) -> Option<Self> {
        Some(Self {
            entries: self.entries + 1,
            amount: self.amount.checked_add(amount)?,
        })
    }
}
