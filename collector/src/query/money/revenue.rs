//! `/api/v1/money/revenue`: what was taken, in each currency: today, this month, the last one, by day,
//! and by where it came from.

use std::{cmp::Reverse, collections::BTreeMap};

use axum::{extract, response::Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        State,
        documented::{Failed, ForAnalysts, Refused},
        parameters::Fault,
        scope::{self, timestamp},
        unavailable,
        value::{DAY_MS, Limit, Word},
    },
    amount::exponent,
    asked::{Format, OfDays, Written},
    made,
    month::Month,
    table::{Cell, Table},
};
use crate::{
    event::{Millis, day_of},
    growth::{
        Origins,
        ledger::{LedgerError, PaymentEntry, Takings, book_payments},
    },
    problem::Problem,
    store::{Facts, Payment},
};

/// What payments are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RevenueBy)]
enum By {
    Template,
    Channel,
    Site,
}

/// What payments of forgotten sites are counted under.
const FORGOTTEN: &str = "forgotten";

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    by: Option<By>,
    site: Option<Word>,
    currency: Option<Word>,
    limit: Option<Limit>,
}

/// What was taken, in each currency.
#[derive(Serialize, ToSchema)]
struct RevenueReport {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    by: Option<By>,
    currencies: Vec<OfCurrency>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RevenueOfCurrency)]
struct OfCurrency {
    currency: String,
    exponent: Option<u16>,
    today: Takings,
    month_to_date: Takings,
    last_month: Takings,
    /// Of the range.
    total: Takings,
    /// Of the range, by what was asked for; most taken first.
    groups: Vec<Group>,
    /// Of the range, without gaps.
    days: Vec<Day>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RevenueGroup)]
struct Group {
    value: String,
    #[serde(flatten)]
    takings: Takings,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RevenueDay)]
struct Day {
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    #[serde(flatten)]
    takings: Takings,
}

type Span = (Millis, Millis);

/// The times that a report is about.
struct Times {
    today: Span,
    month: Span,
    last_month: Span,
    range: Span,
}

impl Times {
    fn of(question: &OfDays<Own>) -> Option<Self> {
        let today_ms = day_of(question.now_ms);
        let month = Month::of(question.now_ms)?;
        Some(Self {
            today: (today_ms, today_ms + DAY_MS),
            month: (month.span()?.0, today_ms + DAY_MS),
            last_month: month.before()?.span()?,
            range: (question.from_ms, question.to_ms),
        })
    }

    /// From the start of the first one to the end of the last one.
    fn all(&self) -> Span {
        let from_ms = self.last_month.0.min(self.range.0);
        (from_ms, self.today.1.max(self.range.1))
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/money/revenue",
    operation_id = "money_revenue",
    tag = "money",
    summary = "What was taken, in each currency",
    params(scope::Span, Written, Own),
    responses(
        (status = 200, description = "the report", content((RevenueReport = "application/json"), (String = "text/csv"))),
        Refused, ForAnalysts, Failed
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: OfDays<Own>,
) -> Result<Response, Problem> {
    let times = Times::of(&question);
    let times = times.ok_or_else(|| Fault::of("to", "a time of the calendar"))?;
    let (from_ms, to_ms) = times.all();
    let payments = state.store.payments(from_ms, to_ms).await;
    let payments = payments.map_err(unavailable)?;
    let mut facts = Facts::default();
    if matches!(question.own.by, Some(By::Template | By::Channel)) {
        // Shares that brought somebody are among them, whenever they were told.
        let known = state.store.facts(to_ms, to_ms).await;
        facts = known.map_err(unavailable)?;
    }
    let rules = state.rules.clone();
    made(question.format, move || {
        let OfDays { format, own, .. } = question;
        let made = Made {
            own: &own,
            format,
            times: &times,
            origins: Origins::of(&facts, &rules),
        };
        made.report(&payments)
    })
    .await
}

/// What a report is made with.
struct Made<'a> {
    own: &'a Own,
    format: Format,
    times: &'a Times,
    origins: Origins<'a>,
}

impl Made<'_> {
    fn report(&self, payments: &[Payment]) -> Result<RevenueReport, LedgerError> {
        let mut entries: BTreeMap<&str, Vec<PaymentEntry<'_>>> = BTreeMap::new();
        let wanted =
            |word: &Option<Word>, text: &str| word.as_ref().is_none_or(|one| one.0 == text);
        for entry in book_payments(payments)? {
            let told = entry.told;
            if wanted(&self.own.site, &told.site) && wanted(&self.own.currency, &told.currency) {
                entries.entry(&told.currency).or_default().push(entry);
            }
        }
        let currencies = entries.into_iter();
        let currencies = currencies.map(|(currency, all)| self.of_currency(currency, &all));
        let currencies: Result<Vec<_>, _> = currencies.collect();
        // Those of which only older payments were read, for refunds of others, have nothing to tell.
        let has_news = |one: &OfCurrency| {
            [one.today, one.month_to_date, one.last_month, one.total] != [Takings::default(); 4]
        };
        Ok(RevenueReport {
            from: timestamp(self.times.range.0),
            to: timestamp(self.times.range.1),
            by: self.own.by,
            currencies: currencies?.into_iter().filter(has_news).collect(),
        })
    }

