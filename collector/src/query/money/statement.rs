//! `/api/v1/money/statement`: what became of a partner's commissions in a month.

use axum::{extract, response::Response};
use foresight_shared::limits;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::{Failed, ForAnalysts, Refused},
        parameters::Fault,
        scope::timestamp,
        unavailable,
        value::Word,
    },
    amount::exponent,
    asked::{Asked, Written},
    line::{Line, balance},
    made,
    month::Month,
    table::{Cell, Table},
};
use crate::{
    event::Millis,
    growth::ledger::{Balance, Excess, book, statements},
    problem::Problem,
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    partner: Word,
    month: Month,
    currency: Option<Word>,
}

/// The statements of a partner's month, by currency.
#[derive(Serialize, ToSchema)]
struct StatementReport {
    partner: String,
    month: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Whether servers can tell of the month no longer.
    #[serde(rename = "final")]
    is_final: bool,
    statements: Vec<OfCurrency>,
}

/// `opening` and `sum` are `closing`.
#[derive(Serialize, ToSchema)]
#[schema(as = StatementOfCurrency)]
struct OfCurrency {
    currency: String,
    exponent: Option<u16>,
    opening: Balance,
    entries: Vec<Line>,
    sum: Balance,
    closing: Balance,
    #[serde(flatten)]
    excess: Excess,
}

#[utoipa::path(
    get,
    path = "/api/v1/money/statement",
    operation_id = "money_statement",
    tag = "money",
    summary = "What became of a partner's commissions in a month",
    params(Written, Own),
    responses(
        (status = 200, description = "the report", content((StatementReport = "application/json"), (String = "text/csv"))),
        Refused, ForAnalysts, Failed
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Asked<Own>,
) -> Result<Response, Problem> {
    let Asked {
        now_ms,
        format,
        own,
    } = question;
    // A month that was read has a span.
    let span = own.month.span();
    let (from_ms, to_ms) = span.ok_or_else(|| Fault::of("month", "a month of the calendar"))?;
    let told = state.store.commissions(Some(&own.partner.0), to_ms).await;
    let told = told.map_err(unavailable)?;
    made(format, move || {
        let entries = book(&told)?;
        let statements = statements(&entries, &own.partner.0, (from_ms, to_ms))?;
        let is_asked = |currency: &str| own.currency.as_ref().is_none_or(|one| one.0 == currency);
        let statements = statements.into_iter().filter(|(one, _)| is_asked(one));
        let statements = statements.map(|(currency, statement)| OfCurrency {
            currency: currency.to_owned(),
            exponent: exponent(currency),
            opening: statement.opening,
            entries: statement.entries.iter().map(Line::from).collect(),
            sum: statement.sum,
            closing: statement.closing,
            excess: statement.excess,
        });
        Ok(StatementReport {
            statements: statements.collect(),
            partner: own.partner.0,
            month: own.month.word(),
            from: timestamp(from_ms),
            to: timestamp(to_ms),
            is_final: to_ms + limits::SERVER_AGE_MS as Millis <= now_ms,
        })
    })
    .await
}

/// Which part of the statement it is, and a line's own.
const COLUMNS: [&str; 1 + Line::COLUMNS.len()] = {
    let mut columns = ["part"; 1 + Line::COLUMNS.len()];
    let mut at = 0;
    while at < Line::COLUMNS.len() {
        columns[1 + at] = Line::COLUMNS[at];
        at += 1;
    }
    columns
};

impl Table for StatementReport {
    const FILE: &'static str = "foresight-statement";
    const COLUMNS: &'static [&'static str] = &COLUMNS;

    fn lines(&self) -> Vec<Vec<Cell>> {
        let mut lines = Vec::new();
        for one in &self.statements {
            let part = |word: &str, sums: &Balance| {
                let mut cells: Vec<_> = (0..Self::COLUMNS.len()).map(|_| Cell::Empty).collect();
                cells[0] = Cell::text(word);
                cells[8] = Cell::text(&self.partner);
                cells[10] = Cell::text(&one.currency);
                for (place, cell) in (13..).zip(balance(sums, &one.currency)) {
                    cells[place] = cell;
                }
                cells
            };
            lines.push(part("opening", &one.opening));
            lines.extend(one.entries.iter().map(|line| {
                let mut cells = vec![Cell::text("entry")];
                cells.extend(line.cells());
                cells
            }));
            lines.push(part("sum", &one.sum));
            lines.push(part("closing", &one.closing));
        }
        lines
    }
}
