//! What is refused, and how.

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::room::{NOW_MS, Room};

#[tokio::test]
async fn a_parameter_that_breaks_a_rule_is_named() {
    let room = Room::empty().await;
    for (address, field, rule) in [
        ("vitals?range=2h", "range", "one of 1h, 24h, 7d, 30d, 90d"),
        ("vitals?metric=LCP", "metric", "a parameter of this address"),
        ("series", "metric", "required"),
        (
            "series?metric=LCP&step=month",
            "step",
            "one of hour, day, week",
        ),
        (
            "pages?metric=LCP&limit=501",
            "limit",
            "a whole number from 1 to 500",
        ),
        (
            "causes?metric=lcp",
            "metric",
            "one of LCP, INP, FID, CLS, FCP, TTFB",
        ),
        ("activity?page=%2Fa&page=%2Fb", "page", "given once"),
        (
            "sites?device=watch",
            "device",
            "one of phone, tablet, desktop, unknown",
        ),
        (
            "shares?from=2025-01-01T00:00:00Z",
            "from",
            "at most 400 days before to",
        ),
        ("dimensions?from=2027-01-01T00:00:00Z", "from", "before to"),
    ] {
        let (status, body, headers) = room.request("GET", &format!("/api/v1/{address}")).await;
        assert_eq!(status, 422, "{address}");
        let kind = (
            "content-type".to_owned(),
            "application/problem+json".to_owned(),
        );
        assert!(headers.contains(&kind), "{address}: {headers:?}");
        let told = (&body["code"], &body["field"], &body["rule"]);
        assert_eq!(
            told,
            (&json!("parameter_invalid"), &json!(field), &json!(rule)),
            "{address}"
        );
    }
}

#[tokio::test]
async fn what_is_no_longer_kept_is_refused_and_what_was_added_up_is_told_whole() {
    let room = Room::filled().await;
    // Hours of before today are dropped, then days of before this week, which began today.
    room.store.fold_days(NOW_MS).await.unwrap();
    room.store.fold_weeks(NOW_MS).await.unwrap();
    room.store.drop_hours(NOW_MS).await.unwrap();
    let rule = "at or after 2026-11-23T00:00:00Z for what is asked: page views of before are kept by \
                the day or week, and by one of page, country, browser and navigation at a time";
    for address in [
        "vitals?page=%2F&country=DE",
        "pages?metric=LCP&browser=Firefox",
        "series?metric=LCP&step=hour",
    ] {
        let (status, body, _) = room.request("GET", &format!("/api/v1/{address}")).await;
        let told = (status, &body["field"], &body["rule"]);
        assert_eq!(told, (422, &json!("from"), &json!(rule)), "{address}");
    }
    let today = "from=2026-11-23T00:00:00Z";
    let body = room
        .get(&format!("/api/v1/vitals?page=%2F&country=DE&{today}"))
        .await;
    assert_eq!(body["views"], 3);
    // The range of 24 hours began in the evening of a day that is told whole.
    let body = room.get("/api/v1/series?metric=LCP&country=DE").await;
    let head = (&body["from"], &body["step"]);
    assert_eq!(head, (&json!("2026-11-22T00:00:00Z"), &json!("day")));
    assert_eq!(body["points"][0]["views"], 1);
    room.store.drop_days(NOW_MS).await.unwrap();
    let body = room.get("/api/v1/series?metric=LCP&country=DE").await;
    let head = (&body["from"], &body["step"]);
    assert_eq!(head, (&json!("2026-11-16T00:00:00Z"), &json!("week")));
    let views = (&body["points"][0]["views"], &body["points"][1]["views"]);
    assert_eq!(views, (&json!(1), &json!(4)));
    let (status, ..) = room
        .request("GET", "/api/v1/series?metric=LCP&step=day")
        .await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn another_method_is_refused() {
    let room = Room::empty().await;
    let (status, body, headers) = room.request("POST", "/api/v1/vitals").await;
    assert_eq!((status, &body["code"]), (405, &json!("method_not_allowed")));
    assert!(
        headers.contains(&("allow".to_owned(), "GET,HEAD".to_owned())),
        "{headers:?}"
    );
}

#[tokio::test]
async fn a_store_that_fails_is_said_to_be_unavailable_and_nothing_more() {
    let room = Room::filled().await;
    let url = format!("sqlite:{}/foresight.db", room.dir.path().display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for table in ["sums", "share", "site"] {
        let sql = sqlx::AssertSqlSafe(format!("drop table {table}"));
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    for address in [
        "sites",
        "vitals",
        "series?metric=LCP",
        "pages?metric=LCP",
        "causes?metric=LCP",
        "shares",
        "activity",
        "dimensions",
    ] {
        let (status, body, headers) = room.request("GET", &format!("/api/v1/{address}")).await;
        assert_eq!(
            (status, &body["code"]),
            (503, &json!("store_unavailable")),
            "{address}"
        );
        assert!(
            headers.contains(&("retry-after".to_owned(), "5".to_owned())),
            "{headers:?}"
        );
        assert!(!body.to_string().contains("table"), "{body}");
    }
}
