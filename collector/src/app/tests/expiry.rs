//! How long sessions are good, and that their use is noted.

use serde_json::json;

use super::room::{Browser, Room};
use crate::{
    door::{ABSOLUTE_MS, IDLE_MS},
    store::Scope,
};

const HOUR_MS: i64 = 60 * 60 * 1000;

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_for_twelve_hours() {
    let room = Room::staffed().await;
    let mut used = Browser::of(&room, "viewer").await;
    let mut idle = Browser::of(&room, "viewer").await;
    for _ in 0..3 {
        room.pass(IDLE_MS / 2);
        let answer = used.get("/api/v1/sites").await;
        assert_eq!(answer.status, 200);
        // The browser is told to keep the cookie for longer, too.
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=43200"), "{cookie}");
    }
    assert_eq!(
        idle.get("/api/v1/sites").await.told(),
        (401, "not_signed_in")
    );
    // Also where there is nothing else to send.
    room.pass(IDLE_MS / 2);
    let known = [("if-none-match", "*")];
    let answer = used.send_with("GET", "/api/v1/sites", &known, None).await;
    assert_eq!(answer.status, 304);
    assert!(answer.headers.contains_key("set-cookie"));
    // Who has not signed in is not told whether anything has changed.
    let answer = room.ask("GET", "/api/v1/sites", &known, None).await;
    assert_eq!(answer.told(), (401, "not_signed_in"));
    // Within a minute it is not written again.
    let answer = used.get("/api/v1/sites").await;
    assert!(!answer.headers.contains_key("set-cookie"));
    room.pass(IDLE_MS - 1);
    assert_eq!(used.get("/api/v1/sites").await.status, 200);
    room.pass(IDLE_MS);
    assert_eq!(
        used.get("/api/v1/sites").await.told(),
        (401, "not_signed_in")
    );
}

#[tokio::test]
async fn a_session_ends_after_seven_days_however_much_it_is_used() {
    let room = Room::staffed().await;
    let mut browser = Browser::of(&room, "viewer").await;
    let mut passed_ms = 0;
    while passed_ms + 8 * HOUR_MS < ABSOLUTE_MS {
        room.pass(8 * HOUR_MS);
        passed_ms += 8 * HOUR_MS;
        assert_eq!(
            browser.get("/api/v1/sites").await.status,
            200,
            "{passed_ms}"
        );
    }
    room.pass(8 * HOUR_MS);
    assert_eq!(
        browser.get("/api/v1/sites").await.told(),
        (401, "not_signed_in")
    );
}

#[tokio::test]
async fn people_and_tokens_are_seen() {
    let room = Room::staffed().await;
    let (token, _) = room.token(Scope::Read, None).await;
    let mut admin = Browser::of(&room, "admin").await;
    let listed = admin.get("/api/v1/tokens").await.body;
    assert_eq!(listed["tokens"][0]["last_used"], json!(null));
    room.pass(90_000);
    assert_eq!(
        room.with_token(&token, "GET", "/api/v1/sites").await.status,
        200
    );
    admin.get("/api/v1/sites").await;
    let listed = admin.get("/api/v1/tokens").await.body;
    assert_eq!(listed["tokens"][0]["last_used"], "2026-11-23T21:21:30Z");
    let listed = admin.get("/api/v1/users").await.body;
    assert_eq!(listed["users"][0]["name"], "admin");
    assert_eq!(listed["users"][0]["last_seen"], "2026-11-23T21:21:30Z");
    assert_eq!(listed["users"][2]["last_seen"], json!(null));
}
