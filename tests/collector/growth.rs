//! Growth over HTTP: beacons share, servers tell, the clock goes on for weeks, and the API answers with
//! what must be found.

mod alerts;
mod stage;
#[allow(
    dead_code,
    clippy::unwrap_used,
    reason = "written for the tests of the estimator, which also compare it with more of the truth"
)]
#[path = "../../collector/tests/growth/process.rs"]
mod process;

use anyhow::{Result, ensure};
use foresight::{
    event::DAY_MS,
    growth::{Estimate, Fleet, Model, Period, Rules, cohorts, estimate},
    store::Facts,
};
use foresight_shared::Event;
use foresight_tests::{Database, until};
use serde_json::{Value, json};

use process::{Process, START_MS, at};
use stage::{GAUGE_LIMIT, Stage};

#[tokio::test]
async fn a_small_fleet_is_answered_as_it_was_counted_by_hand_on_sqlite() -> Result<()> {
    small_fleet(Database::Sqlite).await
}

#[tokio::test]
async fn a_small_fleet_is_answered_as_it_was_counted_by_hand_on_postgres() -> Result<()> {
    small_fleet(Database::Postgres).await
}

/// Two owners come by themselves. A visitor of the first generates, another shares on and so brings a
/// third; a robot is too fast, and the second owner refers themself.
async fn small_fleet(database: Database) -> Result<()> {
    let mut stage = Stage::set(database).await?;
    let scrape = stage.collector.scrape().await?;
    ensure!(!scrape.has("viral_coefficient") && !scrape.has("lead_capture_rate"));
    let visited = |share: &'static str| Event::Referral {
        share: share.into(),
        landing: "/".into(),
    };
    stage.generate("one.example", "o_1", at(0.0), None).await?;
    stage.generate("two.example", "o_2", at(1.0), None).await?;
    stage
        .share("one.example", "share-one", None, at(2.0))
        .await?;
    stage
        .share("two.example", "share-two", None, at(2.0))
        .await?;
    stage
        .generate("bot.example", "o_bot", at(2.0) + 5000, Some("share-two"))
        .await?;
    let referral = vec![visited("share-one")];
    stage
        .view("one.example", at(2.5), None, referral.clone())
        .await?;
    stage
        .view("one.example", at(2.6), Some("news.example"), referral)
        .await?;
    let opened = json!({"conversion": {"site": "three.example", "name": "generator_opened", "share": "share-one"}});
    stage.tell(at(2.9), opened).await?;
    stage
        .generate("three.example", "o_3", at(3.0), Some("share-one"))
        .await?;
    stage
        .share("one.example", "share-on", Some("share-one"), at(3.5))
        .await?;
    stage
        .generate("two-b.example", "o_2", at(4.0), Some("share-two"))
        .await?;
    stage
        .generate("four.example", "o_4", at(10.0), Some("share-on"))
        .await?;
    let lead = |id: &str, score| json!({"lead": {"site": "three.example", "lead": id, "score": score, "source": "form"}});
    stage.tell(at(12.0), lead("l_1", 70)).await?;
    stage.collector.merged().await?;

    // The next day the first week's owners have been watched for seven days, the second week's not.
    stage.go_to(at(14.5))?;
    stage.gauge("viral_coefficient", &[], 1.0 / 3.0).await?;
    let report = stage.ask("cohorts?", at(0.0), at(14.0)).await?;
    let week = &report["cohorts"][0]["windows"];
    let figures = |window: &Value| {
        ["owners", "observed", "active", "shares", "conversions"].map(|name| window[name].clone())
    };
    ensure!(figures(&week[0]) == [3, 3, 2, 3, 1], "{report}");
    ensure!(
        week[0]["k"] == round(1.0 / 3.0) && week[0]["i"] == 1.5,
        "{report}"
    );
    ensure!(
        week[0]["state"] == "mature" && week[1]["state"] == "partial",
        "{report}"
    );
    let second = &report["cohorts"][1]["windows"][0];
    ensure!(
        second["state"] == "immature" && second["k"].is_null(),
        "{report}"
    );
    let found = &report["conversions"];
    for (verdict, count) in [
        ("qualified", 2),
        ("too_fast", 1),
        ("self_referral", 1),
        ("too_late", 0),
    ] {
        ensure!(found[verdict] == count, "{verdict}: {report}");
    }
    let report = stage.ask("funnel?", at(0.0), at(14.0)).await?;
    let all = json!([{"value": "all", "shares": 3, "visits": 2, "opened": 1, "generated": 4,
        "qualified": 2, "with_lead": 1}]);
    ensure!(report["funnel"] == all, "{report}");
    let report = stage.ask("tree?", at(0.0), at(14.0)).await?;
    let depths = |name: &str| {
        let depths = report[name].as_array().into_iter().flatten();
        depths
            .map(|depth| depth["count"].clone())
            .collect::<Vec<_>>()
    };
    ensure!(
        depths("shares") == [2, 1] && depths("owners") == [3, 2],
        "{report}"
    );

    // Later: 36 days after the start all has been watched for 30 days.
    stage.go_to(at(44.0))?;
    let report = stage.ask("cycle?", at(0.0), at(14.0)).await?;
    ensure!(
        report["p50_ms"] == 3 * DAY_MS && report["p90_ms"] == 10 * DAY_MS,
        "{report}"
    );
    Ok(())
}

