//! Stories of shares and the visits they bring.

use foresight::{
    event::{Event, HOUR_MS, Millis},
    rollup::Rollup,
    store::{Link, Store},
};

use crate::{
    database::Database,
    model::{between, rollup_of, view},
};

pub(crate) async fn a_share_told_twice_is_kept_once(database: Database) {
    let store = &*database.store;
    for (spool, channel) in [("one", "whatsapp"), ("two", "email")] {
        let rollup = share("share-one", channel, "/", 1);
        store.merge(spool, 0, 1, &rollup).await.unwrap();
    }
    assert_eq!(database.number("select count(*) from share").await, 1);
    let links = store.links(&between(0, 10), 10).await.unwrap();
    let expected = Link {
        site: "a.example".into(),
        id: "share-one".into(),
        channel: "whatsapp".into(),
        page: Some("/".into()),
        parent: Some("parent-of-it".into()),
        shared_ms: Some(HOUR_MS),
        visits: 0,
    };
    assert_eq!(links, [expected]);
}

pub(crate) async fn links_are_those_visited_or_shared_in_the_range(database: Database) {
    tell(&*database.store).await;
    let ask = async |from, to, site: Option<&str>, page: Option<&str>, limit| {
        let mut selection = between(from, to);
        selection.site = site.map(str::to_owned);
        selection.page = page.map(str::to_owned);
        let links = database.store.links(&selection, limit).await.unwrap();
        let one = |link: Link| format!("{} {} {}", link.id, link.channel, link.visits);
        links.into_iter().map(one).collect::<Vec<_>>()
    };
    // Visited in hour 5, whenever it was shared; shared in hour 5; visited but never reported.
    let hour_five = ["old-share whatsapp 2", "new-share email 0"];
    assert_eq!(ask(5, 6, None, None, 10).await, hour_five);
    let all = [
        "unreported unknown 3",
        "old-share whatsapp 2",
        "new-share email 0",
    ];
    assert_eq!(ask(0, 10, None, None, 10).await, all);
    assert_eq!(ask(0, 10, None, None, 2).await, all[..2]);
    assert_eq!(
        ask(0, 10, None, Some("/menu"), 10).await,
        ["old-share whatsapp 2"]
    );
    assert_eq!(ask(0, 10, Some("a.example"), None, 10).await, all);
    assert_eq!(ask(0, 10, Some("b.example"), None, 10).await, [""; 0]);
    assert_eq!(ask(2, 5, None, None, 10).await, [""; 0]);
}

pub(crate) async fn visits_have_the_channel_of_their_link(database: Database) {
    tell(&*database.store).await;
    let ask = async |page: Option<&str>| {
        let mut selection = between(0, 10);
        selection.page = page.map(str::to_owned);
        database.store.visits_by_channel(&selection).await.unwrap()
    };
    let (unknown, whatsapp) = (("unknown".to_owned(), 3), ("whatsapp".to_owned(), 2));
    assert_eq!(ask(None).await, [unknown, whatsapp.clone()]);
    assert_eq!(ask(Some("/menu")).await, [whatsapp]);
}

pub(crate) async fn visits_are_told_by_link(database: Database) {
    tell(&*database.store).await;
    let mut selection = between(0, 10);
    let of = |id: &str, visits| (("a.example".to_owned(), id.to_owned()), visits);
    for folded in [false, true] {
        let visits = database.store.visits_by_link(&selection).await.unwrap();
        assert_eq!(visits, [of("old-share", 2), of("unreported", 3)].into());
        if !folded {
            database.store.fold_hours(20 * HOUR_MS).await.unwrap();
        }
    }
    selection.to_ms = 9 * HOUR_MS;
    let visits = database.store.visits_by_link(&selection).await.unwrap();
    assert_eq!(visits, [of("old-share", 2), of("unreported", 2)].into());
    selection.site = Some("b.example".to_owned());
    let none = database.store.visits_by_link(&selection).await.unwrap();
    assert!(none.is_empty(), "{none:?}");
}

async fn tell(store: &dyn Store) {
    let merges = [
        share("old-share", "whatsapp", "/menu", 1),
        share("new-share", "email", "/", 5),
        visit("old-share", 5),
        visit("old-share", 5),
        visit("unreported", 8),
        visit("unreported", 8),
        visit("unreported", 9),
    ];
    for (at, rollup) in (0..).zip(&merges) {
        store.merge("spool", at, at + 1, rollup).await.unwrap();
    }
}

fn share(id: &str, channel: &str, page: &str, hour: Millis) -> Rollup {
    let mut view = view(hour);
    view.page = page.to_owned();
    let event = Event::Share {
        channel: channel.to_owned(),
        id: id.to_owned(),
        parent: Some("parent-of-it".to_owned()),
    };
    rollup_of(view, vec![event])
}

fn visit(share: &str, hour: Millis) -> Rollup {
    let event = Event::Referral {
        share: share.to_owned(),
    };
    rollup_of(view(hour), vec![event])
}
