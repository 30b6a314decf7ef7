//! Stories of what growth is asked about.

use foresight::{
    event::{Confirmed, Event, HOUR_MS},
    rollup::Rollup,
    store::{Facts, Generation, Goal, Lead, Merge, SharedLink, Store},
};

use crate::{
    database::Database,
    model::{rollup_of, view},
    seen::events,
};

fn told() -> Rollup {
    Rollup {
        events: events(),
        ..Rollup::default()
    }
}

fn site() -> String {
    "bakery.4site.pro".into()
}

pub(crate) async fn what_servers_tell_of_growth_is_found_again(database: Database) {
    let store = &*database.store;
    assert_eq!(store.facts(0, i64::MAX).await.unwrap(), Facts::default());
    store.merge("one", 0, 10, &told()).await.unwrap();
    let share = || "pR7mYc2LzA".to_owned();
    let expected = Facts {
        generations: vec![Generation {
            site: site(),
            owner: "o_5521".into(),
            at_ms: 1_793_000_000_000,
            template: Some("aurora".into()),
            referred_by: Some(share()),
        }],
        goals: vec![Goal {
            site: site(),
            at_ms: 1_793_000_003_000,
            name: "booking".into(),
            share: share(),
        }],
        shares: vec![],
    };
    assert_eq!(store.facts(0, i64::MAX).await.unwrap(), expected);
    let at_ms = 1_793_000_002_000;
    let lead = Lead {
        site: site(),
        at_ms,
        score: 72,
        source: "form".into(),
    };
    assert_eq!(store.leads(at_ms, at_ms + 1).await.unwrap(), [lead]);
    assert_eq!(store.leads(at_ms + 1, i64::MAX).await.unwrap(), []);
    assert_eq!(store.leads(0, at_ms).await.unwrap(), []);
    let sites = store.sites_with_leads().await.unwrap();
    assert_eq!(sites, [site()].into());
}

pub(crate) async fn shares_are_those_of_a_range_and_those_that_servers_name(database: Database) {
    let store = &*database.store;
    store.merge("one", 0, 10, &told()).await.unwrap();
    let share = |id: &str, parent: Option<&str>, hour: i64| {
        let share = Event::Share {
            channel: "whatsapp".into(),
            id: id.into(),
            parent: parent.map(str::to_owned),
        };
        rollup_of(view(hour), vec![share])
    };
    for (at, rollup) in (10..).zip([
        share("pR7mYc2LzA", None, 1),
        share("too-early", None, 4),
        share("first-one", Some("pR7mYc2LzA"), 5),
        share("last-one-", None, 6),
        share("too-late-", None, 7),
    ]) {
        store.merge("one", at, at + 1, &rollup).await.unwrap();
    }
    let facts = store.facts(5 * HOUR_MS, 7 * HOUR_MS).await.unwrap();
    let mut shares = facts.shares;
    shares.sort_by_key(|share| share.shared_ms);
    let ids: Vec<_> = shares.iter().map(|share| &*share.id).collect();
    assert_eq!(ids, ["pR7mYc2LzA", "first-one", "last-one-"]);
    let expected = SharedLink {
        site: "a.example".into(),
        id: "first-one".into(),
        parent: Some("pR7mYc2LzA".into()),
        channel: "whatsapp".into(),
        country: Some("DE".into()),
        shared_ms: 5 * HOUR_MS,
    };
    assert_eq!(shares[1], expected);
    // One that is named and in the range is told once.
    let facts = store.facts(0, 2 * HOUR_MS).await.unwrap();
    assert_eq!(facts.shares.len(), 1);
}

/// The end of the migration makes the rows of what was told before it: here it makes them once more.
pub(crate) async fn rows_of_growth_can_be_made_of_server_events_again(database: Database) {
    let store = &*database.store;
    let mut plain = told();
    // Without the fields that may be absent.
    for event in &mut plain.events {
        event.event.id.push_str("-2");
        strip(event);
    }
    plain.events.extend(events());
    store.merge("one", 0, 20, &plain).await.unwrap();
    let before = everything(store).await;
    assert_eq!((before.0.generations.len(), before.0.goals.len()), (2, 1));
    assert_eq!(before.1.len(), 2);
    for table in ["generation", "referred_goal", "confirmed_lead"] {
        database.run(&format!("delete from {table}")).await;
    }
    assert_eq!(everything(store).await, (Facts::default(), vec![]));
    let migration = if database.url.starts_with("sqlite:") {
        include_str!("../../migrations/sqlite/0003_growth.sql")
    } else {
        include_str!("../../migrations/postgres/0003_growth.sql")
    };
    let (_, again) = migration.split_once("-- What was told before.").unwrap();
    for statement in again.split(';').filter(|one| !one.trim().is_empty()) {
        database.run(statement).await;
    }
    assert_eq!(everything(store).await, before);
}

fn strip(event: &mut Confirmed) {
    use foresight_shared::Fact;
    match &mut event.event.fact {
        Fact::SiteGenerated {
            template,
            build,
            referred_by,
            ..
        } => (*template, *build, *referred_by) = (None, None, None),
        Fact::Conversion { share, .. } => *share = None,
        _ => {}
    }
}

async fn everything(store: &dyn Store) -> (Facts, Vec<Lead>) {
    let mut facts = store.facts(0, i64::MAX).await.unwrap();
    facts.generations.sort_by_key(|one| one.template.clone());
    (facts, store.leads(0, i64::MAX).await.unwrap())
}

pub(crate) async fn a_merge_that_is_refused_tells_nothing_of_growth(database: Database) {
    let store = &*database.store;
    let events = events();
    let first = Rollup {
        events: events[2..].to_vec(),
        ..Rollup::default()
    };
    store.merge("one", 0, 8, &first).await.unwrap();
    let merge = store.merge("two", 0, 10, &told()).await.unwrap();
    assert!(matches!(merge, Merge::Known(_)), "{merge:?}");
    let facts = store.facts(0, i64::MAX).await.unwrap();
    assert_eq!((facts.generations.len(), facts.goals.len()), (0, 1));
}
