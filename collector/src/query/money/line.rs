//! A line of the ledger: what was told, and whether and how it is booked.
//!
//! In: entries of payments or of commissions. Out: lines that look alike, in one order: by time, then
//! as kinds follow one another, then by site and key. What must never happen: two lines have one place.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foresight_shared::CommissionState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{super::scope::timestamp, amount::exponent, table::Cell};
use crate::{
    event::Millis,
    growth::ledger::{Balance, Entry, PaymentEntry},
    store::Way,
};

/// What was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EntryKind)]
pub(super) enum Kind {
    Revenue,
    Refund,
    Accrued,
    Held,
    Approved,
    Paid,
    Reversed,
}

/// Whether it is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EntryState)]
enum State {
    Booked,
    /// It would move more than there is.
    Excess,
}

/// A line of the ledger.
#[derive(Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct Line {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    id: String,
    pub(super) kind: Kind,
    state: State,
    /// Of payments; null if the site was forgotten.
    pub(super) site: Option<String>,
    owner: Option<String>,
    purpose: Option<String>,
    /// Of commissions.
    partner: Option<String>,
    share: Option<String>,
    pub(super) currency: String,
    exponent: Option<u16>,
    amount_minor: i64,
    /// What a payment adds to what was taken.
    net_minor: Option<i64>,
    /// What a commission changes.
    changes: Option<Balance>,
    #[serde(skip)]
    place: Place,
}

/// Where a line is among the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    at_ms: Millis,
    kind: Kind,
    site: String,
    id: String,
}

/// A place in a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(as = EntryAfter, value_type = String)]
pub(super) struct After(pub(super) Place);

impl Kind {
    /// Every kind, in the order of `Ord`.
    const ALL: [Self; 7] = [
        Self::Revenue,
        Self::Refund,
        Self::Accrued,
        Self::Held,
        Self::Approved,
        Self::Paid,
        Self::Reversed,
    ];

    /// Whether it is of a payment, not of a commission.
    pub(super) const fn is_of_payment(self) -> bool {
        matches!(self, Self::Revenue | Self::Refund)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Revenue => Way::Revenue.word(),
            Self::Refund => Way::Refund.word(),
            Self::Accrued => CommissionState::Accrued.word(),
            Self::Held => CommissionState::Held.word(),
            Self::Approved => CommissionState::Approved.word(),
            Self::Paid => CommissionState::Paid.word(),
            Self::Reversed => CommissionState::Reversed.word(),
        }
    }
}

impl From<CommissionState> for Kind {
    fn from(state: CommissionState) -> Self {
        match state {
            CommissionState::Accrued => Self::Accrued,
            CommissionState::Held => Self::Held,
            CommissionState::Approved => Self::Approved,
            CommissionState::Paid => Self::Paid,
            CommissionState::Reversed => Self::Reversed,
        }
    }
}

impl State {
    const fn of(is_booked: bool) -> Self {
        if is_booked {
            Self::Booked
        } else {
            Self::Excess
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Excess => "excess",
        }
    }
}

impl From<&PaymentEntry<'_>> for Line {
    fn from(entry: &PaymentEntry<'_>) -> Self {
        let told = entry.told;
        let kind = match told.way {
            Way::Revenue => Kind::Revenue,
            Way::Refund => Kind::Refund,
        };
        Self {
            at: timestamp(told.at_ms),
            id: told.id.clone(),
            kind,
            state: State::of(entry.is_booked),
            site: Some(told.site.clone()).filter(|site| !site.is_empty()),
            owner: Some(told.owner.clone()),
            purpose: Some(told.purpose.clone()),
            partner: None,
            share: None,
            exponent: exponent(&told.currency),
            currency: told.currency.clone(),
            amount_minor: told.amount_minor,
            net_minor: Some(entry.signed()),
            changes: None,
            place: Place {
                at_ms: told.at_ms,
                kind,
                site: told.site.clone(),
                id: told.id.clone(),
            },
        }
    }
}

