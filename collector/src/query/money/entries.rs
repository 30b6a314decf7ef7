//! `/api/v1/money/entries`: the ledger, line by line, oldest first.

use axum::{extract, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::{Failed, ForAnalysts, Refused},
        scope::{self, timestamp},
        unavailable,
        value::{Limit, Word},
    },
    asked::{Format, OfDays, Written},
    line::{After, Kind, Line},
    made,
    table::{Cell, Table},
};
use crate::{
    growth::ledger::{book, book_payments},
    problem::Problem,
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    partner: Option<Word>,
    site: Option<Word>,
    currency: Option<Word>,
    kind: Option<Kind>,
    limit: Option<Limit>,
    after: Option<After>,
}

/// Lines of the ledger, and where the rest of them begins.
#[derive(Serialize, ToSchema)]
struct EntriesReport {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    entries: Vec<Line>,
    next: Option<String>,
}

impl Own {
    /// What of the ledger is asked for: payments, commissions.
    fn halves(&self) -> (bool, bool) {
        let kind = self.kind.map(Kind::is_of_payment);
        (
            self.partner.is_none() && kind != Some(false),
            self.site.is_none() && kind != Some(true),
        )
    }

    fn wants(&self, line: &Line) -> bool {
        let site = self.site.as_ref().map(|site| &*site.0);
        (site.is_none() || site == line.site.as_deref())
            && self.kind.is_none_or(|kind| kind == line.kind)
            && self
                .currency
                .as_ref()
                .is_none_or(|one| one.0 == line.currency)
            && self
                .after
                .as_ref()
                .is_none_or(|after| after.0 < *line.place())
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/money/entries",
    operation_id = "money_entries",
    tag = "money",
    summary = "The ledger, line by line",
    params(scope::Span, Written, Own),
    responses(
        (status = 200, description = "the report", content((EntriesReport = "application/json"), (String = "text/csv"))),
        Refused, ForAnalysts, Failed
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: OfDays<Own>,
) -> Result<Response, Problem> {
    let OfDays {
        from_ms,
        to_ms,
        format,
        own,
        ..
    } = question;
    let (wants_payments, wants_commissions) = own.halves();
    let mut payments = Vec::new();
    if wants_payments {
        let asked = state.store.payments(from_ms, to_ms).await;
        payments = asked.map_err(unavailable)?;
    }
    let mut commissions = Vec::new();
    if wants_commissions {
        let partner = own.partner.as_ref().map(|partner| &*partner.0);
        let asked = state.store.commissions(partner, to_ms).await;
        commissions = asked.map_err(unavailable)?;
    }
    made(format, move || {
        let is_in = |at_ms: &i64| (from_ms..to_ms).contains(at_ms);
        let payments = book_payments(&payments)?;
        let payments = payments.iter().filter(|one| is_in(&one.told.at_ms));
        let commissions = book(&commissions)?;
        let commissions = commissions.iter().filter(|one| is_in(&one.told.at_ms));
        let lines = payments.map(Line::from).chain(commissions.map(Line::from));
        let mut entries: Vec<_> = lines.filter(|line| own.wants(line)).collect();
        entries.sort_by(|a, b| a.place().cmp(b.place()));
        let next = cut(&mut entries, own.limit, format);
        Ok(EntriesReport {
            from: timestamp(from_ms),
            to: timestamp(to_ms),
            entries,
            next,
        })
    })
    .await
}

/// Takes away what is more than the limit; a file has no limit unless one is given. Returns where the
/// rest begins.
fn cut(entries: &mut Vec<Line>, limit: Option<Limit>, format: Format) -> Option<String> {
    let limit = match (limit, format) {
        (None, Format::Csv) => return None,
        (limit, _) => limit.unwrap_or_default().0 as usize,
    };
    if entries.len() <= limit {
        return None;
    }
    entries.truncate(limit);
    Some(entries.last()?.place().word())
}

impl Table for EntriesReport {
    const FILE: &'static str = "foresight-entries";
    const COLUMNS: &'static [&'static str] = &Line::COLUMNS;

    fn lines(&self) -> Vec<Vec<Cell>> {
        self.entries.iter().map(Line::cells).collect()
    }
}
