//! Tests: tables of what happens to one commission, and what holds for any events in any order.

use foresight_shared::CommissionState::{self, Accrued, Approved, Held, Paid, Reversed};
use proptest::prelude::*;

use super::*;
use crate::store::{Commission, Payment, Way};

fn commission(number: usize, at_ms: i64, state: CommissionState, amount_minor: i64) -> Commission {
    Commission {
        id: format!("key-{number:04}"),
        at_ms,
        state,
        partner: "p_17".into(),
        share: "share-one".into(),
        amount_minor,
        currency: "EUR".into(),
    }
}

/// Events that happen one after the other.
fn told(events: &[(CommissionState, i64)]) -> Vec<Commission> {
    let events = events.iter().enumerate();
    events
        .map(|(at, (state, amount))| commission(at, at as i64, *state, *amount))
        .collect()
}

/// Pending, held, payable, paid, reversed and excess of the only partner.
fn sums(told: &[Commission]) -> [i64; 6] {
    let accounts = accounts(&book(told).unwrap()).unwrap();
    let account = accounts[&("p_17", "EUR")];
    let Balance {
        pending,
        held,
        payable,
        paid,
        reversed,
        ..
    } = account.balance;
    [
        pending,
        held,
        payable,
        paid,
        reversed,
        account.excess.amount,
    ]
}

#[test]
fn amounts_move_from_state_to_state() {
    for (events, expected) in [
        (&[(Accrued, 100)][..], [100, 0, 0, 0, 0, 0]),
        (&[(Accrued, 100), (Held, 30)], [70, 30, 0, 0, 0, 0]),
        (&[(Accrued, 100), (Approved, 60)], [40, 0, 60, 0, 0, 0]),
        // What was held is approved first.
        (
            &[(Accrued, 100), (Held, 30), (Approved, 40)],
            [60, 0, 40, 0, 0, 0],
        ),
        (
            &[(Accrued, 100), (Approved, 100), (Paid, 70)],
            [0, 0, 30, 70, 0, 0],
        ),
        // Out of pending, then held, then payable.
        (
            &[(Accrued, 100), (Approved, 50), (Held, 20), (Reversed, 60)],
            [0, 0, 40, 0, 60, 0],
        ),
        // What was paid already is a debt, and set off.
        (
            &[
                (Accrued, 100),
                (Approved, 100),
                (Paid, 100),
                (Reversed, 100),
            ],
            [0, 0, -100, 100, 100, 0],
        ),
        (
            &[
                (Accrued, 100),
                (Approved, 100),
                (Paid, 100),
                (Reversed, 100),
                (Accrued, 150),
                (Approved, 150),
                (Paid, 50),
            ],
            [0, 0, 0, 150, 100, 0],
        ),
        // More than there is: nothing of it is booked.
        (
            &[(Accrued, 100), (Approved, 100), (Paid, 101)],
            [0, 0, 100, 0, 0, 101],
        ),
        (&[(Paid, 5)], [0, 0, 0, 0, 0, 5]),
        (&[(Accrued, 100), (Held, 101)], [100, 0, 0, 0, 0, 101]),
        (&[(Accrued, 100), (Approved, 101)], [100, 0, 0, 0, 0, 101]),
        (
            &[(Accrued, 100), (Reversed, 60), (Reversed, 60)],
            [40, 0, 0, 0, 60, 60],
        ),
    ] {
        assert_eq!(sums(&told(events)), expected, "{events:?}");
    }
}

#[test]
fn an_earlier_event_that_is_told_later_makes_a_later_one_good() {
    let all = told(&[(Accrued, 100), (Approved, 100), (Paid, 100)]);
    assert_eq!(
        sums(&[all[2].clone(), all[0].clone()]),
        [100, 0, 0, 0, 0, 100]
    );
    assert_eq!(sums(&all), [0, 0, 0, 100, 0, 0]);
    // In the same moment, states follow one another whatever their keys are.
    let states = [Paid, Approved, Held, Accrued].into_iter().enumerate();
    let moment: Vec<_> = states
        .map(|(number, state)| commission(number, 7, state, 100))
        .collect();
    assert_eq!(sums(&moment), [0, 0, 0, 100, 0, 0]);
}