impl From<&Entry<'_>> for Line {
    fn from(entry: &Entry<'_>) -> Self {
        let told = entry.told;
        let kind = Kind::from(told.state);
        Self {
            at: timestamp(told.at_ms),
            id: told.id.clone(),
            kind,
            state: State::of(entry.posting.is_some()),
            site: None,
            owner: None,
            purpose: None,
            partner: Some(told.partner.clone()),
            share: Some(told.share.clone()),
            exponent: exponent(&told.currency),
            currency: told.currency.clone(),
            amount_minor: told.amount_minor,
            net_minor: None,
            changes: entry.posting,
            place: Place {
                at_ms: told.at_ms,
                kind,
                site: String::new(),
                id: told.id.clone(),
            },
        }
    }
}

impl Line {
    /// The columns of a line.
    pub(super) const COLUMNS: [&'static str; 18] = [
        "at",
        "id",
        "kind",
        "state",
        "site",
        "owner",
        "purpose",
        "partner",
        "share",
        "currency",
        "amount_minor",
        "net_minor",
        "accrued_minor",
        "pending_minor",
        "held_minor",
        "payable_minor",
        "paid_minor",
        "reversed_minor",
    ];

    /// Its cells, in the order of the columns.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let minor = |amount| Cell::Minor(amount, self.currency.clone());
        let mut cells = vec![
            Cell::text(&self.at.to_string()),
            Cell::text(&self.id),
            Cell::text(self.kind.word()),
            Cell::text(self.state.word()),
            Cell::maybe(self.site.as_deref()),
            Cell::maybe(self.owner.as_deref()),
            Cell::maybe(self.purpose.as_deref()),
            Cell::maybe(self.partner.as_deref()),
            Cell::maybe(self.share.as_deref()),
            Cell::text(&self.currency),
            minor(self.amount_minor),
            self.net_minor.map_or(Cell::Empty, minor),
        ];
        match self.changes {
            Some(changes) => cells.extend(balance(&changes, &self.currency)),
            None => cells.extend((0..6).map(|_| Cell::Empty)),
        }
        cells
    }

    /// Where it is among the others.
    pub(super) const fn place(&self) -> &Place {
        &self.place
    }
}

/// The cells of a balance, in the order of its fields.
pub(super) fn balance(balance: &Balance, currency: &str) -> [Cell; 6] {
    let Balance {
        accrued,
        pending,
        held,
        payable,
        paid,
        reversed,
    } = *balance;
    Cell::amounts(currency, [accrued, pending, held, payable, paid, reversed])
}

impl Place {
    /// As a parameter. Neither hosts nor keys have spaces.
    pub(super) fn word(&self) -> String {
        let Self {
            at_ms,
            kind,
            site,
            id,
        } = self;
        BASE64_URL_SAFE_NO_PAD.encode(format!("{at_ms} {} {site} {id}", kind.word()))
    }

    fn read(word: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(word).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.splitn(4, ' ');
        let (at_ms, kind) = (parts.next()?.parse().ok()?, parts.next()?);
        Some(Self {
            at_ms,
            kind: Kind::ALL.into_iter().find(|one| one.word() == kind)?,
            site: parts.next()?.to_owned(),
            id: parts.next()?.to_owned(),
        })
    }
}

impl TryFrom<String> for After {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let place = Place::read(&word).ok_or("what `next` of an answer was")?;
        Ok(Self(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_can_be_asked_for_and_nothing_else() {
        for (site, kind) in [("", Kind::Paid), ("a.example", Kind::Refund)] {
            let place = Place {
                at_ms: 1_793_000_004_000,
                kind,
                site: site.into(),
                id: "invoice-2026~0042".into(),
            };
            assert_eq!(After::try_from(place.word()), Ok(After(place)));
        }
        for word in ["", "x", "MSAyIDM", "%"] {
            assert!(After::try_from(word.to_owned()).is_err(), "{word}");
        }
    }
}
