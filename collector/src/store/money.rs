//! What of servers' events money is asked about: rows of its own, written by the merge.
//!
//! In: a rollup's server events. Out: payments, and what became of commissions, as they were told.
//! Whether an event can be booked is for the ledger to say (`growth::ledger`): it depends on events
//! that may be told later. What must never happen: a row without its event, so both are written by
//! one transaction; or a row that is changed, except that a forgotten site's lose the site and its
//! owners.

use std::collections::{BTreeMap, HashMap};

use foresight_shared::{CommissionState, Fact};
use futures_util::TryStreamExt;

use super::{
    engine::{Column, Engine, Row, Statement, Transaction, storable},
    error::StoreError,
    growth::{head, rows},
};
use crate::{
    event::{Confirmed, Millis},
    rollup::Rollup,
};

/// Money that came in, or went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The site's host; empty if it was forgotten.
    pub site: String,
    /// The event's idempotency key; another one by chance if the site was forgotten.
    pub id: String,
    /// When it happened.
    pub at_ms: Millis,
    /// Which way the money went.
    pub way: Way,
    /// How much, in the currency's smallest unit: at least 1.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// What for, such as `subscription`.
    pub purpose: String,
    /// The owner's id; another one by chance if the site was forgotten.
    pub owner: String,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// It came in.
    Revenue,
    /// It went back.
    Refund,
}

impl Way {
    /// The event's word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Refund => "refund",
        }
    }
}

/// A new state of some commission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commission {
    /// The event's idempotency key.
    pub id: String,
    /// When it happened.
    pub at_ms: Millis,
    /// The state.
    pub state: CommissionState,
    /// The partner's id.
    pub partner: String,
    /// The share that earned it.
    pub share: String,
    /// How much has the state from now on, in the currency's smallest unit.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// Adds what a rollup's events tell of money.
pub(super) async fn insert(
    transaction: &mut dyn Transaction,
    rollup: &Rollup,
) -> Result<(), StoreError> {
    let mut events: Vec<_> = rollup.events.iter().collect();
    events.sort_by_key(|event| (event.site(), &event.event.id));
    transaction
        .insert(
            include_str!("sql/insert_payment.sql"),
            &payments_of(&events),
        )
        .await?;
    transaction
        .insert(
            include_str!("sql/insert_commission.sql"),
            &commissions_of(&events),
        )
        .await?;
    Ok(())
}

fn payments_of<'a>(events: &[&'a Confirmed]) -> Vec<Column<'a>> {
    let rows = rows(events, |fact| match fact {
        Fact::Revenue(payment) => Some((Way::Revenue, payment)),
        Fact::Refund(payment) => Some((Way::Refund, payment)),
        _ => None,
    });
    let mut columns = head(&rows);
    let text = |of: fn(&(Way, &'a foresight_shared::Payment)) -> &'a str| {
        Column::Text(rows.iter().map(|(_, row)| storable(of(row))).collect())
    };
    columns.push(text(|(way, _)| way.word()));
    // Ingest takes no larger amount than `limits::AMOUNT_MINOR`.
    let amounts = rows.iter().map(|(_, (_, one))| one.amount_minor as i64);
    columns.push(Column::Number(amounts.collect()));
    columns.push(text(|(_, one)| &one.currency));
    columns.push(text(|(_, one)| &one.kind));
    columns.push(text(|(_, one)| &one.owner));
    columns
}

fn commissions_of<'a>(events: &[&'a Confirmed]) -> Vec<Column<'a>> {
    let rows = rows(events, |fact| match fact {
        Fact::Commission {
            state,
            partner,
            share,
            amount_minor,
            currency,
        } => Some((state.word(), partner, share, *amount_minor, currency)),
        _ => None,
    });
    // What no site is known of begins with the partner instead.
    let mut columns = head(&rows).split_off(1);
    let states = rows.iter().map(|(_, row)| storable(row.0));
    columns.push(Column::Text(states.collect()));
    let partners = rows.iter().map(|(_, row)| storable(row.1));
    columns.insert(0, Column::Text(partners.collect()));
    let shares = rows.iter().map(|(_, row)| storable(row.2));
    columns.push(Column::Text(shares.collect()));
    let amounts = rows.iter().map(|(_, row)| row.3 as i64);
    columns.push(Column::Number(amounts.collect()));
    let currencies = rows.iter().map(|(_, row)| storable(row.4));
    columns.push(Column::Text(currencies.collect()));
    columns
}

