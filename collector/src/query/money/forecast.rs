//! `/api/v1/money/forecast`: what the next 30 days may bring, in each currency, beside the errors of
//! such forecasts in the past.

use std::collections::BTreeMap;

use axum::{extract, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::{Failed, ForAnalysts, Refused},
        scope::timestamp,
        unavailable,
        value::{DAY_MS, Word},
    },
    amount::exponent,
    asked::{Asked, Written},
    made,
    table::{Cell, Table},
};
use crate::{
    event::{Millis, day_of},
    growth::{
        forecast::{
            Expected, HORIZON_DAYS, LEVEL_PERCENT, MOST_DAYS, Model, Outlook, Past, Withheld,
            forecast,
        },
        ledger::{LedgerError, book_payments},
    },
    problem::Problem,
    store::Payment,
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    currency: Option<Word>,
}

/// Forecasts of each currency, from today on.
#[derive(Serialize, ToSchema)]
struct ForecastReport {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    level_percent: f64,
    currencies: Vec<OfCurrency>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ForecastOfCurrency)]
struct OfCurrency {
    currency: String,
    exponent: Option<u16>,
    /// Days that were looked at, from the first one with a payment until yesterday.
    history_days: usize,
    /// Why there is no forecast.
    withheld: Option<Withheld>,
    model: Option<Model>,
    expected_minor: Option<i64>,
    days: Vec<Day>,
    past: Option<Errors>,
    baseline: Option<Errors>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ForecastDay)]
struct Day {
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    expected_minor: i64,
    low_minor: i64,
    high_minor: i64,
}

/// How a model did.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = ForecastErrors)]
struct Errors {
    origins: usize,
    mae_minor: i64,
    mase: Option<f64>,
    total_error_minor: i64,
    coverage_percent: f64,
}

#[utoipa::path(
    get,
    path = "/api/v1/money/forecast",
    operation_id = "money_forecast",
    tag = "money",
    summary = "What the next 30 days may bring",
    params(Written, Own),
    responses(
        (status = 200, description = "the report", content((ForecastReport = "application/json"), (String = "text/csv"))),
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
    let today_ms = day_of(now_ms);
    let from_ms = today_ms - MOST_DAYS as Millis * DAY_MS;
    let payments = state.store.payments(from_ms, today_ms).await;
    let payments = payments.map_err(unavailable)?;
    made(format, move || {
        let days = taken_by_day(&payments, from_ms, today_ms)?;
        let is_asked = |currency: &str| own.currency.as_ref().is_none_or(|one| one.0 == currency);
        let days = days.into_iter().filter(|(currency, _)| is_asked(currency));
        let of_currency =
            |(currency, days): (&str, Vec<i64>)| OfCurrency::new(currency, &days, today_ms);
        Ok(ForecastReport {
            from: timestamp(today_ms),
            to: timestamp(today_ms + HORIZON_DAYS as Millis * DAY_MS),
            level_percent: LEVEL_PERCENT,
            currencies: days.map(of_currency).collect(),
        })
    })
    .await
}

/// What was taken on each day, less refunds, from the first one with a payment until yesterday.
fn taken_by_day(
    payments: &[Payment],
    from_ms: Millis,
    today_ms: Millis,
) -> Result<BTreeMap<&str, Vec<i64>>, LedgerError> {
    let mut days: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for entry in book_payments(payments)? {
        let told = entry.told;
        if told.at_ms < from_ms {
            continue;
        }
        // Entries come in the order of time: the first one is of the first day.
        let days = days.entry(&told.currency).or_insert_with(|| {
            let length = (today_ms - day_of(told.at_ms)) / DAY_MS;
            vec![0; usize::try_from(length).unwrap_or(0)]
        });
        let before = (today_ms - DAY_MS - day_of(told.at_ms)) / DAY_MS;
        let place = usize::try_from(before)
            .ok()
            .and_then(|one| days.len().checked_sub(one + 1));
        if let Some(day) = place.and_then(|place| days.get_mut(place)) {
            *day = day
                .checked_add(entry.signed())
                .ok_or_else(|| LedgerError::Overflow {
                    account: "all owners".into(),
                    currency: told.currency.clone(),
                })?;
        }
    }
    Ok(days)
}

