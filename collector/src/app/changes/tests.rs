//! When is looked, at which scripts, and that a stop ends a look.

use foresight_shared::{Metric, NavigationType};

use super::*;
use crate::{
    event::{Accepted, Device, Event, View},
    rollup::Rollup,
    store,
};

#[test]
fn what_nobody_has_looked_at_is_looked_at_in_steps() {
    let now_ms = 100 * DAY_MS;
    assert_eq!(times(now_ms - HOUR_MS, now_ms), [now_ms]);
    let day = times(now_ms - DAY_MS, now_ms);
    assert_eq!(day.len(), 4);
    assert_eq!(day.last(), Some(&now_ms));
    let first = times(0, now_ms);
    assert_eq!(first.len(), 40);
    assert_eq!(first[0], now_ms - BACK_MS + STEP_MS);
}

#[test]
fn scripts_of_few_sites_are_left_out() {
    let sites = |count: usize| (0..count).map(|site| format!("{site}.example")).collect();
    let scripts = BTreeMap::from([("a".to_owned(), sites(4)), ("b".to_owned(), sites(9))]);
    let left = of_many(scripts, 5);
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].0.as_str(), left[0].1.len()), ("b", 9));
}

const NOW_MS: Millis = 20_600 * DAY_MS;

/// A view of a site; values rise by 20% from one view to the next of five.
fn view(site: usize, start_ms: Millis, number: usize) -> Accepted {
    let is_slow = start_ms >= NOW_MS - DAY_MS;
    let value = 1000.0 * 1.2_f64.powi((number % 5) as i32) * if is_slow { 2.0 } else { 1.0 };
    let view = View {
        site: format!("{site}.example"),
        template: Some("aurora".to_owned()),
        build: Some("1".to_owned()),
        page: "/".to_owned(),
        device: Device::Phone,
        country: "DE".to_owned(),
        browser: "Chrome".to_owned(),
        navigation: NavigationType::Navigate,
        start_ms,
        received_ms: start_ms,
        counted: true,
    };
    let vital = Event::Vital {
        metric: Metric::Lcp,
        value,
        was: None,
        element: None,
    };
    Accepted {
        view,
        events: vec![vital],
    }
}

/// Six sites for twenty days, all of which were slower on the last one.
async fn fill(store: &dyn Store) {
    for day in 0..20 {
        let mut rollup = Rollup::default();
        for hour in 0..24 {
            let start_ms = NOW_MS - (20 - day) * DAY_MS + hour * HOUR_MS;
            for number in 0..18 {
                rollup.fold(view(number % 6, start_ms, number / 6 + hour as usize));
            }
        }
        store.merge("spool", day, day + 1, &rollup).await.unwrap();
    }
}

#[tokio::test]
async fn a_look_that_is_told_to_stop_writes_nothing_and_the_next_one_does() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("test.db").display());
    let store = store::open(&url).await.unwrap();
    fill(&*store).await;
    let metrics = Arc::new(Metrics::new(0, []).unwrap());
    let mut watching = Watching::new(
        store.clone(),
        metrics,
        Arc::new(|| NOW_MS),
        &Config::default(),
    );
    let stopping = CancellationToken::new();
    stopping.cancel();
    watching.look(NOW_MS, &stopping).await.unwrap();
    assert_eq!(store.changes(0).await.unwrap(), []);
    let going_on = CancellationToken::new();
    watching.look(NOW_MS, &going_on).await.unwrap();
    let changes = store.changes(0).await.unwrap();
    let [change] = &changes[..] else {
        panic!("{changes:#?}");
    };
    assert_eq!((change.sites, change.views), (6, 24 * 18));
    // What comes later is counted too, also when the finding is settled.
    let later_ms = NOW_MS + 4 * DAY_MS;
    let mut rollup = Rollup::default();
    for hour in 0..4 * 24 {
        for number in 0..18 {
            let start_ms = NOW_MS + hour * HOUR_MS;
            rollup.fold(view(number % 6, start_ms, number / 6 + hour as usize));
        }
    }
    store.merge("spool", 20, 21, &rollup).await.unwrap();
    for at_ms in [NOW_MS + DAY_MS, NOW_MS + 3 * DAY_MS, later_ms] {
        watching.look(at_ms, &going_on).await.unwrap();
    }
    let changes = store.changes(0).await.unwrap();
    let views: Vec<_> = changes
        .iter()
        .map(|one| (one.until_ms, one.views))
        .collect();
    assert_eq!(views, [(None, 5 * 24 * 18)]);
}
