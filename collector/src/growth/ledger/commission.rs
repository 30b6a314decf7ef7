//! Books commissions.
//!
//! In: what was told of commissions. Out: an entry for each, in the order of what happened: by time,
//! then as states follow one another, then by key. The wire has no id of a commission, so amounts of
//! one partner, currency and share are one chain, in which they move from state to state:
//!
//! ```text
//! accrued -> pending -> held -> payable -> paid
//!               |                  ^
//!               +--- approved -----+        reversed: out of pending, held, payable, in this order
//! ```
//!
//! An event that would move more than there is is not booked, and stays as an entry without a
//! posting. What must never happen: half of an event is booked; more is paid than is payable, in the
//! chain and to the partner.

use std::collections::HashMap;

use foresight_shared::CommissionState;

use super::{Balance, LedgerError, in_order};
use crate::store::Commission;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What was told.
    pub told: &'a Commission,
    /// What it changes. `None`: it would move more than there is, so it is not booked.
    pub posting: Option<Balance>,
}

/// Books what was told, each key once.
///
/// # Errors
/// If a key was used twice for different things, or a sum does not fit into 64 bits.
pub fn book<'a>(
    told: impl IntoIterator<Item = &'a Commission>,
) -> Result<Vec<Entry<'a>>, LedgerError> {
    let told = in_order(
        told,
        |one| &*one.id,
        |one| &one.id,
        |one| (one.at_ms, one.state, &*one.id),
    )?;
    let mut chains: HashMap<(&str, &str, &str), Balance> = HashMap::new();
    let mut partners: HashMap<(&str, &str), Balance> = HashMap::new();
    let mut entries = Vec::with_capacity(told.len());
    for one in told {
        let chain = chains.entry((&one.partner, &one.currency, &one.share));
        let chain = chain.or_default();
        let partner = partners.entry((&one.partner, &one.currency)).or_default();
        let posting = posting(one.state, one.amount_minor, chain, partner.payable);
        if let Some(posting) = posting {
            let overflow = || LedgerError::overflow(&one.partner, &one.currency);
            *chain = chain.plus(posting).ok_or_else(overflow)?;
            *partner = partner.plus(posting).ok_or_else(overflow)?;
        }
        entries.push(Entry { told: one, posting });
    }
    Ok(entries)
}

/// What an event changes in its chain. `None` if it would move more than there is.
fn posting(
    state: CommissionState,
    amount: i64,
    chain: &Balance,
    payable_to_partner: i64,
) -> Option<Balance> {
    let nothing = Balance::default();
    match state {
        CommissionState::Accrued => Some(Balance {
            accrued: amount,
            pending: amount,
            ..nothing
        }),
        CommissionState::Held => (amount <= chain.pending).then_some(Balance {
            pending: -amount,
            held: amount,
            ..nothing
        }),
        CommissionState::Approved => {
            // What was held has been checked now.
            let held = amount.min(chain.held);
            let pending = amount - held;
            (pending <= chain.pending).then_some(Balance {
                pending: -pending,
                held: -held,
                payable: amount,
                ..nothing
            })
        }
        // What another chain of the partner owes is set off.
        CommissionState::Paid => {
            (amount <= chain.payable.min(payable_to_partner)).then_some(Balance {
                payable: -amount,
                paid: amount,
                ..nothing
            })
        }
        CommissionState::Reversed => {
            let pending = amount.min(chain.pending);
            let held = (amount - pending).min(chain.held);
            (amount <= chain.accrued - chain.reversed).then_some(Balance {
                pending: -pending,
                held: -held,
                // What was paid already becomes a debt.
                payable: pending + held - amount,
                reversed: amount,
                ..nothing
            })
        }
    }
}
