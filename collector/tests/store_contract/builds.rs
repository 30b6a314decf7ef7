//! Stories of the builds that sites had.

use foresight::{
    event::{Accepted, DAY_MS, View},
    rollup::Rollup,
    store::{Build, SiteBuild},
};

use crate::{database::Database, model::view};

pub(crate) async fn builds_are_known_since_their_first_view(database: Database) {
    let store = &*database.store;
    let merges = [
        rollup(&[
            ("a.example", Some("aurora"), Some("1"), 10),
            ("b.example", None, None, 11),
        ]),
        // Two in one stretch, the older one again after the newer.
        rollup(&[
            ("a.example", Some("aurora"), Some("2"), 30),
            ("a.example", Some("aurora"), Some("1"), 31),
            ("a.example", Some("aurora"), Some("2"), 29),
            ("b.example", Some("aurora"), Some("2"), 40),
        ]),
        rollup(&[
            ("b.example", Some("birch"), Some("2"), 50),
            ("c.example", None, Some("2"), 60),
        ]),
        // A spool that lagged behind.
        rollup(&[("b.example", Some("aurora"), Some("2"), 20)]),
    ];
    for (at, rollup) in (0..).zip(&merges) {
        store.merge("spool", at, at + 1, rollup).await.unwrap();
    }
    let build = |template: Option<&str>, build: &str, first_ms, sites| Build {
        template: template.map(str::to_owned),
        build: build.to_owned(),
        first_ms,
        sites,
    };
    let one = build(Some("aurora"), "1", 10, 1);
    let all = [
        one.clone(),
        build(Some("aurora"), "2", 20, 2),
        build(Some("birch"), "2", 50, 1),
        build(None, "2", 60, 1),
    ];
    assert_eq!(store.builds(None, 0, 100).await.unwrap(), all);
    assert_eq!(store.builds(None, 10, 60).await.unwrap(), all[..3]);
    // Of the fleet it is known since 20: what a site has later is no news.
    assert_eq!(store.builds(None, 21, 50).await.unwrap(), []);
    let of_a = store.builds(Some("a.example"), 0, 100).await.unwrap();
    assert_eq!(of_a, [one, build(Some("aurora"), "2", 29, 1)]);
    let of_site = |(site, template, number, first_ms): (&str, Option<&str>, &str, i64)| SiteBuild {
        site: site.to_owned(),
        template: template.map(str::to_owned),
        build: number.to_owned(),
        first_ms,
    };
    let of_sites = [
        ("a.example", Some("aurora"), "1", 10),
        ("b.example", Some("aurora"), "2", 20),
        ("a.example", Some("aurora"), "2", 29),
        ("b.example", Some("birch"), "2", 50),
    ];
    let known = store.site_builds(60).await.unwrap();
    assert_eq!(known, of_sites.map(of_site));
    store.forget_site("b.example", 7).await.unwrap();
    let left = store.builds(None, 0, 100).await.unwrap();
    assert_eq!(left[1], build(Some("aurora"), "2", 29, 1));
    assert_eq!(left.len(), 3);
}

pub(crate) async fn a_build_is_deleted_once_another_took_its_place(database: Database) {
    let store = &*database.store;
    let rollup = rollup(&[
        ("a.example", None, Some("1"), 10),
        ("a.example", None, Some("2"), 20),
        ("a.example", None, Some("3"), DAY_MS + 30),
        ("b.example", None, Some("1"), 10),
    ]);
    store.merge("spool", 0, 1, &rollup).await.unwrap();
    store.delete_before(DAY_MS).await.unwrap();
    let left = store.site_builds(9 * DAY_MS).await.unwrap();
    let left: Vec<_> = left.iter().map(|one| (&*one.site, &*one.build)).collect();
    let expected = [("b.example", "1"), ("a.example", "2"), ("a.example", "3")];
    assert_eq!(left, expected);
}

/// Views of sites with a template and a build, by when they were received.
fn rollup(views: &[(&str, Option<&str>, Option<&str>, i64)]) -> Rollup {
    let mut rollup = Rollup::default();
    for (site, template, build, received_ms) in views {
        let view = View {
            site: (*site).to_owned(),
            template: template.map(str::to_owned),
            build: build.map(str::to_owned),
            received_ms: *received_ms,
            ..view(0)
        };
        let events = vec![];
        rollup.fold(Accepted { view, events });
    }
    rollup
}
