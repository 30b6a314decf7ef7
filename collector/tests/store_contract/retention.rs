//! Stories of what is kept, and for how long.

use foresight::{
    event::{DAY_MS, Event},
    rollup::Rollup,
    store::Store,
};
use foresight_shared::Metric;

use crate::{
    database::Database,
    model::{between, rollup_of, view, views},
};

const ROWS: &str = "select (select count(*) from sums) + (select count(*) from share_visit)";

pub(crate) async fn days_of_before_are_deleted_at_every_level(database: Database) {
    let store = &*database.store;
    // Day 0 is folded into a day, day 1 into hours, day 2 not at all. Day 1 ends in the middle of
    // what is deleted first, and is kept then.
    tell(store, &[("", 0), ("", 5), ("", 30), ("", 47), ("", 50)]).await;
    store.fold_days(DAY_MS).await.unwrap();
    store.fold_hours(2 * DAY_MS).await.unwrap();
    let before = database.number(ROWS).await;
    assert_eq!(store.delete_before(DAY_MS - 1).await.unwrap(), 0);
    assert_eq!(
        (views(store).await, database.number(ROWS).await),
        (5, before)
    );
    // Two hours, as hours of the site and of the fleet, whole and by site, and as visits; the day in four
    // lanes, of which the fleet has two, twice.
    assert_eq!(store.delete_before(2 * DAY_MS - 1).await.unwrap(), 8 + 8);
    assert_eq!(
        (views(store).await, database.number(ROWS).await),
        (3, before - 16)
    );
    assert_eq!(store.delete_before(2 * DAY_MS).await.unwrap(), 8);
    assert_eq!((views(store).await, database.number(ROWS).await), (1, 2));
    assert_eq!(store.delete_before(3 * DAY_MS).await.unwrap(), 2);
    assert_eq!(database.number(ROWS).await, 0);
    // Sites, and how far the spool was merged, are not of a day.
    assert_eq!(store.sites().await.unwrap().len(), 1);
    assert_eq!(store.position("spool").await.unwrap(), 5);
    assert_eq!(store.delete_before(9 * DAY_MS).await.unwrap(), 0);
}

pub(crate) async fn a_week_is_deleted_after_its_last_day(database: Database) {
    let store = &*database.store;
    // 1970 began on a Thursday: its first week ended on day 4.
    tell(store, &[("", 0), ("", 30), ("", 80), ("", 100)]).await;
    store.fold_days(5 * DAY_MS).await.unwrap();
    store.fold_weeks(5 * DAY_MS).await.unwrap();
    store.drop_hours(5 * DAY_MS).await.unwrap();
    let weeks = "select count(*) from sums where level = 5 and site not in ('', '*')";
    assert_eq!((views(store).await, database.number(weeks).await), (4, 4));
    store.delete_before(2 * DAY_MS).await.unwrap();
    // The week is still there, with days that are not: it is not read.
    assert_eq!((views(store).await, database.number(weeks).await), (2, 4));
    store.delete_before(4 * DAY_MS).await.unwrap();
    assert_eq!((views(store).await, database.number(weeks).await), (1, 0));
}

pub(crate) async fn many_hours_of_many_sites_are_deleted_and_no_others(database: Database) {
    let store = &*database.store;
    let sites: Vec<String> = (0..40).map(|number| format!("{number}.example")).collect();
    let mut told = Vec::new();
    for site in &sites {
        told.extend([20, 21, 22, 23, 24].map(|hour| (site.as_str(), hour)));
    }
    tell(store, &told).await;
    // Four hours of each are of the first day: more than one transaction takes.
    let deleted = store.delete_before(DAY_MS).await.unwrap();
    // One row of sums and one of visits each.
    assert_eq!(deleted, 2 * 4 * 40);
    assert_eq!(views(store).await, 40);
    let first = between(0, 24);
    assert_eq!(store.visits_by_channel(&first).await.unwrap(), []);
    assert_eq!(store.causes(&first, Metric::Lcp, 9).await.unwrap().len(), 0);
}

pub(crate) async fn a_share_is_kept_while_it_or_its_visits_are(database: Database) {
    let store = &*database.store;
    let share = |id: &str, hour| {
        let event = Event::Share {
            channel: "email".into(),
            id: id.into(),
            parent: None,
        };
        rollup_of(view(hour), vec![event])
    };
    let visit = |id: &str, hour| rollup_of(view(hour), vec![Event::Referral { share: id.into() }]);
    let merges = [
        share("old", 1),
        visit("old", 2),
        share("old-but-visited", 1),
        visit("old-but-visited", 30),
        share("new", 25),
    ];
    for (at, rollup) in (0..).zip(&merges) {
        store.merge("spool", at, at + 1, rollup).await.unwrap();
    }
    let kept = async || {
        let links = store.links(&between(0, 100), 10).await.unwrap();
        let mut ids: Vec<_> = links.into_iter().map(|link| link.id).collect();
        ids.sort();
        ids
    };
    store.delete_before(DAY_MS).await.unwrap();
    assert_eq!(kept().await, ["new", "old-but-visited"]);
    let channels = store.visits_by_channel(&between(0, 100)).await.unwrap();
    assert_eq!(channels, [("email".to_owned(), 1)]);
    store.delete_before(2 * DAY_MS).await.unwrap();
    assert_eq!(kept().await, [""; 0]);
    assert_eq!(database.number("select count(*) from share").await, 0);
}

/// Merges one view for each site and hour, with a cause and a visit.
async fn tell(store: &dyn Store, told: &[(&str, i64)]) {
    for (at, (site, hour)) in (0..).zip(told) {
        let mut view = view(*hour);
        if !site.is_empty() {
            view.site = (*site).to_owned();
        }
        let vital = Event::Vital {
            metric: Metric::Lcp,
            value: 100.0,
            was: None,
            element: Some("img".into()),
        };
        let visit = Event::Referral {
            share: "share-one".into(),
        };
        let rollup: Rollup = rollup_of(view, vec![vital, visit]);
        store.merge("spool", at, at + 1, &rollup).await.unwrap();
    }
}
