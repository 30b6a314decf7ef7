//! Books revenue and refunds.
//!
//! In: payments as they were told. Out: an entry for each, in the order of what happened: by time,
//! revenue before refunds, then by site and key. A refund goes back to whom the money had come from:
//! to an owner, for a site, in a currency, no more than came in by then and has not gone back.
//! What must never happen: a refund that is more takes anything off; it stays, unbooked.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{LedgerError, in_order};
use crate::store::{Payment, Way};

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentEntry<'a> {
    /// What was told.
    pub told: &'a Payment,
    /// Whether it is booked: else it is a refund of more than came in.
    pub is_booked: bool,
}

impl PaymentEntry<'_> {
    /// What it adds to what was taken: refunds are negative, and what is not booked is nothing.
    #[must_use]
    pub const fn signed(&self) -> i64 {
        match (self.is_booked, self.told.way) {
            (false, _) => 0,
            (true, Way::Revenue) => self.told.amount_minor,
            (true, Way::Refund) => -self.told.amount_minor,
        }
    }
}

/// Books what was told, each key once.
///
/// # Errors
/// If a key was used twice for different things, or a sum does not fit into 64 bits.
pub fn book_payments<'a>(
    told: impl IntoIterator<Item = &'a Payment>,
) -> Result<Vec<PaymentEntry<'a>>, LedgerError> {
    let told = in_order(
        told,
        |one| (&*one.site, &*one.id),
        |one| &one.id,
        |one| (one.at_ms, one.way, &*one.site, &*one.id),
    )?;
    let mut kept: HashMap<(&str, &str, &str), i64> = HashMap::new();
    let mut entries = Vec::with_capacity(told.len());
    for one in told {
        let account = (&*one.site, &*one.owner, &*one.currency);
        let kept = kept.entry(account).or_default();
        let entry = PaymentEntry {
            told: one,
            is_booked: one.way == Way::Revenue || one.amount_minor <= *kept,
        };
        *kept = kept
            .checked_add(entry.signed())
            .ok_or_else(|| LedgerError::overflow(&one.owner, &one.currency))?;
        entries.push(entry);
    }
    Ok(entries)
}

/// What was taken in some time, in one currency's smallest unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Takings {
    /// What came in.
    pub revenue_minor: i64,
    /// What went back.
    pub refunds_minor: i64,
    /// What came in less what went back.
    pub net_minor: i64,
    /// Payments that came in.
    pub revenue_entries: u64,
    /// Payments that went back.
    pub refund_entries: u64,
    /// Refunds that are not booked, together.
    pub excess_minor: i64,
    /// How many these are.
    pub excess_entries: u64,
}

impl Takings {
    /// Adds an entry.
    ///
    /// # Errors
    /// If a sum does not fit into 64 bits.
    pub fn add(&mut self, entry: &PaymentEntry<'_>) -> Result<(), LedgerError> {
        let told = entry.told;
        let (sum, count) = match (entry.is_booked, told.way) {
            (false, _) => (&mut self.excess_minor, &mut self.excess_entries),
            (true, Way::Revenue) => (&mut self.revenue_minor, &mut self.revenue_entries),
            (true, Way::Refund) => (&mut self.refunds_minor, &mut self.refund_entries),
        };
        let overflow = || LedgerError::overflow("all owners", &told.currency);
        *sum = sum.checked_add(told.amount_minor).ok_or_else(overflow)?;
        *count += 1;
        let net = self.revenue_minor.checked_sub(self.refunds_minor);
        self.net_minor = net.ok_or_else(overflow)?;
        Ok(())
    }
}