    fn of_currency(
        &self,
        currency: &str,
        entries: &[PaymentEntry<'_>],
    ) -> Result<OfCurrency, LedgerError> {
        let within = |span: Span| entries.iter().filter(move |entry| is_in(span, entry));
        let times = self.times;
        Ok(OfCurrency {
            currency: currency.to_owned(),
            exponent: exponent(currency),
            today: sum(within(times.today))?,
            month_to_date: sum(within(times.month))?,
            last_month: sum(within(times.last_month))?,
            total: sum(within(times.range))?,
            groups: self.groups(within(times.range))?,
            days: self.days(within(times.range))?,
        })
    }

    fn groups<'e>(
        &self,
        entries: impl Iterator<Item = &'e PaymentEntry<'e>>,
    ) -> Result<Vec<Group>, LedgerError> {
        let mut groups: BTreeMap<&str, Takings> = BTreeMap::new();
        for entry in entries {
            let told = entry.told;
            let group = match self.own.by {
                None => return Ok(Vec::new()),
                Some(By::Site) if told.site.is_empty() => FORGOTTEN,
                Some(By::Site) => &told.site,
                Some(By::Template) => self.origins.template(&told.site, told.at_ms),
                Some(By::Channel) => self.origins.channel(&told.owner),
            };
            groups.entry(group).or_default().add(entry)?;
        }
        let group = |(value, takings): (&str, Takings)| Group {
            value: value.to_owned(),
            takings,
        };
        let mut groups: Vec<_> = groups.into_iter().map(group).collect();
        // Those with as much keep the order of their names.
        groups.sort_by_key(|group| Reverse(group.takings.net_minor));
        if self.format == Format::Json || self.own.limit.is_some() {
            groups.truncate(self.own.limit.unwrap_or_default().0 as usize);
        }
        Ok(groups)
    }

    fn days<'e>(
        &self,
        entries: impl Iterator<Item = &'e PaymentEntry<'e>>,
    ) -> Result<Vec<Day>, LedgerError> {
        let (from_ms, to_ms) = self.times.range;
        let starts = (from_ms..to_ms).step_by(DAY_MS as usize);
        let mut days: BTreeMap<_, _> = starts.map(|start| (start, Takings::default())).collect();
        for entry in entries {
            let day = days.entry(day_of(entry.told.at_ms));
            day.or_default().add(entry)?;
        }
        let day = |(start_ms, takings)| Day {
            start: timestamp(start_ms),
            takings,
        };
        Ok(days.into_iter().map(day).collect())
    }
}

fn is_in((from_ms, to_ms): Span, entry: &PaymentEntry<'_>) -> bool {
    (from_ms..to_ms).contains(&entry.told.at_ms)
}

fn sum<'a>(entries: impl Iterator<Item = &'a PaymentEntry<'a>>) -> Result<Takings, LedgerError> {
    let mut takings = Takings::default();
    for entry in entries {
        takings.add(entry)?;
    }
    Ok(takings)
}

impl OfCurrency {
    fn line(&self, part: &str, value: Option<&str>, takings: &Takings) -> Vec<Cell> {
        let minor = |amount| Cell::Minor(amount, self.currency.clone());
        vec![
            Cell::text(part),
            Cell::maybe(value),
            Cell::text(&self.currency),
            minor(takings.revenue_minor),
            minor(takings.refunds_minor),
            minor(takings.net_minor),
            minor(takings.excess_minor),
            Cell::Count(takings.revenue_entries),
            Cell::Count(takings.refund_entries),
            Cell::Count(takings.excess_entries),
        ]
    }
}

impl Table for RevenueReport {
    const FILE: &'static str = "foresight-revenue";
    const COLUMNS: &'static [&'static str] = &[
        "part",
        "value",
        "currency",
        "revenue_minor",
        "refunds_minor",
        "net_minor",
        "excess_minor",
        "revenue_entries",
        "refund_entries",
        "excess_entries",
    ];

    fn lines(&self) -> Vec<Vec<Cell>> {
        let mut lines = Vec::new();
        for one in &self.currencies {
            for (part, takings) in [
                ("today", &one.today),
                ("month_to_date", &one.month_to_date),
                ("last_month", &one.last_month),
                ("total", &one.total),
            ] {
                lines.push(one.line(part, None, takings));
            }
            for group in &one.groups {
                lines.push(one.line("group", Some(&group.value), &group.takings));
            }
            for day in &one.days {
                let start = day.start.to_string();
                lines.push(one.line("day", Some(&start), &day.takings));
            }
        }
        lines
    }
}
