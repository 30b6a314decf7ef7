//! What is refused, and how.

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::room::Room;

#[tokio::test]
async fn a_parameter_that_breaks_a_rule_is_named() {
    let room = Room::empty().await;
    for (address, field, rule) in [
        ("vitals?range=2h", "range", "one of 1h, 24h, 7d, 30d, 90d"),
        ("vitals?metric=LCP", "metric", "a parameter of this address"),
        ("series", "metric", "required"),
        ("series?metric=LCP&step=week", "step", "one of hour, day"),
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
    for table in ["vital", "activity", "cause", "share", "site"] {
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