#[test]
fn what_one_share_owes_is_not_paid_out_by_another() {
    let mut all = told(&[
        (Accrued, 100),
        (Approved, 100),
        (Paid, 100),
        (Reversed, 100),
        (Accrued, 150),
        (Approved, 150),
        (Paid, 150),
        (Paid, 50),
    ]);
    for one in &mut all[4..] {
        one.share = "share-two".into();
    }
    // 150 are payable for the second share, but 100 are owed for the first.
    assert_eq!(sums(&all), [0, 0, 0, 150, 100, 150]);
}

#[test]
fn a_sum_that_does_not_fit_is_an_error_that_names_the_partner() {
    let all = told(&[(Accrued, i64::MAX), (Accrued, 1)]);
    let error = book(&all).unwrap_err();
    let expected = LedgerError::Overflow {
        account: "p_17".into(),
        currency: "EUR".into(),
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("p_17"));
}

#[test]
fn a_refund_is_no_more_than_came_in_from_the_owner() {
    let payment = |number: i64, way, amount_minor, owner: &str| Payment {
        site: "a.example".into(),
        id: format!("key-{number:04}"),
        at_ms: number,
        way,
        amount_minor,
        currency: "EUR".into(),
        purpose: "subscription".into(),
        owner: owner.into(),
    };
    let all = [
        payment(0, Way::Revenue, 100, "o_1"),
        payment(1, Way::Revenue, 500, "o_2"),
        payment(2, Way::Refund, 80, "o_1"),
        payment(3, Way::Refund, 21, "o_1"),
        payment(4, Way::Refund, 20, "o_1"),
    ];
    let entries = book_payments(&all).unwrap();
    let signed: Vec<_> = entries.iter().map(PaymentEntry::signed).collect();
    assert_eq!(signed, [100, 500, -80, 0, -20]);
    let mut takings = Takings::default();
    for entry in &entries {
        takings.add(entry).unwrap();
    }
    let expected = Takings {
        revenue_minor: 600,
        refunds_minor: 100,
        net_minor: 500,
        revenue_entries: 2,
        refund_entries: 2,
        excess_minor: 21,
        excess_entries: 1,
    };
    assert_eq!(takings, expected);
}

/// Any events: few partners, shares and times, so that they meet.
fn any_commissions() -> impl Strategy<Value = Vec<Commission>> {
    let state = prop::sample::select(CommissionState::ALL.to_vec());
    let one = (0..12_i64, state, 0..40_i64, 0..2, 0..2, any::<bool>());
    let told = |all: Vec<(i64, CommissionState, i64, i32, i32, bool)>| {
        let all = all.into_iter().enumerate();
        all.map(
            |(number, (at_ms, state, amount, partner, share, euro))| Commission {
                partner: format!("p_{partner}"),
                share: format!("share-{share}"),
                currency: if euro { "EUR" } else { "JPY" }.into(),
                ..commission(number, at_ms, state, amount)
            },
        )
        .collect()
    };
    prop::collection::vec(one, 0..60).prop_map(told)
}

fn any_payments() -> impl Strategy<Value = Vec<Payment>> {
    let one = (0..12_i64, any::<bool>(), 1..40_i64, 0..2, any::<bool>());
    let told = |all: Vec<(i64, bool, i64, i32, bool)>| {
        let all = all.into_iter().enumerate();
        all.map(
            |(number, (at_ms, back, amount_minor, owner, euro))| Payment {
                site: format!("{}.example", number % 2),
                id: format!("key-{number:04}"),
                at_ms,
                way: if back { Way::Refund } else { Way::Revenue },
                amount_minor,
                currency: if euro { "EUR" } else { "JPY" }.into(),
                purpose: "subscription".into(),
                owner: format!("o_{owner}"),
            },
        )
        .collect()
    };
    prop::collection::vec(one, 0..60).prop_map(told)
}

/// Everything, some of it again, in any order.
fn arrived<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let again = prop::sample::subsequence(all.clone(), 0..=all.len());
    again
        .prop_map(move |again| [all.clone(), again].concat())
        .prop_shuffle()
}

