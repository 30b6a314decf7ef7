//! Guessing, fixed sessions, pages elsewhere, tricks with paths.

use serde_json::{Value, json};

use super::room::{Browser, PASSWORD, Room};
use crate::store::{Role, Scope};

fn without_id(body: &Value) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    body
}

#[tokio::test]
async fn a_guessed_name_is_locked_and_told_like_any_other() {
    let room = Room::staffed().await;
    let mut browser = Browser::new(&room).await;
    let known = browser.sign_in("viewer", "wrong wrong wrong").await;
    let unknown = browser.sign_in("nobody", "wrong wrong wrong").await;
    let no_name = browser.sign_in("No Name \u{1F955}", "wrong").await;
    assert_eq!(known.told(), (401, "wrong_password"));
    for other in [unknown, no_name] {
        assert_eq!(other.status, 401);
        assert_eq!(without_id(&known.body), without_id(&other.body));
    }
    for _ in 1..10 {
        let answer = browser.sign_in("viewer", "wrong wrong wrong").await;
        assert_eq!(answer.told(), (401, "wrong_password"));
    }
    // Locked: the right password does not help now, and is not said to be right.
    let answer = browser.sign_in("viewer", PASSWORD).await;
    assert_eq!(answer.told(), (429, "locked"));
    assert_eq!(answer.headers["retry-after"], "900");
    assert_eq!(room.failures("locked"), Some(1));
    assert_eq!(room.failures("wrong_password"), Some(10));
    assert_eq!(room.failures("unknown_user"), Some(2));
    // Others are let in, and an admin sees it.
    let mut admin = Browser::of(&room, "admin").await;
    let users = admin.get("/api/v1/users").await.body;
    let users = users["users"].as_array().unwrap();
    let locked: Vec<_> = users
        .iter()
        .map(|user| user["locked"].as_bool().unwrap())
        .collect();
    assert_eq!(locked, [false, false, true]);
    room.pass(15 * 60 * 1000);
    assert_eq!(browser.sign_in("viewer", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_that_tries_many_names_is_locked() {
    let room = Room::staffed().await;
    let mut browser = Browser::new(&room).await;
    for number in 0..50 {
        let answer = browser.sign_in(&format!("name-{number}"), "").await;
        assert_eq!(answer.status, 401, "{number}");
    }
    assert_eq!(
        browser.sign_in("admin", PASSWORD).await.told(),
        (429, "locked")
    );
}

#[tokio::test]
async fn a_session_that_somebody_else_has_chosen_is_not_taken_over() {
    let room = Room::staffed().await;
    // An id of the right form, and one of somebody who is signed in.
    let attacker = Browser::of(&room, "viewer").await;
    for chosen in ["AAAAAAAAAAAAAAAAAAAAAA", &attacker.cookies["foresight"]] {
        let mut victim = Browser::new(&room).await;
        victim.cookies.insert("foresight".into(), chosen.to_owned());
        victim.session().await;
        let answer = victim.sign_in("admin", PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_ne!(victim.cookies["foresight"], chosen);
        let mut stolen = Browser::new(&room).await;
        stolen.cookies.insert("foresight".into(), chosen.to_owned());
        assert_eq!(
            stolen.get("/api/v1/users").await.told(),
            (401, "not_signed_in")
        );
    }
    // Signing in once more changes the id too, and the one before is of no use.
    let mut browser = Browser::of(&room, "admin").await;
    let before = browser.cookies["foresight"].clone();
    assert_eq!(browser.sign_in("admin", PASSWORD).await.status, 200);
    assert_ne!(browser.cookies["foresight"], before);
    browser.cookies.insert("foresight".into(), before);
    assert_eq!(
        browser.get("/api/v1/users").await.told(),
        (401, "not_signed_in")
    );
}

#[tokio::test]
async fn a_page_elsewhere_changes_nothing() {
    let room = Room::staffed().await;
    let mut browser = Browser::new(&room).await;
    let of_visit = browser.csrf.clone();
    browser.sign_in("admin", PASSWORD).await;
    let own = browser.csrf.clone();
    let other = Browser::of(&room, "admin").await.csrf;
    let user = json!({ "name": "eve", "role": "admin", "password": PASSWORD });
    for headers in [
        &[][..],
        &[("x-foresight-csrf", "")],
        &[("x-foresight-csrf", "guessed")],
        &[("x-foresight-csrf", of_visit.as_str())],
        &[("x-foresight-csrf", other.as_str())],
        &[
            ("x-foresight-csrf", own.as_str()),
            ("sec-fetch-site", "cross-site"),
        ],
        &[
            ("x-foresight-csrf", own.as_str()),
            ("sec-fetch-site", "same-site"),
        ],
    ] {
        for (method, address) in [
            ("POST", "/api/v1/users"),
            ("PATCH", "/api/v1/users/viewer"),
            ("DELETE", "/api/v1/users/viewer"),
            ("POST", "/api/v1/session"),
            ("DELETE", "/api/v1/session"),
            ("PUT", "/api/v1/session/password"),
            ("POST", "/api/v1/setup"),
        ] {
            let answer = browser
                .send_with(method, address, headers, Some(&user))
                .await;
            assert_eq!(answer.told(), (403, "csrf_invalid"), "{method} {address}");
        }
    }
    // A form cannot send JSON.
    let form = [
        ("x-foresight-csrf", own.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = browser
        .send_with("POST", "/api/v1/users", &form, None)
        .await;
    assert_eq!(answer.told(), (415, "content_type"));
    let users = browser.get("/api/v1/users").await.body;
    assert_eq!(users["users"].as_array().unwrap().len(), 3);
    assert!(room.failures("csrf_invalid") > Some(40));
}

#[tokio::test]
async fn nobody_is_signed_in_as_somebody_else_by_a_page_elsewhere() {
    let room = Room::staffed().await;
    let mut browser = Browser::new(&room).await;
    // The other page knows its own visit's value, but cannot set our cookie.
    let of_attacker = Browser::new(&room).await.csrf;
    let body = json!({ "name": "viewer", "password": PASSWORD });
    let headers = [("x-foresight-csrf", of_attacker.as_str())];
    let answer = browser
        .send_with("POST", "/api/v1/session", &headers, Some(&body))
        .await;
    assert_eq!(answer.told(), (403, "csrf_invalid"));
}

#[tokio::test]
async fn tricks_with_paths_and_methods_lead_nowhere() {
    let room = Room::staffed().await;
    for address in [
        "/api/v1/users",
        "/api/v1/users?",
        "/api/v1/users/",
        "/api/v1//users",
        "//api/v1/users",
        "/api/v1/./users",
        "/api/v1/x/../users",
        "/api/v1/users/..",
        "/api/v1/users%2f",
        "/api/v1/users%00",
        "/api/v1/%75sers",
        "/%61pi/v1/users",
        "/api/v1/users;x=/api/health",
        "/api/v1/users%3f",
        "/API/V1/USERS",
        "/api/health/../v1/users",
        "/beacon/../api/v1/users",
        "/beacon/..%2fapi/v1/users",
        "/demo/..%2f..%2fapi%2fv1%2fusers",
        "/api/v1/users#/api/health",
        "http://127.0.0.1:3333/api/v1/users",
        "http://other.example/api/v1/users",
    ] {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "TRACE"] {
            let tricks = [
                ("x-original-url", "/api/health"),
                ("x-rewrite-url", "/api/health"),
                ("x-http-method-override", "OPTIONS"),
                ("x-forwarded-for", "127.0.0.1"),
            ];
            let answer = room.ask(method, address, &tricks, None).await;
            assert!(answer.body["users"].is_null(), "{method} {address}");
            let refused = matches!(answer.status, 400 | 401 | 403 | 404 | 405);
            assert!(refused, "{method} {address}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn what_is_no_token_of_ours_lets_nobody_in() {
    let room = Room::staffed().await;
    let (token, _) = room.token(Scope::Read, None).await;
    let longer = format!("{token}x");
    for wrong in [
        "fsa_",
        "x",
        "",
        &token[..token.len() - 1],
        &longer,
        &token[4..],
    ] {
        let answer = room.with_token(wrong, "GET", "/api/v1/sites").await;
        assert_eq!(answer.told(), (401, "token_unknown"), "{wrong}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    assert_eq!(room.failures("token_unknown"), Some(6));
    // A good session does not make a bad token good; a login in front may pass its own scheme on.
    let mut browser = Browser::of(&room, "viewer").await;
    let bad = [("authorization", "Bearer fsa_x")];
    let answer = browser.send_with("GET", "/api/v1/sites", &bad, None).await;
    assert_eq!(answer.told(), (401, "token_unknown"));
    let basic = [("authorization", "Basic YTpi")];
    let answer = browser
        .send_with("GET", "/api/v1/sites", &basic, None)
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_once() {
    let room = Room::staffed().await;
    room.add("second", Role::Admin).await;
    let mut second = Browser::of(&room, "second").await;
    assert_eq!(second.get("/api/v1/users").await.status, 200);
    let mut admin = Browser::of(&room, "admin").await;
    let viewer = json!({ "role": "viewer" });
    let answer = admin
        .send("PATCH", "/api/v1/users/second", Some(&viewer))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        second.get("/api/v1/users").await.told(),
        (401, "not_signed_in")
    );
    assert_eq!(
        second.sign_in("second", PASSWORD).await.told(),
        (403, "csrf_invalid")
    );
    second.cookies.clear();
    second.session().await;
    second.sign_in("second", PASSWORD).await;
    assert_eq!(
        second.get("/api/v1/users").await.told(),
        (403, "not_allowed")
    );
}
