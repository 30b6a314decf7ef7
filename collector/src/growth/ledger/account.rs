//! What a partner has, and the statement of a time.
//!
//! In: entries of commissions. Out: sums of them, never anything else. What must never happen: a
//! statement whose opening balance and entries are not its closing balance.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Balance, Entry, Excess, LedgerError};
use crate::event::Millis;

/// What a partner has in a currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// The sums of all booked entries.
    #[serde(flatten)]
    pub balance: Balance,
    /// Entries that are booked.
    pub entries: u64,
    /// Those that are not.
    #[serde(flatten)]
    pub excess: Excess,
}

/// The statement of a partner in a currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The balance when the time began.
    pub opening: Balance,
    /// What was told of the time, booked or not.
    pub entries: Vec<Entry<'a>>,
    /// The sum of the booked entries.
    pub sum: Balance,
    /// The balance when the time ended.
    pub closing: Balance,
    /// What of the time is not booked.
    pub excess: Excess,
}

/// What each partner has in each currency, by partner and currency.
///
/// # Errors
/// If a sum does not fit into 64 bits.
pub fn accounts<'a>(
    entries: &[Entry<'a>],
) -> Result<BTreeMap<(&'a str, &'a str), Account>, LedgerError> {
    let mut accounts: BTreeMap<_, Account> = BTreeMap::new();
    for entry in entries {
        let told = entry.told;
        let account = accounts.entry((&*told.partner, &*told.currency));
        account.or_default().add(entry)?;
    }
    Ok(accounts)
}

/// The statement of a partner from a time until before another, in each currency that the partner had
/// an entry in by then. Each balance is added up by itself: that they agree is no assumption.
///
/// # Errors
/// If a sum does not fit into 64 bits.
pub fn statements<'a>(
    entries: &[Entry<'a>],
    partner: &str,
    (from_ms, to_ms): (Millis, Millis),
) -> Result<BTreeMap<&'a str, Statement<'a>>, LedgerError> {
    let mut statements: BTreeMap<&str, Statement<'a>> = BTreeMap::new();
    let of_partner = |entry: &&Entry<'a>| entry.told.partner == partner;
    for entry in entries.iter().filter(of_partner) {
        let told = entry.told;
        if told.at_ms >= to_ms {
            continue;
        }
        let statement = statements.entry(&told.currency).or_default();
        let overflow = || LedgerError::overflow(partner, &told.currency);
        let posting = entry.posting.unwrap_or_default();
        statement.closing = statement.closing.plus(posting).ok_or_else(overflow)?;
        if told.at_ms < from_ms {
            statement.opening = statement.opening.plus(posting).ok_or_else(overflow)?;
            continue;
        }
        statement.sum = statement.sum.plus(posting).ok_or_else(overflow)?;
        if entry.posting.is_none() {
            let excess = statement.excess.with(told.amount_minor);
            statement.excess = excess.ok_or_else(overflow)?;
        }
        statement.entries.push(*entry);
    }
    Ok(statements)
}

impl Account {
    fn add(&mut self, entry: &Entry<'_>) -> Result<(), LedgerError> {
        let told = entry.told;
        let overflow = || LedgerError::overflow(&told.partner, &told.currency);
        match entry.posting {
            Some(posting) => {
                self.balance = self.balance.plus(posting).ok_or_else(overflow)?;
                self.entries += 1;
            }
            None => {
                let excess = self.excess.with(told.amount_minor);
                self.excess = excess.ok_or_else(overflow)?;
            }
        }
        Ok(())
    }
}
