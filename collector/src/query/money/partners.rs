//! `/api/v1/money/partners`: what each partner has in each currency, and all of them together.

use std::{cmp::Reverse, collections::BTreeMap};

use axum::{extract, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::{Failed, ForAnalysts, Refused},
        unavailable,
        value::{Limit, Word},
    },
    amount::exponent,
    asked::{Asked, Format, Written},
    line::balance,
    made,
    table::{Cell, Table},
};
use crate::{
    event::Millis,
    growth::ledger::{Account, Excess, LedgerError, accounts, book},
    problem::Problem,
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    partner: Option<Word>,
    currency: Option<Word>,
    limit: Option<Limit>,
}

/// Partners by currency, most payable first; and the sums of each currency, of those too that the
/// limit leaves out.
#[derive(Serialize, ToSchema)]
struct PartnersReport {
    partners: Vec<Line>,
    totals: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PartnerAccount)]
struct Line {
    /// Null in totals.
    partner: Option<String>,
    currency: String,
    exponent: Option<u16>,
    #[serde(flatten)]
    account: Account,
}

impl Line {
    fn new(partner: Option<&str>, currency: &str, account: Account) -> Self {
        Self {
            partner: partner.map(str::to_owned),
            currency: currency.to_owned(),
            exponent: exponent(currency),
            account,
        }
    }

    fn cells(&self) -> Vec<Cell> {
        let part = if self.partner.is_some() {
            "partner"
        } else {
            "total"
        };
        let Account {
            balance: has,
            entries,
            excess,
        } = self.account;
        let mut cells = vec![
            Cell::text(part),
            Cell::maybe(self.partner.as_deref()),
            Cell::text(&self.currency),
        ];
        cells.extend(balance(&has, &self.currency));
        cells.push(Cell::Count(entries));
        cells.extend(Cell::amounts(&self.currency, [excess.amount]));
        cells.push(Cell::Count(excess.entries));
        cells
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/money/partners",
    operation_id = "money_partners",
    tag = "money",
    summary = "What each partner has",
    params(Written, Own),
    responses(
        (status = 200, description = "the report", content((PartnersReport = "application/json"), (String = "text/csv"))),
        Refused, ForAnalysts, Failed
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Asked<Own>,
) -> Result<Response, Problem> {
    let Asked { format, own, .. } = question;
    let partner = own.partner.as_ref().map(|partner| &*partner.0);
    let told = state.store.commissions(partner, Millis::MAX).await;
    let told = told.map_err(unavailable)?;
    made(format, move || {
        let accounts = accounts(&book(&told)?)?;
        let is_asked = |currency: &str| own.currency.as_ref().is_none_or(|one| one.0 == currency);
        let mut partners = Vec::new();
        let mut totals: BTreeMap<&str, Account> = BTreeMap::new();
        for ((partner, currency), account) in accounts {
            if is_asked(currency) {
                let total = totals.entry(currency).or_default();
                *total = together(*total, &account, currency)?;
                partners.push(Line::new(Some(partner), currency, account));
            }
        }
        // Those with as much keep the order of their names.
        partners.sort_by_key(|line| (line.currency.clone(), Reverse(line.account.balance.payable)));
        if format == Format::Json || own.limit.is_some() {
            partners.truncate(own.limit.unwrap_or_default().0 as usize);
        }
        let total = |(currency, account)| Line::new(None, currency, account);
        Ok(PartnersReport {
            partners,
            totals: totals.into_iter().map(total).collect(),
        })
    })
    .await
}

/// The sums of two accounts.
fn together(one: Account, other: &Account, currency: &str) -> Result<Account, LedgerError> {
    let overflow = || LedgerError::Overflow {
        account: "all partners".into(),
        currency: currency.to_owned(),
    };
    let excess = one.excess.amount.checked_add(other.excess.amount);
    Ok(Account {
        balance: one.balance.plus(other.balance).ok_or_else(overflow)?,
        entries: one.entries + other.entries,
        excess: Excess {
            entries: one.excess.entries + other.excess.entries,
            amount: excess.ok_or_else(overflow)?,
        },
    })
}

impl Table for PartnersReport {
    const FILE: &'static str = "foresight-partners";
    const COLUMNS: &'static [&'static str] = &[
        "part",
        "partner",
        "currency",
        "accrued_minor",
        "pending_minor",
        "held_minor",
        "payable_minor",
        "paid_minor",
        "reversed_minor",
        "entries",
        "excess_minor",
        "excess_entries",
    ];

    fn lines(&self) -> Vec<Vec<Cell>> {
        let lines = self.partners.iter().chain(&self.totals);
        lines.map(Line::cells).collect()
    }
}
