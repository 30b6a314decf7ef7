//! The money of the demo fleet: what owners pay, what they get back, and what partners earn.
//!
//! In: sites and shares. Out: what servers tell of money, and its sums: whole minor units, never a float.
//! What must never happen: a refund or a commission without its payment, or a commission that is paid
//! before it was approved.

use std::collections::BTreeMap;

use foresight_shared::{CommissionState, Fact, Payment, ServerEvent};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::Serialize;

use super::{
    model::of,
    owners::{Owners, Site, event},
};
use crate::event::{DAY_MS, Millis};

/// The part of owners who subscribe, three days after their first site.
const SUBSCRIBED: f64 = 0.4;
const FIRST_PAYMENT_DAYS: Millis = 3;
/// A payment is due every so many days, and so many of those who have paid pay no more.
const RENEWAL_DAYS: Millis = 30;
const LOST: f64 = 0.1;
/// The part of payments that go back, after so many days.
const REFUNDED: f64 = 0.04;
const REFUND_DAYS: Millis = 5;
/// Currencies with the monthly price in minor units, and their parts of the subscriptions.
const PRICES: [((&str, u64), f64); 2] = [(("EUR", 2900), 0.8), (("USD", 3200), 0.2)];
/// The commission on the first payment of an owner whom a share has brought, in hundredths.
const COMMISSION_PERCENT: u64 = 20;
/// How many partners there are; shares are theirs in turn.
const PARTNERS: usize = 12;
/// The part of commissions that are held for a check; days from the payment until a commission is
/// approved, and until it is paid.
const HELD: f64 = 0.25;
const APPROVED_DAYS: Millis = 14;
const PAID_DAYS: Millis = 21;

/// What was told of one currency, in its minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Payments.
    pub payments: u64,
    /// What they amount to.
    pub revenue_minor: u64,
    /// What went back.
    pub refunded_minor: u64,
    /// Commissions that were earned.
    pub accrued_minor: u64,
    /// Those of them that were approved.
    pub approved_minor: u64,
    /// Those that were paid.
    pub paid_minor: u64,
    /// Those that were taken back.
    pub reversed_minor: u64,
}

/// What servers tell of money until a time, and its sums by currency.
pub(super) fn draw(
    seed: u64,
    owners: &Owners,
    to_ms: Millis,
) -> (Vec<ServerEvent>, BTreeMap<&'static str, Sums>) {
    let mut books = Books {
        seed,
        to_ms,
        random: StdRng::seed_from_u64(seed.wrapping_add(2)),
        events: Vec::new(),
        sums: BTreeMap::new(),
    };
    for (number, site) in owners.sites.iter().enumerate() {
        // Robots do not pay, and who generates again pays for the first site.
        if site.is_first && books.random.random_bool(SUBSCRIBED) {
            books.subscribe(number, site, owners);
        }
    }
    (books.events, books.sums)
}

struct Books {
    seed: u64,
    to_ms: Millis,
    random: StdRng,
    events: Vec<ServerEvent>,
    sums: BTreeMap<&'static str, Sums>,
}

impl Books {
    fn subscribe(&mut self, number: usize, site: &Site, owners: &Owners) {
        let (currency, amount_minor) = of(PRICES, self.random.random(), PRICES[0].0);
        let payment = Payment {
            amount_minor,
            currency: currency.to_owned(),
            kind: "subscription".to_owned(),
            site: site.host.clone(),
            owner: site.owner.clone(),
        };
        let mut at_ms = site.at_ms + FIRST_PAYMENT_DAYS * DAY_MS;
        for month in 0.. {
            if at_ms >= self.to_ms {
                break;
            }
            let key = format!("{number}-{month}");
            self.tell(
                &format!("payment-{key}"),
                at_ms,
                Fact::Revenue(payment.clone()),
            );
            let sums = self.sums.entry(currency).or_default();
            sums.payments += 1;
            sums.revenue_minor += amount_minor;
            let refund_ms = at_ms + REFUND_DAYS * DAY_MS;
            let refunded = self.random.random_bool(REFUNDED) && refund_ms < self.to_ms;
            if refunded {
                self.tell(
                    &format!("refund-{key}"),
                    refund_ms,
                    Fact::Refund(payment.clone()),
                );
                self.sums.entry(currency).or_default().refunded_minor += amount_minor;
            }
            if let (0, Some(share)) = (month, site.brought_by) {
                let id = owners.shares[share].id.clone();
                let partner = format!("p_{}_{}", self.seed, share % PARTNERS);
                self.commission(
                    (number, partner, id),
                    (currency, amount_minor),
                    at_ms,
                    refunded,
                );
            }
            if refunded || self.random.random_bool(LOST) {
                break;
            }
            at_ms += RENEWAL_DAYS * DAY_MS;
        }
    }

    /// The commission on a payment: earned with it, taken back with it, or approved and then paid.
    fn commission(
        &mut self,
        (number, partner, share): (usize, String, String),
        (currency, paid_minor): (&'static str, u64),
        at_ms: Millis,
        refunded: bool,
    ) {
        let amount_minor = paid_minor * COMMISSION_PERCENT / 100;
        let held = self.random.random_bool(HELD);
        let after = |days: Millis| at_ms + days * DAY_MS;
        let mut states = vec![(CommissionState::Accrued, at_ms)];
        if held {
            states.push((CommissionState::Held, after(1)));
        }
        if refunded {
            states.push((CommissionState::Reversed, after(REFUND_DAYS)));
        } else {
            states.push((CommissionState::Approved, after(APPROVED_DAYS)));
            states.push((CommissionState::Paid, after(PAID_DAYS)));
        }
        for (state, at_ms) in states {
            if at_ms >= self.to_ms {
                break;
            }
            let fact = Fact::Commission {
                state,
                partner: partner.clone(),
                share: share.clone(),
                amount_minor,
                currency: currency.to_owned(),
            };
            self.tell(&format!("commission-{number}-{state:?}"), at_ms, fact);
            let sums = self.sums.entry(currency).or_default();
            match state {
                CommissionState::Accrued => sums.accrued_minor += amount_minor,
                CommissionState::Held => {}
                CommissionState::Approved => sums.approved_minor += amount_minor,
                CommissionState::Paid => sums.paid_minor += amount_minor,
                CommissionState::Reversed => sums.reversed_minor += amount_minor,
            }
        }
    }

    fn tell(&mut self, what: &str, at_ms: Millis, fact: Fact) {
        self.events.push(event(self.seed, what, at_ms, fact));
    }
}