#[tokio::test]
async fn the_gauges_are_those_of_the_newest_mature_week_and_of_the_last_days() -> Result<()> {
    let mut stage = Stage::set(Database::Sqlite).await?;
    stage.generate("one.example", "o_1", at(0.0), None).await?;
    stage
        .share("one.example", "share-one", None, at(1.0))
        .await?;
    for owner in ["o_2", "o_3", "o_4"] {
        let site = format!("{}.example", owner.replace('_', "-"));
        stage
            .generate(&site, owner, at(2.0), Some("share-one"))
            .await?;
    }
    stage.generate("late.example", "o_5", at(8.0), None).await?;
    stage.collector.merged().await?;
    // Three brought by one, of four who came in the week.
    stage.go_to(at(14.1))?;
    stage.gauge("viral_coefficient", &[], 0.75).await?;
    let scrape = stage.collector.scrape().await?;
    ensure!(
        !scrape.has("viral_coefficient_low"),
        "four owners have no interval"
    );
    // Then the second week is the newest: one owner, who brought nobody.
    stage.go_to(at(21.1))?;
    stage.gauge("viral_coefficient", &[], 0.0).await?;

    ensure!(!stage.collector.scrape().await?.has("lead_capture_rate"));
    let lead = || vec![Event::Lead { form: None }];
    for (from, events) in [
        (None, lead()),
        (Some("news.example"), vec![]),
        (Some("news.example"), vec![]),
        (Some("news.example"), vec![]),
        (Some("one.example"), lead()),
    ] {
        stage.view("one.example", at(21.5), from, events).await?;
    }
    // Four visits, of which two ended with a lead; only one lead is known to the server.
    let confirmed =
        json!({"lead": {"site": "one.example", "lead": "l_1", "score": 70, "source": "form"}});
    stage.tell(at(21.5), confirmed).await?;
    stage
        .gauge("lead_capture_rate", &[("evidence", "observed")], 50.0)
        .await?;
    stage
        .gauge("lead_capture_rate", &[("evidence", "confirmed")], 25.0)
        .await?;
    // A week without visits has no rate; one with visits and no leads has the rate 0.
    stage.go_to(at(30.0))?;
    until("no rate", GAUGE_LIMIT, async || {
        let scrape = stage.collector.scrape().await?;
        Ok((!scrape.has("lead_capture_rate")).then_some(()))
    })
    .await?;
    stage.view("one.example", at(30.0), None, vec![]).await?;
    stage
        .gauge("lead_capture_rate", &[("evidence", "confirmed")], 0.0)
        .await?;
    // A restart changes nothing: the figures are the database's.
    stage.collector.ask_to_end()?;
    ensure!(stage.collector.ended().await?.success());
    stage.collector = stage.home.start().await?;
    stage.gauge("viral_coefficient", &[], 0.0).await?;
    stage
        .gauge("lead_capture_rate", &[("evidence", "observed")], 0.0)
        .await
}

