//! What slowness costs, through HTTP: views and leads as beacons send them, and the API finds what was
//! planted, within its interval, and not what only the mix of devices makes.

use anyhow::{Context, Result, ensure};
use foresight_shared::{Batch, Event, Metric};
use foresight_tests::{Database, Home, first_batch, later_batch, vital};
use serde_json::Value;

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/131.0.0.0 Mobile Safari/537.36";
const DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

/// Leads that are told of in a batch of their own, after what was measured.
const LATE: usize = 5;

#[tokio::test]
async fn a_planted_cost_is_found_through_the_endpoints_on_sqlite() -> Result<()> {
    planted(Database::Sqlite).await
}

#[tokio::test]
async fn a_planted_cost_is_found_through_the_endpoints_on_postgres() -> Result<()> {
    planted(Database::Postgres).await
}

/// Of phones two thirds have a poor LCP, of desktops a quarter; where it is poor, half as many views have
/// a lead. INP is poor mostly on phones, where fewer have one anyway, and changes nothing.
async fn planted(database: Database) -> Result<()> {
    let home = Home::new(database).await?;
    let site = home.add_site("slow.example").await?;
    let collector = home.start().await?;
    let send = async |agent: &str, batch: &Batch<'_>| -> Result<()> {
        let request = collector.post(&site).header("user-agent", agent);
        let reply = collector.reply(request.json(batch)).await?;
        ensure!(reply.answer()?.rejected == 0, "{reply:?}");
        Ok(())
    };
    for (agent, views, [poor_lcp, of], poor_inp, leads) in
        [(PHONE, 1200, [2, 3], 3, 2), (DESKTOP, 800, [1, 4], 1, 4)]
    {
        for number in 0..views {
            let is_slow = (number / 40) % of < poor_lcp;
            let lcp = if is_slow { 6000.0 } else { 1500.0 };
            let inp = if (number / 10) % 4 < poor_inp {
                800.0
            } else {
                60.0
            };
            let mut events = vec![vital(Metric::Lcp, lcp, None), vital(Metric::Inp, inp, None)];
            if number % 10 < leads / if is_slow { 2 } else { 1 } {
                events.push(Event::Lead { form: None });
            }
            let batch = first_batch(&site.token, "/", events);
            send(agent, &batch).await?;
            if number < LATE && agent == DESKTOP {
                let lead = vec![Event::Lead { form: None }];
                send(agent, &later_batch(&batch, lead)).await?;
            }
        }
    }
    collector.merged().await?;
    let ask = async |metric: &str| {
        let address = format!("/api/v1/growth/slow?metric={metric}&outcome=lead&range=24h");
        collector.ask(&address).await
    };
    let report = ask("LCP").await?;
    ensure!(
        report["views"] == 2000 && report["unknown"] == LATE,
        "{report}"
    );
    let poor = &report["bands"][2];
    ensure!(poor["views"] == 1000 && poor["compared"] == 1000, "{poor}");
    let ratio = ends(poor, "ratio")?;
    ensure!(
        (ratio[0] - 0.5).abs() < 1e-3 && ratio[1] < 0.5 && ratio[2] > 0.5,
        "{poor}"
    );
    ensure!(ratio[2] < 0.8, "half as many leads do not show: {poor}");
    ensure!(ends(poor, "adjusted")?[2] < 0.0, "{poor}");

    let report = ask("INP").await?;
    let poor = &report["bands"][2];
    ensure!(
        ends(poor, "difference")?[2] < 0.0,
        "phones must differ: {poor}"
    );
    let adjusted = ends(poor, "adjusted")?;
    ensure!(
        adjusted[1] < 0.0 && adjusted[2] > 0.0,
        "nothing was planted: {poor}"
    );
    let ratio = ends(poor, "ratio")?;
    ensure!((ratio[0] - 1.0).abs() < 1e-3, "{poor}");
    Ok(())
}

/// A figure and the ends of its interval.
fn ends(line: &Value, name: &str) -> Result<[f64; 3]> {
    let one = |name: String| {
        line[&name]
            .as_f64()
            .with_context(|| format!("no {name}: {line}"))
    };
    Ok([
        one(name.to_owned())?,
        one(format!("{name}_low"))?,
        one(format!("{name}_high"))?,
    ])
}
