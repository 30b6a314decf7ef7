//! Stories of money: each event makes one row, in the merge's own transaction, and rows stay.

use std::collections::HashSet;

use foresight::{
    event::Confirmed,
    growth::ledger::{accounts, book, book_payments},
    rollup::Rollup,
    store::{Commission, Merge, Payment, Store, Way},
};
use foresight_shared::{CommissionState, Fact, ServerEvent};
use futures_util::future::join_all;
use tokio::task::JoinSet;

use crate::{database::Database, seen::events};

const HOST: &str = "bakery.4site.pro";

fn rollup(events: Vec<Confirmed>) -> Rollup {
    Rollup {
        events,
        ..Rollup::default()
    }
}

fn confirmed(id: &str, at_ms: i64, fact: Fact) -> Confirmed {
    Confirmed {
        received_ms: at_ms,
        event: ServerEvent {
            id: id.into(),
            at: at_ms as u64,
            fact,
        },
    }
}

fn paid(id: &str, at_ms: i64, way: Way, amount_minor: u64, owner: &str) -> Confirmed {
    let payment = foresight_shared::Payment {
        amount_minor,
        currency: "EUR".into(),
        kind: "subscription".into(),
        site: HOST.into(),
        owner: owner.into(),
    };
    let fact = match way {
        Way::Revenue => Fact::Revenue(payment),
        Way::Refund => Fact::Refund(payment),
    };
    confirmed(id, at_ms, fact)
}

fn commission(id: &str, at_ms: i64, state: CommissionState, amount_minor: u64) -> Confirmed {
    let fact = Fact::Commission {
        state,
        partner: "p_17".into(),
        share: "pR7mYc2LzA".into(),
        amount_minor,
        currency: "EUR".into(),
    };
    confirmed(id, at_ms, fact)
}

async fn everything(store: &dyn Store) -> (Vec<Payment>, Vec<Commission>) {
    let mut payments = store.payments(0, i64::MAX).await.unwrap();
    payments.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
    let mut commissions = store.commissions(None, i64::MAX).await.unwrap();
    commissions.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
    (payments, commissions)
}

pub(crate) async fn what_servers_tell_of_money_is_found_again(database: Database) {
    let store = &*database.store;
    assert_eq!(everything(store).await, (vec![], vec![]));
    store.merge("one", 0, 10, &rollup(events())).await.unwrap();
    let payment = |id: &str, at_ms, way, amount_minor| Payment {
        site: HOST.into(),
        id: id.into(),
        at_ms,
        way,
        amount_minor,
        currency: "EUR".into(),
        purpose: "subscription".into(),
        owner: "o_5521".into(),
    };
    let payments = vec![
        payment("invoice-2026-0042", 1_793_000_004_000, Way::Revenue, 2900),
        payment("credit-2026-0007", 1_793_000_005_000, Way::Refund, 900),
    ];
    let at_ms = 1_793_000_006_000;
    let commission = Commission {
        id: "commission-311-accrued".into(),
        at_ms,
        state: CommissionState::Accrued,
        partner: "p_17".into(),
        share: "pR7mYc2LzA".into(),
        amount_minor: 580,
        currency: "EUR".into(),
    };
    assert_eq!(
        everything(store).await,
        (payments, vec![commission.clone()])
    );
    for (partner, before_ms, found) in [
        (Some("p_17"), at_ms + 1, 1),
        (Some("p_17"), at_ms, 0),
        (Some("p_18"), at_ms + 1, 0),
        (None, at_ms, 0),
    ] {
        let commissions = store.commissions(partner, before_ms).await.unwrap();
        assert_eq!(commissions.len(), found, "{partner:?} {before_ms}");
    }
    // What is about no site goes with its age, but not what tells of money.
    store.delete_before(86_400_000).await.unwrap();
    let left = "select count(*) from server_event where site = ''";
    assert_eq!(database.number(left).await, 1);
    // A merge that is refused adds nothing.
    let mut again = rollup(events());
    again
        .events
        .insert(0, paid("invoice-2026-0043", 9, Way::Revenue, 1, "o_1"));
    let refused = store.merge("two", 0, 10, &again).await.unwrap();
    assert!(matches!(refused, Merge::Known(_)), "{refused:?}");
    assert_eq!(everything(store).await.1, [commission]);
    assert_eq!(everything(store).await.0.len(), 2);
}