/// Owners who come by themselves in the simulation.
const SEEDS: usize = 25;

/// A branching process, event by event through the endpoints: the API finds what the estimator finds in the
/// facts themselves, and the interval holds the truth.
#[tokio::test]
async fn a_simulated_fleet_is_found_through_the_endpoints_as_it_is() -> Result<()> {
    let process = Process::with_k(0.9, SEEDS);
    // One run: of twenty seeds one would miss the truth, as 95% intervals do.
    let mut facts = process.run(1);
    for generation in &mut facts.generations {
        generation.at_ms -= generation.at_ms % 1000;
    }
    for share in &mut facts.shares {
        share.shared_ms -= share.shared_ms % 1000;
    }
    let mut stage = Stage::set(Database::Sqlite).await?;
    play(&mut stage, &facts).await?;
    stage.collector.merged().await?;
    let now_ms = at(60.0);
    stage.go_to(now_ms)?;

    let rules = Rules {
        model: Model::LastTouch,
        window_ms: 30 * DAY_MS,
        least_ms: 60_000,
        opened_goal: "generator_opened".into(),
    };
    let fleet = Fleet::of(&facts, &rules);
    let week = cohorts(&fleet, Period::Week, START_MS, START_MS + 1).remove(0);
    let report = stage.ask("cohorts?", START_MS, at(7.0)).await?;
    for (window, days) in (0..).zip([7, 14, 30]) {
        let times = (week.end_ms, now_ms);
        let native = estimate(&fleet, &week.members, days, times, |_| true);
        same(&report["cohorts"][0]["windows"][window], &native)?;
        let truth = process.k(days as f64);
        let holds = native
            .interval
            .is_some_and(|(low, high)| low <= truth && truth <= high);
        ensure!(holds, "{truth} is not in {native:?}");
    }
    ensure!(
        report["conversions"]["too_fast"] != 0,
        "no robots: {report}"
    );
    ensure!(report["conversions"]["self_referral"] != 0, "{report}");
    Ok(())
}

/// Sends what happened, in the order of time.
async fn play(stage: &mut Stage, facts: &Facts) -> Result<()> {
    let shares = facts
        .shares
        .iter()
        .map(|one| (one.shared_ms, Some(one), None));
    let generations = facts
        .generations
        .iter()
        .map(|one| (one.at_ms, None, Some(one)));
    let mut all: Vec<_> = shares.chain(generations).collect();
    all.sort_by_key(|(time_ms, _, _)| *time_ms);
    for (time_ms, share, generation) in all {
        if let Some(share) = share {
            stage.share(&share.site, &share.id, None, time_ms).await?;
        }
        if let Some(one) = generation {
            let share = one.referred_by.as_deref();
            stage
                .generate(&one.site, &one.owner, time_ms, share)
                .await?;
        }
    }
    Ok(())
}

fn same(told: &Value, native: &Estimate) -> Result<()> {
    let (low, high) = native.interval.unzip();
    for (name, figure) in [
        ("k", native.k),
        ("k_low", low),
        ("k_high", high),
        ("i", native.i),
        ("c", native.c),
    ] {
        let figure = figure.map(round);
        ensure!(
            told[name].as_f64() == figure,
            "{name}: {figure:?}, not {told}"
        );
    }
    for (name, count) in [
        ("observed", native.observed),
        ("active", native.active),
        ("shares", native.shares),
        ("conversions", native.conversions),
    ] {
        ensure!(told[name] == count, "{name}: {count}, not {told}");
    }
    Ok(())
}

/// A figure as answers show it.
fn round(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}
