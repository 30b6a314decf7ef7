//! What becomes of a batch between its arrival and its page: keys, page names, limits, robots,
//! proxies.

use anyhow::{Result, ensure};
use foresight_shared::{Batch, Metric};
use foresight_tests::{Collector, Database, Home, Site, first_batch, later_batch, vital};
use serde_json::{Value, json};

const HOUR_MS: u64 = 60 * 60 * 1000;

/// A view in the middle of the previous hour: no view of a test may fall into another hour.
fn view_in_one_hour(site: &Site, path: &str) -> Batch<'static> {
    let mut batch = first_batch(&site.token, path, vec![]);
    batch.view.age = batch.sent % HOUR_MS + HOUR_MS / 2;
    batch
}

async fn views_by_page(collector: &Collector) -> Result<Vec<(String, i64)>> {
    let answer = collector.ask("/api/v1/dimensions?range=24h").await?;
    let pages = answer["page"].as_array().map(Vec::as_slice);
    let pages = pages.unwrap_or_default().iter().map(|page| {
        let views = page["views"].as_i64().unwrap_or_default();
        (page["value"].as_str().unwrap_or_default().to_owned(), views)
    });
    let mut pages: Vec<_> = pages.collect();
    pages.sort();
    Ok(pages)
}

async fn post(collector: &Collector, site: &Site, paths: &[&str]) -> Result<()> {
    for path in paths {
        let reply = collector.send(site, &view_in_one_hour(site, path)).await?;
        reply.answer()?;
    }
    collector.merged().await
}

#[tokio::test]
async fn a_key_is_rotated_without_losing_a_batch() -> Result<()> {
    let (old_key, new_key) = ("0a".repeat(32), "0b".repeat(32));
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("TOKEN_KEY", &old_key);
    let old = home.add_site("a.example").await?;
    home.set("TOKEN_KEY", &new_key);
    home.set("PREVIOUS_TOKEN_KEYS", &old_key);
    let new = home.add_site("a.example").await?;
    ensure!(old.token != new.token, "the new key does not sign");

    let mut collector = home.start().await?;
    for site in [&old, &new] {
        post(&collector, site, &["/"]).await?;
    }
    collector.ask_to_end()?;
    collector.ended().await?;

    home.set("PREVIOUS_TOKEN_KEYS", "");
    let collector = home.start().await?;
    let refused = collector.send(&old, &view_in_one_hour(&old, "/")).await?;
    ensure!(refused.code() == "token_forged", "{refused:?}");
    post(&collector, &new, &["/"]).await
}

#[tokio::test]
async fn pages_beyond_the_limit_are_counted_together() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("MAX_PAGES_PER_SITE_HOUR", "2");
    let site = home.add_site("a.example").await?;
    let collector = home.start().await?;
    let paths = ["/a", "/orders/81734", "/orders/81735", "/b", "/c", "/a"];
    post(&collector, &site, &paths).await?;
    let expected = [("(other)", 2), ("/a", 2), ("/orders/:n", 2)];
    let expected = expected.map(|(page, views)| (page.to_owned(), views));
    let found = views_by_page(&collector).await?;
    ensure!(found == expected, "{found:?}");
    let scrape = collector.scrape().await?;
    let capped = scrape.one("foresight_capped_total", &[("what", "page")])?;
    ensure!(capped == 2.0, "{capped} views are told as capped");
    let views: Value = collector.ask("/api/v1/vitals?range=24h").await?;
    ensure!(views["views"] == 6, "{views}");
    Ok(())
}

#[tokio::test]
async fn robots_are_counted_apart_in_sqlite() -> Result<()> {
    robots_are_counted_apart(Database::Sqlite).await
}

#[tokio::test]
async fn robots_are_counted_apart_in_postgres() -> Result<()> {
    robots_are_counted_apart(Database::Postgres).await
}

async fn robots_are_counted_apart(database: Database) -> Result<()> {
    let home = Home::new(database).await?;
    let site = home.add_site("a.example").await?;
    let collector = home.start().await?;
    let events = || vec![vital(Metric::Lcp, 1000.0, None)];
    for agent in [
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36 Chrome-Lighthouse",
        "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36",
    ] {
        let first = first_batch(&site.token, "/", events());
        for batch in [&first, &later_batch(&first, events())] {
            let request = collector.post(&site).header("user-agent", agent);
            let body = serde_json::to_string(batch)?;
            let answer = collector.reply(request.body(body)).await?.answer()?;
            ensure!(answer.accepted == 1, "{agent}: {answer:?}");
        }
    }
    collector.merged().await?;
    let activity = collector.ask("/api/v1/activity?range=24h").await?;
    ensure!(activity["views"] == 1, "{activity}");
    let expected = json!([
        {"name": "bot", "count": 1},
        {"name": "headless", "count": 1},
        {"name": "lighthouse", "count": 1},
    ]);
    ensure!(activity["bots"] == expected, "{activity}");
    let vitals = collector.ask("/api/v1/vitals?range=24h").await?;
    ensure!(vitals["vitals"][0]["count"] == 2, "{vitals}");
    let pages = views_by_page(&collector).await?;
    ensure!(pages == [("/".to_owned(), 1)], "{pages:?}");
    let scrape = collector.scrape().await?;
    let told = [
        scrape.one("foresight_bot_views_total", &[("site", "a.example")])?,
        scrape.sum("foresight_page_views_total", &[]),
        scrape.one("foresight_events_accepted_total", &[("kind", "bot")])?,
    ];
    ensure!(told == [3.0, 1.0, 6.0], "{told:?}");
    Ok(())
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_limited_one_by_one() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("TRUSTED_PROXIES", "127.0.0.1/32");
    home.set("FORWARDED_HEADER", "Forwarded");
    home.set("CLIENT_BATCHES_PER_SECOND", "1");
    // A second's worth of tries cannot empty it by chance.
    home.set("CLIENT_BURST", "20");
    let site = home.add_site("a.example").await?;
    let collector = home.start().await?;
    let send = async |forwarded: &str, other: &str| -> Result<u16> {
        let request = collector.post(&site).header("forwarded", forwarded);
        let request = request.header("x-forwarded-for", other);
        let body = serde_json::to_string(&first_batch(&site.token, "/", vec![]))?;
        Ok(collector.reply(request.body(body)).await?.status)
    };
    let mut last = 0;
    for number in 0..200 {
        // A header that is not the one of the settings changes nothing.
        last = send("for=192.0.2.1;proto=https", &format!("192.0.2.{number}")).await?;
        if last == 429 {
            break;
        }
    }
    ensure!(
        last == 429,
        "200 batches of one address got through: {last}"
    );
    let other = send("for=\"[2001:db8::1]:4711\"", "192.0.2.1").await?;
    ensure!(other == 202, "another address got {other}");
    Ok(())
}

#[tokio::test]
async fn a_country_database_that_is_missing_stops_the_start() -> Result<()> {
    let mut home = Home::new(Database::Sqlite).await?;
    home.set("COUNTRY_DATABASE", "nowhere.mmdb");
    let Err(error) = home.start().await else {
        anyhow::bail!("it started without its database");
    };
    let told = format!("{error:#}");
    ensure!(told.contains("country_database nowhere.mmdb"), "{told}");
    Ok(())
}