impl OfCurrency {
    fn new(currency: &str, days: &[i64], today_ms: Millis) -> Self {
        let (outlook, withheld) = match forecast(days) {
            Ok(outlook) => (Some(outlook), None),
            Err(withheld) => (None, Some(withheld)),
        };
        let sum = |outlook: &Outlook| outlook.days.iter().map(|day| day.figure).sum();
        Self {
            currency: currency.to_owned(),
            exponent: exponent(currency),
            history_days: days.len(),
            withheld,
            model: outlook.as_ref().map(|outlook| outlook.model),
            expected_minor: outlook.as_ref().map(|outlook| whole(sum(outlook))),
            past: outlook.as_ref().map(|outlook| outlook.past.into()),
            baseline: outlook.as_ref().map(|outlook| outlook.baseline.into()),
            days: outlook.map_or_else(Vec::new, |outlook| {
                let starts = (0..).map(|day| today_ms + day * DAY_MS);
                starts.zip(outlook.days).map(Day::from).collect()
            }),
        }
    }
}

impl From<(Millis, Expected)> for Day {
    fn from((start_ms, expected): (Millis, Expected)) -> Self {
        Self {
            start: timestamp(start_ms),
            expected_minor: whole(expected.figure),
            low_minor: whole(expected.interval.0),
            high_minor: whole(expected.interval.1),
        }
    }
}

impl From<Past> for Errors {
    fn from(past: Past) -> Self {
        let rounded = |figure: f64| (figure * 10_000.0).round() / 10_000.0;
        Self {
            origins: past.origins,
            mae_minor: whole(past.mae),
            mase: past.mase.map(rounded),
            total_error_minor: whole(past.total_error),
            coverage_percent: rounded(past.coverage_percent),
        }
    }
}

/// A figure to a whole unit: finer is not known.
fn whole(figure: f64) -> i64 {
    figure.round() as i64
}

impl Table for ForecastReport {
    const FILE: &'static str = "foresight-forecast";
    const COLUMNS: &'static [&'static str] = &[
        "part",
        "start",
        "currency",
        "expected_minor",
        "low_minor",
        "high_minor",
        "model",
        "withheld",
        "history_days",
        "origins",
        "mae_minor",
        "mase",
        "total_error_minor",
        "coverage_percent",
    ];

    fn lines(&self) -> Vec<Vec<Cell>> {
        self.currencies.iter().flat_map(OfCurrency::lines).collect()
    }
}

impl OfCurrency {
    fn lines(&self) -> Vec<Vec<Cell>> {
        let minor = |amount| Cell::Minor(amount, self.currency.clone());
        let empty = |part: &str| {
            let mut cells: Vec<_> = ForecastReport::COLUMNS
                .iter()
                .map(|_| Cell::Empty)
                .collect();
            cells[0] = Cell::text(part);
            cells[2] = Cell::text(&self.currency);
            cells
        };
        let mut total = empty("total");
        total[3] = self.expected_minor.map_or(Cell::Empty, minor);
        total[6] = Cell::maybe(self.model.map(Model::word));
        total[7] = Cell::maybe(self.withheld.map(Withheld::word));
        total[8] = Cell::Count(self.history_days as u64);
        let mut lines = vec![total];
        let judged = [("past", self.past), ("baseline", self.baseline)];
        for (part, errors) in judged {
            let Some(errors) = errors else { continue };
            let mut line = empty(part);
            line[9] = Cell::Count(errors.origins as u64);
            line[10] = minor(errors.mae_minor);
            line[11] = errors.mase.map_or(Cell::Empty, Cell::Figure);
            line[12] = minor(errors.total_error_minor);
            line[13] = Cell::Figure(errors.coverage_percent);
            lines.push(line);
        }
        for day in &self.days {
            let mut line = empty("day");
            line[1] = Cell::text(&day.start.to_string());
            line[3] = minor(day.expected_minor);
            line[4] = minor(day.low_minor);
            line[5] = minor(day.high_minor);
            lines.push(line);
        }
        lines
    }
}
