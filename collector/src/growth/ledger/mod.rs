//! The ledger: what was told of money, booked.
//!
//! In: payments and commissions as they were told, in any order, some of them twice. Out: an entry for
//! each, booked or marked as more than there was, and the sums of what is booked. Amounts are whole
//! numbers of a currency's smallest unit, and currencies are never added up. `docs/money.md` has each
//! rule. What must never happen: the order in which events arrived changes a figure; a sum wraps
//! around; more is paid than is payable; an event disappears.
//!
//! 1. `balance`: sums of commissions by state;
//! 2. `commission`: books commissions; `payment`: books revenue and refunds;
//! 3. `account`: what a partner has, and the statement of a month.

mod balance;
mod commission;
mod payment;
mod account;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use account::{Account, Statement, accounts, statements};
pub use balance::{Balance, Excess};
pub use commission::{Entry, book};
pub use payment::{PaymentEntry, Takings, book_payments};

/// Why the ledger cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// A sum does not fit into 64 bits.
    #[error("a sum of {account} in {currency} is more than 64 bits hold")]
    Overflow {
        /// The partner or the owner.
        account: String,
        /// The currency.
        currency: String,
    },
    /// Two events with one idempotency key say different things. Ingest refuses the second one.
    #[error("the key {key} was used for two events")]
    Conflict {
        /// The idempotency key.
        key: String,
    },
}

impl LedgerError {
    fn overflow(account: &str, currency: &str) -> Self {
        Self::Overflow {
            account: account.to_owned(),
            currency: currency.to_owned(),
        }
    }
}

/// What was told, each key once, in the order of `place`.
fn in_order<'a, T: PartialEq, K: std::hash::Hash + Eq, P: Ord>(
    told: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&'a T) -> K,
    name: impl Fn(&T) -> &str,
    place: impl Fn(&'a T) -> P,
) -> Result<Vec<&'a T>, LedgerError> {
    let mut by_key: HashMap<K, &'a T> = HashMap::new();
    let mut all = Vec::new();
    for one in told {
        match by_key.insert(key(one), one) {
            None => all.push(one),
            Some(before) if before == one => {}
            Some(_) => {
                return Err(LedgerError::Conflict {
                    key: name(one).to_owned(),
                });
            }
        }
    }
    all.sort_by_cached_key(|one| place(one));
    Ok(all)
}