/// The end of the migration makes the rows of what was told before it: here it makes them once more.
pub(crate) async fn rows_of_money_can_be_made_of_server_events_again(database: Database) {
    let store = &*database.store;
    let mut told = events();
    let states = CommissionState::ALL.into_iter().zip(0..);
    told.extend(states.map(|(state, at)| commission(&format!("all-states-{at}"), at, state, 7)));
    store.merge("one", 0, 20, &rollup(told)).await.unwrap();
    let before = everything(store).await;
    assert_eq!((before.0.len(), before.1.len()), (2, 6));
    for table in ["payment", "commission"] {
        database.run(&format!("delete from {table}")).await;
    }
    assert_eq!(everything(store).await, (vec![], vec![]));
    let migration = if database.url.starts_with("sqlite:") {
        include_str!("../../migrations/sqlite/0004_money.sql")
    } else {
        include_str!("../../migrations/postgres/0004_money.sql")
    };
    let (_, again) = migration.split_once("-- What was told before.").unwrap();
    for statement in again.split(';').filter(|one| !one.trim().is_empty()) {
        database.run(statement).await;
    }
    assert_eq!(everything(store).await, before);
}

/// The fleet's takings are the same before and after; which of a refund is booked too.
pub(crate) async fn a_forgotten_site_leaves_its_payments_without_its_name(database: Database) {
    let store = &*database.store;
    let told = vec![
        paid("invoice-0001", 1, Way::Revenue, 100, "o_1"),
        paid("invoice-0002", 2, Way::Revenue, 500, "o_2"),
        paid("refund-0001", 3, Way::Refund, 101, "o_1"),
        paid("refund-0002", 4, Way::Refund, 40, "o_1"),
        commission("accrued-0001", 5, CommissionState::Accrued, 58),
    ];
    store.merge("one", 0, 5, &rollup(told)).await.unwrap();
    let (before, commissions) = everything(store).await;
    let booked = |payments: &[Payment]| {
        let entries = book_payments(payments).unwrap();
        let of = |entry: &foresight::growth::ledger::PaymentEntry<'_>| {
            (entry.told.at_ms, entry.signed())
        };
        entries.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(booked(&before), [(1, 100), (2, 500), (3, 0), (4, -40)]);
    let deleted = store.forget_site(HOST, 7).await.unwrap();
    let payments = deleted.iter().find(|rows| rows.table == "payment");
    assert_eq!(payments.unwrap().rows, 4);
    let left = store.site_rows(HOST).await.unwrap();
    assert!(left.iter().all(|rows| rows.rows == 0), "{left:?}");
    let (after, still) = everything(store).await;
    assert_eq!(booked(&after), booked(&before));
    assert_eq!(still, commissions);
    for (payment, before) in after.iter().zip(&before) {
        assert_eq!(payment.site, "");
        assert!(payment.id != before.id && payment.owner != before.owner);
    }
    let owners: HashSet<_> = after.iter().map(|payment| &*payment.owner).collect();
    assert_eq!(owners.len(), 2);
    // Again: there is nothing left to take the name from.
    store.forget_site(HOST, 8).await.unwrap();
    assert_eq!(everything(store).await.0, after);
}

