//! Tests: both databases answer every question about 90 days, of one site or of all, through an
//! index by time, and find what is to be folded or deleted through one too.
//!
//! The store runs on an engine that notes each statement it is given; then the databases explain how
//! they would run it. What must never happen: a statement that reads a whole table of sums.

use std::{
    env,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use foresight_shared::Metric;
use futures_util::{TryStreamExt, stream::BoxStream};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    Dimension, Selection, Store,
    engine::{Engine, Row, Statement, Transaction},
    postgres::Postgres,
    sqlite::Sqlite,
};
use crate::event::{DAY_MS, HOUR_MS, Kind};

/// An engine that notes what it is asked to read.
struct Noting<E> {
    inner: E,
    noted: Mutex<Vec<Statement>>,
}

impl<E: Engine> Noting<E> {
    fn new(inner: E) -> Self {
        let noted = Mutex::default();
        Self { inner, noted }
    }

    fn noted(&self) -> Vec<Statement> {
        std::mem::take(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl<E: Engine> Engine for Noting<E> {
    fn rows(&self, statement: Statement) -> BoxStream<'_, Result<Row, sqlx::Error>> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.push(statement.clone());
        self.inner.rows(statement)
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, sqlx::Error> {
        self.inner.begin().await
    }
}

/// Everything that the API asks about 90 days, and what keeping looks for.
async fn ask_everything(store: &dyn Store) {
    let now_ms = 1000 * DAY_MS + 7 * HOUR_MS;
    for site in [None, Some("a.example".to_owned())] {
        let selection = Selection {
            from_ms: now_ms - 90 * DAY_MS,
            to_ms: now_ms,
            site,
            page: None,
            device: None,
            country: None,
            browser: None,
            navigation: None,
        };
        for by in [
            None,
            Some(Dimension::Site),
            Some(Dimension::Page),
            Some(Dimension::Hour),
            Some(Dimension::Day),
            Some(Dimension::Country),
        ] {
            for metric in [None, Some(Metric::Lcp)] {
                store.distributions(&selection, metric, by).await.unwrap();
            }
            for kind in [None, Some(Kind::View)] {
                store.counts(&selection, kind, by).await.unwrap();
            }
        }
        store.causes(&selection, Metric::Lcp, 20).await.unwrap();
        store.links(&selection, 20).await.unwrap();
        store.visits_by_channel(&selection).await.unwrap();
        store.visits_by_link(&selection).await.unwrap();
        store.facts(selection.from_ms, now_ms).await.unwrap();
        store.leads(selection.from_ms, now_ms).await.unwrap();
        store.payments(selection.from_ms, now_ms).await.unwrap();
        for partner in [None, Some("p_17")] {
            store.commissions(partner, now_ms).await.unwrap();
        }
    }
    store.fold_hours(now_ms).await.unwrap();
    store.fold_days(now_ms).await.unwrap();
    store.fold_weeks(now_ms).await.unwrap();
    store.drop_hours(now_ms - 35 * DAY_MS).await.unwrap();
    store.delete_before(now_ms - 400 * DAY_MS).await.unwrap();
}

/// The lines of the plan of a statement.
async fn plan(
    engine: &impl Engine,
    explain: &str,
    column: usize,
    before: Option<&'static str>,
    statement: &Statement,
) -> Vec<String> {
    let mut transaction = engine.begin().await.unwrap();
    if let Some(before) = before {
        transaction.run(Statement::new(before)).await.unwrap();
    }
    let explained = Statement {
        sql: format!("{explain} {}", statement.sql).into(),
        values: statement.values.clone(),
    };
    let mut rows = transaction.rows(explained);
    let mut lines = Vec::new();
    while let Some(row) = rows.try_next().await.unwrap() {
        lines.push(row.text(column).unwrap().to_owned());
    }
    lines
}

/// The statements that read sums, visits or shares of a time; there must be some.
fn of_sums(noted: Vec<Statement>) -> Vec<Statement> {
    let sums: Vec<_> = noted
        .into_iter()
        .filter(|statement| statement.sql.contains("_ms <"))
        .collect();
    // Two selections of 24 questions, 3 reports, 3 of growth and 3 of money. Folding asks twice for hours of sums and of
    // visits (days begin with it), once for days and for weeks; dropping asks for visits by the day,
    // deleting for old shares.
    assert_eq!(sums.len(), 2 * 33 + 2 * 2 + 2 + 1 + 1);
    sums
}

/// The tables that grow.
const TABLES: [&str; 6] = [
    "sums",
    "share_visit",
    "share",
    "confirmed_lead",
    "payment",
    "commission",
];

#[tokio::test]
async fn sqlite_reads_no_table_of_sums_from_end_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Sqlite::open(&dir.path().join("foresight.db")).await;
    let engine = Noting::new(opened.unwrap());
    ask_everything(&engine).await;
    for statement in of_sums(engine.noted()) {
        let lines = plan(&engine.inner, "explain query plan", 3, None, &statement).await;
        let text = lines.join("\n");
        let by_time = |line: &String| {
            line.starts_with("SEARCH")
                && ["start_ms", "hour_ms", "shared_ms", "at_ms"]
                    .iter()
                    .any(|time| line.contains(time))
        };
        assert!(lines.iter().any(by_time), "{text}\n{}", statement.sql);
        for table in TABLES {
            let scan = format!("SCAN {table}");
            let whole = |line: &String| *line == scan || line.starts_with(&format!("{scan} "));
            assert!(!lines.iter().any(whole), "{text}\n{}", statement.sql);
        }
    }
}

#[tokio::test]
async fn postgres_has_an_index_for_every_question() {
    let Ok(server) = env::var("FORESIGHT_TEST_POSTGRES_URL") else {
        panic!("run cargo xtask test, or set FORESIGHT_TEST_POSTGRES_URL");
    };
    let name = format!("foresight_plans_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let mut on_server = async |sql: String| {
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
    };
    on_server(format!("create database {name}")).await;
    let address = server.split('?').next().unwrap_or_default();
    let (host, _) = address.rsplit_once('/').unwrap();
    let plans = tokio::spawn(explain_on_postgres(format!("{host}/{name}"))).await;
    // Dropped after a failure too.
    on_server(format!("drop database {name} with (force)")).await;
    plans.unwrap();
}

async fn explain_on_postgres(url: String) {
    let engine = Noting::new(Postgres::open(&url).await.unwrap());
    ask_everything(&engine).await;
    // Empty tables are cheapest to read whole: the planner is told to do so only if it must.
    let before = Some("set local enable_seqscan = off");
    for statement in of_sums(engine.noted()) {
        let lines = plan(&engine.inner, "explain", 0, before, &statement).await;
        let text = lines.join("\n");
        let by_time = |line: &String| {
            line.contains("Index Cond")
                && ["start_ms <", "hour_ms <", "shared_ms <", "at_ms <"]
                    .iter()
                    .any(|time| line.contains(time))
        };
        assert!(lines.iter().any(by_time), "{text}\n{}", statement.sql);
        // The key is read by site and time, never from end to end.
        let whole_key = lines.windows(2).find(|pair| {
            let keys = ["sums_pkey", "share_visit_pkey"];
            keys.iter().any(|key| pair[0].contains(key)) && !pair[1].contains("Index Cond")
        });
        assert_eq!(whole_key, None, "{text}\n{}", statement.sql);
        for table in TABLES {
            let scan = format!("Seq Scan on {table}");
            let whole = |line: &String| {
                line.split_once(&scan)
                    .is_some_and(|(_, rest)| rest.starts_with(' '))
            };
            assert!(!lines.iter().any(whole), "{text}\n{}", statement.sql);
        }
    }
}
