//! A small year of a small fleet: after all merges, folds and deletions the sums are those that were
//! written, on both databases. The large one is `cargo xtask report`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../examples/year/fill.rs"]
mod fill;
#[path = "../examples/year/model.rs"]
mod model;

use std::sync::Arc;

use foresight::{
    event::{DAY_MS, HOUR_MS, Kind},
    rollup::Distribution,
    store::{self, Dimension, Group, Selection, Store},
};
use foresight_shared::Metric;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const VIEWS: u64 = 200_000;
const SITES: u32 = 25;
const DAYS: u32 = 140;
/// 2026-11-24T12:00:00Z.
const NOW_MS: i64 = 1_795_521_600_000;

#[tokio::test]
async fn a_small_year_is_answered_as_it_was_written_by_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/foresight.db", dir.path().display());
    tell(&store::open(&url).await.unwrap()).await;
}

#[tokio::test]
async fn a_small_year_is_answered_as_it_was_written_by_postgres() {
    let Ok(server) = std::env::var("FORESIGHT_TEST_POSTGRES_URL") else {
        panic!("run cargo xtask test, or set FORESIGHT_TEST_POSTGRES_URL");
    };
    let name = format!("foresight_year_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let mut on_server = async |sql: String| {
        let done = sqlx::query(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await;
        done.unwrap();
    };
    on_server(format!("create database {name}")).await;
    let address = server.split('?').next().unwrap_or_default();
    let (host, _) = address.rsplit_once('/').unwrap();
    let url = format!("{host}/{name}");
    let told = tokio::spawn(async move { tell(&store::open(&url).await.unwrap()).await }).await;
    // Dropped after a failure too.
    on_server(format!("drop database {name} with (force)")).await;
    told.unwrap();
}

async fn tell(store: &Arc<dyn Store>) {
    let from_ms = NOW_MS - i64::from(DAYS) * DAY_MS;
    let fleet = model::Fleet::new(7, SITES, VIEWS, from_ms, DAYS);
    let hosts: Vec<String> = fleet.hosts().map(str::to_owned).collect();
    let (truth, times) = fill::fill(store, fleet, 1, |_| {}).await.unwrap();
    assert_eq!(truth.views.iter().sum::<i64>(), VIEWS as i64);
    assert_eq!(truth.days.iter().sum::<i64>(), VIEWS as i64);
    assert_eq!(truth.days.len(), DAYS as usize);
    assert!(times.model + times.rollup + times.merge + times.fold > times.longest_delete);
    assert!(times.longest_delete <= times.delete);
    assert!(times.merge <= times.all && times.fold + times.delete <= times.all);
    // Hours and days of long ago are gone.
    let kept = store.kept().await.unwrap();
    let [hours, days, _] = fill::KEEP_DAYS;
    assert!(kept.hours_ms > NOW_MS - (hours + 1) * DAY_MS, "{kept:?}");
    assert!(kept.days_ms > NOW_MS - (days + 8) * DAY_MS, "{kept:?}");

    let all = selection(None);
    let by_site = Some(Dimension::Site);
    let sums = store.counts(&all, Some(Kind::View), by_site).await.unwrap();
    let found = |host: &String| {
        let group = Group::Word(host.clone());
        let sum = sums.iter().find(|sum| sum.group == group);
        sum.map_or(0, |sum| sum.count)
    };
    assert_eq!(hosts.iter().map(found).collect::<Vec<_>>(), truth.views);
    // The fleet's own sums, divided by country: the parts are the whole.
    let by_country = Some(Dimension::Country);
    let sums = store
        .counts(&all, Some(Kind::View), by_country)
        .await
        .unwrap();
    assert_eq!(sums.iter().map(|sum| sum.count).sum::<i64>(), VIEWS as i64);
    let mut fleet_lcp = Distribution::default();
    for (host, lcp) in hosts.iter().zip(&truth.lcp) {
        let one = selection(Some(host));
        for by in [None, Some(Dimension::Page), by_country] {
            let sums = store
                .distributions(&one, Some(Metric::Lcp), by)
                .await
                .unwrap();
            let mut sum = Distribution::default();
            sums.iter().for_each(|part| sum.add(&part.distribution));
            assert_eq!(&sum, lcp, "{host} {by:?}");
        }
        fleet_lcp.add(lcp);
    }
    let sums = store
        .distributions(&all, Some(Metric::Lcp), None)
        .await
        .unwrap();
    assert_eq!(sums[0].distribution, fleet_lcp);
}

fn selection(site: Option<&str>) -> Selection {
    Selection {
        from_ms: NOW_MS - 400 * DAY_MS,
        to_ms: NOW_MS + HOUR_MS,
        site: site.map(str::to_owned),
        page: None,
        device: None,
        country: None,
        browser: None,
        navigation: None,
    }
}