pub(crate) async fn refunds_bring_along_what_they_go_back_on(database: Database) {
    let store = &*database.store;
    let told = vec![
        paid("invoice-0001", 1, Way::Revenue, 100, "o_1"),
        paid("invoice-0002", 2, Way::Revenue, 100, "o_2"),
        paid("invoice-0003", 11, Way::Revenue, 100, "o_3"),
        paid("refund-0001", 12, Way::Refund, 60, "o_1"),
        paid("refund-0002", 22, Way::Refund, 60, "o_1"),
    ];
    store.merge("one", 0, 5, &rollup(told)).await.unwrap();
    for (from_ms, to_ms, expected) in [
        (0, 10, &[1, 2][..]),
        (10, 20, &[1, 11, 12]),
        (20, 30, &[1, 12, 22]),
        (13, 22, &[]),
    ] {
        let mut payments = store.payments(from_ms, to_ms).await.unwrap();
        payments.sort_by_key(|payment| payment.at_ms);
        let times: Vec<_> = payments.iter().map(|payment| payment.at_ms).collect();
        assert_eq!(times, expected, "{from_ms} {to_ms}");
    }
}

/// Merges of one collector.
const MERGES: i64 = 20;

/// Two collectors have some events in common and some of their own, in different orders.
pub(crate) async fn two_collectors_with_the_same_events_book_each_once(database: Database) {
    let mut collectors = JoinSet::new();
    for spool in ["one", "two"] {
        let store = database.again().await;
        collectors.spawn(async move { tell(&*store, spool).await });
    }
    let added: usize = collectors.join_all().await.into_iter().sum();
    let (payments, commissions) = everything(&*database.store).await;
    // Of each merge: what both have, and what one has.
    assert_eq!(added, 6 * MERGES as usize);
    assert_eq!(commissions.len(), 5 * MERGES as usize);
    assert_eq!(payments.len(), MERGES as usize);
    let entries = book(&commissions).unwrap();
    assert!(entries.iter().all(|entry| entry.posting.is_some()));
    let balance = accounts(&entries).unwrap()[&("p_17", "EUR")].balance;
    let expected = (100 * MERGES, 40 * MERGES, 30 * MERGES);
    assert_eq!((balance.accrued, balance.payable, balance.paid), expected);
    // Whoever asks meanwhile, or through another process, finds the same.
    let stores = join_all((0..2).map(|_| database.again())).await;
    for store in stores {
        assert_eq!(
            everything(&*store).await,
            (payments.clone(), commissions.clone())
        );
    }
}

/// Merges all rounds of a collector; how many events were added.
async fn tell(store: &dyn Store, spool: &str) -> usize {
    let mut added = 0;
    for round in 0..MERGES {
        // The second one goes the other way round.
        let number = if spool == "one" {
            round
        } else {
            MERGES - 1 - round
        };
        let mut told = both(number);
        told.push(if spool == "one" {
            commission(&format!("paid-{number:04}"), 9, CommissionState::Paid, 30)
        } else {
            let id = format!("invoice-{number:04}");
            paid(&id, number, Way::Revenue, 100, "o_1")
        });
        loop {
            let stretch = rollup(told.clone());
            match store
                .merge(spool, round, round + 1, &stretch)
                .await
                .unwrap()
            {
                Merge::Added => break added += told.len(),
                Merge::Known(known) => {
                    let key = |event: &Confirmed| (event.site().to_owned(), event.event.id.clone());
                    told.retain(|event| !known.events.contains_key(&key(event)));
                }
                Merge::At(position) => panic!("at {position}"),
            }
        }
    }
    added
}

/// What both collectors are told.
fn both(number: i64) -> Vec<Confirmed> {
    let one = |word: &str, at_ms, state, amount| {
        commission(&format!("{word}-{number:04}"), at_ms, state, amount)
    };
    vec![
        one("accrued", 1, CommissionState::Accrued, 100),
        one("held", 2, CommissionState::Held, 20),
        one("approved", 3, CommissionState::Approved, 80),
        one("reversed", 4, CommissionState::Reversed, 30),
    ]
}
