//! Reports beside those of the span before, and those that a client has already.

use foresight::event::DAY_MS;
use serde_json::{Value, json};

use crate::{
    fleet::fleet,
    room::{NOW_MS, binned},
};

#[tokio::test]
async fn vitals_and_series_are_told_beside_those_of_before() {
    let room = fleet().await;
    let address = "/api/v1/vitals?site=slow.example";
    let body = room.get(&format!("{address}&compare=previous")).await;
    let lcp = &body["vitals"][0];
    assert_eq!((&lcp["count"], &lcp["p75"]), (&json!(40), &binned(3000.0)));
    let before = &lcp["previous"];
    assert_eq!(
        (&before["count"], &before["p75"]),
        (&json!(50), &binned(1000.0))
    );
    assert_eq!(before["rating"], "good");
    let fid = &body["vitals"][5]["previous"];
    assert_eq!((&fid["count"], &fid["p75"]), (&json!(0), &Value::Null));
    let alone = room.get(address).await;
    assert_eq!(alone["vitals"][0]["previous"], Value::Null);
    assert_eq!(alone.get("previous_from"), None);

    let address = "/api/v1/series?metric=LCP&site=slow.example";
    let body = room.get(&format!("{address}&compare=previous")).await;
    let before = body["previous"].as_array().unwrap();
    assert_eq!(
        (before.len(), &before[0]["start"]),
        (25, &json!("2026-11-21T20:00:00Z"))
    );
    let fifty: Vec<_> = before.iter().filter(|point| point["views"] != 0).collect();
    let point =
        json!({"start": "2026-11-22T15:00:00Z", "views": 50, "count": 50, "p75": binned(1000.0)});
    assert_eq!(fifty, [&point]);
    assert_eq!(room.get(address).await["previous"], Value::Null);
}

#[tokio::test]
async fn what_is_not_known_of_before_is_null() {
    let room = fleet().await;
    room.store.fold_days(NOW_MS).await.unwrap();
    // Of before today only days are known: neither hours, nor two words at once.
    room.store.drop_hours(NOW_MS - DAY_MS / 2).await.unwrap();
    let today = "from=2026-11-23T00:00:00Z&compare=previous";
    for address in [
        "series?metric=LCP&step=hour",
        "breakdown?metric=LCP&by=page&country=DE",
        "fleet/sites?country=DE&page=/",
        "fleet/summary?country=DE&page=/",
    ] {
        let body = room.get(&format!("/api/v1/{address}&{today}")).await;
        assert!(body["previous_from"].is_string(), "{address}");
        let previous = match address.split('?').next() {
            Some("breakdown") => &body["lines"][0]["previous"],
            Some("fleet/sites") => &body["sites"][0]["previous"],
            _ => &body["previous"],
        };
        assert_eq!(previous, &Value::Null, "{address}");
    }
    // What was deleted is not zero.
    room.store.delete_before(NOW_MS - DAY_MS / 2).await.unwrap();
    let body = room.get(&format!("/api/v1/fleet/summary?{today}")).await;
    assert_eq!(
        (&body["previous"], &body["views"]),
        (&Value::Null, &json!(130))
    );
}

#[tokio::test]
async fn who_has_the_answer_is_told_so_until_it_changes() {
    let room = fleet().await;
    let address = "/api/v1/breakdown?metric=LCP&by=site";
    let (status, tag, length) = room.again(address, "\"another\"").await;
    assert_eq!(status, 200);
    assert!(length > 100 && tag.starts_with("W/\""), "{tag}");
    assert_eq!(room.again(address, &tag).await, (304, tag.clone(), 0));
    // Added up, it is the same answer.
    room.store.fold_days(NOW_MS).await.unwrap();
    assert_eq!(room.again(address, &tag).await, (304, tag.clone(), 0));
    room.store
        .forget_site("good.example", NOW_MS)
        .await
        .unwrap();
    let (status, after, _) = room.again(address, &tag).await;
    assert_eq!(status, 200);
    assert_ne!(after, tag);
    // Errors are not kept.
    let (status, _, headers) = room.request("GET", "/api/v1/breakdown").await;
    let has = |name: &str, value: &str| headers.contains(&(name.to_owned(), value.to_owned()));
    assert!(
        status == 422 && has("cache-control", "no-store"),
        "{headers:?}"
    );
    assert!(
        !headers.iter().any(|(name, _)| name == "etag"),
        "{headers:?}"
    );
}