/// Payments from a time until before another; of those who got something back by then, all of before
/// too, as what can go back is what came in.
pub(super) async fn payments(
    engine: &impl Engine,
    from_ms: Millis,
    to_ms: Millis,
) -> Result<Vec<Payment>, StoreError> {
    let select = Statement::new(include_str!("sql/select_payments.sql"))
        .with(from_ms)
        .with(to_ms);
    let mut rows = engine.rows(select);
    let mut payments = Vec::new();
    while let Some(row) = rows.try_next().await? {
        payments.push(payment(&row)?);
    }
    Ok(payments)
}

fn payment(row: &Row) -> Result<Payment, StoreError> {
    let way = match row.text(3)? {
        "revenue" => Way::Revenue,
        "refund" => Way::Refund,
        other => return Err(StoreError::Row(format!("a payment is no {other}"))),
    };
    Ok(Payment {
        site: row.text(0)?.to_owned(),
        id: row.text(1)?.to_owned(),
        at_ms: row.number(2)?,
        way,
        amount_minor: row.number(4)?,
        currency: row.text(5)?.to_owned(),
        purpose: row.text(6)?.to_owned(),
        owner: row.text(7)?.to_owned(),
    })
}

/// What became of commissions before a time, of a partner or of all.
pub(super) async fn commissions(
    engine: &impl Engine,
    partner: Option<&str>,
    before_ms: Millis,
) -> Result<Vec<Commission>, StoreError> {
    let select = match partner {
        Some(partner) => Statement::new(include_str!("sql/select_partner_commissions.sql"))
            .with(before_ms)
            .with(partner),
        None => Statement::new(include_str!("sql/select_commissions.sql")).with(before_ms),
    };
    let mut rows = engine.rows(select);
    let mut commissions = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let word = row.text(3)?;
        let state = CommissionState::ALL
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| StoreError::Row(format!("no commission is {word}")))?;
        commissions.push(Commission {
            partner: row.text(0)?.to_owned(),
            id: row.text(1)?.to_owned(),
            at_ms: row.number(2)?,
            state,
            share: row.text(4)?.to_owned(),
            amount_minor: row.number(5)?,
            currency: row.text(6)?.to_owned(),
        });
    }
    Ok(commissions)
}

/// Takes a forgotten site's name, the keys and the owners' ids out of its payments, which stay. Payments
/// of one owner keep a common name, by chance. Returns how many payments there were.
pub(super) async fn forget(
    transaction: &mut dyn Transaction,
    host: &str,
) -> Result<u64, StoreError> {
    let mut payments = Vec::new();
    {
        let select = Statement::new(include_str!("sql/select_site_payments.sql")).with(host);
        let mut rows = transaction.rows(select);
        while let Some(row) = rows.try_next().await? {
            payments.push(payment(&row)?);
        }
    }
    // In no order that tells of what they were.
    let by_chance = || format!("{:032x}", rand::random::<u128>());
    let mut owners = HashMap::new();
    let mut renamed = BTreeMap::new();
    for payment in &payments {
        let owner = owners.entry(&*payment.owner).or_insert_with(by_chance);
        renamed.insert(by_chance(), (payment, owner.clone()));
    }
    let text = |of: fn(&Payment) -> &str| {
        Column::Text(renamed.values().map(|(one, _)| storable(of(one))).collect())
    };
    let number = |of: fn(&Payment) -> i64| {
        Column::Number(renamed.values().map(|(one, _)| of(one)).collect())
    };
    let columns = [
        text(|_| ""),
        Column::Text(renamed.keys().map(Into::into).collect()),
        number(|one| one.at_ms),
        text(|one| one.way.word()),
        number(|one| one.amount_minor),
        text(|one| &one.currency),
        text(|one| &one.purpose),
        Column::Text(renamed.values().map(|(_, owner)| owner.into()).collect()),
    ];
    let insert = include_str!("sql/insert_payment.sql");
    transaction.insert(insert, &columns).await?;
    let delete = Statement::new(include_str!("sql/delete_site_payments.sql")).with(host);
    Ok(transaction.run(delete).await?)
}