proptest! {
    #[test]
    fn entries_of_a_partner_add_up_to_the_balance_and_every_event_is_one(all in any_commissions()) {
        let entries = book(&all).unwrap();
        prop_assert_eq!(entries.len(), all.len());
        let accounts = accounts(&entries).unwrap();
        let mut seen = 0;
        for ((partner, currency), account) in accounts {
            let of = |told: &Commission| told.partner == partner && told.currency == currency;
            let postings = entries.iter().filter(|entry| of(entry.told));
            let payable: i64 = postings.filter_map(|entry| entry.posting).map(|one| one.payable).sum();
            prop_assert_eq!(payable, account.balance.payable);
            // Nothing that was earned is ever refused.
            let earned = all.iter().filter(|told| of(told) && told.state == Accrued);
            prop_assert_eq!(earned.map(|told| told.amount_minor).sum::<i64>(), account.balance.accrued);
            seen += account.entries + account.excess.entries;
        }
        prop_assert_eq!(seen, all.len() as u64);
    }

    #[test]
    fn no_sum_is_ever_below_what_it_may_be(all in any_commissions()) {
        let mut partners = std::collections::HashMap::<(&str, &str), Balance>::new();
        let mut chains = std::collections::HashMap::<(&str, &str, &str), i64>::new();
        for entry in &book(&all).unwrap() {
            let told = entry.told;
            let balance = partners.entry((&told.partner, &told.currency)).or_default();
            let Some(posting) = entry.posting else { continue };
            let chain = chains.entry((&told.partner, &told.currency, &told.share)).or_default();
            if told.state == Paid {
                prop_assert!(told.amount_minor <= balance.payable.min(*chain));
            }
            *chain += posting.payable;
            *balance = balance.plus(posting).unwrap();
            let Balance { accrued, pending, held, payable, paid, reversed } = *balance;
            prop_assert!(pending >= 0 && held >= 0 && paid >= 0 && reversed >= 0);
            prop_assert!(payable >= -paid && reversed <= accrued);
            prop_assert_eq!(pending + held + payable + paid + reversed, accrued);
        }
    }

    #[test]
    fn repeats_and_the_order_of_arrival_change_nothing(
        (all, arrived) in any_commissions().prop_flat_map(|all| (Just(all.clone()), arrived(all)))
    ) {
        prop_assert_eq!(book(&all).unwrap(), book(&arrived).unwrap());
    }

    #[test]
    fn a_key_that_is_used_for_something_else_is_refused(all in any_commissions(), at in any::<prop::sample::Index>()) {
        prop_assume!(!all.is_empty());
        let mut other = all[at.index(all.len())].clone();
        other.amount_minor += 1;
        let key = other.id.clone();
        let told: Vec<_> = all.iter().chain([&other]).cloned().collect();
        prop_assert_eq!(book(&told), Err(LedgerError::Conflict { key }));
    }

    #[test]
    fn a_statement_begins_where_the_one_before_ends_and_adds_up(all in any_commissions(), cut in 0..13_i64) {
        let entries = book(&all).unwrap();
        let before = statements(&entries, "p_0", (0, cut)).unwrap();
        let after = statements(&entries, "p_0", (cut, 12)).unwrap();
        let accounts = accounts(&entries).unwrap();
        for (currency, statement) in &after {
            let opening = before.get(currency).map_or(Balance::default(), |before| before.closing);
            prop_assert_eq!(statement.opening, opening);
            prop_assert_eq!(statement.opening.plus(statement.sum), Some(statement.closing));
            prop_assert_eq!(statement.closing, accounts[&("p_0", *currency)].balance);
        }
    }

    #[test]
    fn no_owner_gets_back_more_than_came_in(
        (all, arrived) in any_payments().prop_flat_map(|all| (Just(all.clone()), arrived(all)))
    ) {
        let entries = book_payments(&all).unwrap();
        prop_assert_eq!(&entries, &book_payments(&arrived).unwrap());
        let mut owners = std::collections::HashMap::<_, i64>::new();
        let mut takings = std::collections::HashMap::<_, Takings>::new();
        for entry in &entries {
            let told = entry.told;
            let kept = owners.entry((&told.site, &told.owner, &told.currency)).or_default();
            *kept += entry.signed();
            prop_assert!(*kept >= 0);
            takings.entry(&told.currency).or_default().add(entry).unwrap();
        }
        let net: i64 = takings.values().map(|taken| taken.net_minor).sum();
        prop_assert_eq!(net, owners.values().sum::<i64>());
        let seen = |taken: &Takings| taken.revenue_entries + taken.refund_entries + taken.excess_entries;
        prop_assert_eq!(takings.values().map(seen).sum::<u64>(), all.len() as u64);
    }
}
