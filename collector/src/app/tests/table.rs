//! Every route of the router, with every kind of caller.

use axum::http::Method;
use serde_json::json;

use super::room::{Answer, Browser, NOW_MS, Room};
use crate::{
    door::{IDLE_MS, Least, Rule},
    store::Scope,
};

/// A path with something in its places.
fn address_of(rule: &Rule) -> String {
    rule.path
        .replace("{*path}", "a/b.js")
        .replace("{host}", "a.example")
        .replace("{name}", "nobody-such")
        .replace("{id}", "nothing-such")
}

/// What the door says of somebody who may do that much. `None`: they go on to the route.
fn expected(rule: &Rule, may: Least) -> Option<&'static str> {
    match rule.least {
        Least::World | Least::Visitor => None,
        least if least <= may => None,
        _ if may == Least::Visitor => Some("not_signed_in"),
        _ => Some("not_allowed"),
    }
}

fn check(rule: &Rule, who: &str, answer: &Answer, expected: Option<&str>) {
    let (status, code) = answer.told();
    let about = format!("{} {} by {who}: {status} {code}", rule.method, rule.path);
    match expected {
        Some(expected) => {
            assert_eq!(code, expected, "{about}");
            let wanted = if expected == "not_allowed" { 403 } else { 401 };
            assert_eq!(status, wanted, "{about}");
        }
        // Whatever the route thinks of an empty body: the door has let them through.
        None => assert!(
            ![
                "not_signed_in",
                "not_allowed",
                "csrf_invalid",
                "token_unknown"
            ]
            .contains(&code)
                && status != 405
                && status < 500,
            "{about}"
        ),
    }
}

/// The table, with what ends the session last.
fn rules(room: &Room) -> Vec<Rule> {
    let mut rules = room.table.clone();
    rules.sort_by_key(|rule| rule.path == "/api/v1/session" && rule.method == Method::DELETE);
    rules
}

#[tokio::test]
async fn every_route_lets_in_people_of_its_role_and_above_and_nobody_else() {
    let room = Room::staffed().await;
    for (name, may) in [
        ("viewer", Least::Viewer),
        ("analyst", Least::Analyst),
        ("admin", Least::Admin),
    ] {
        let mut browser = Browser::of(&room, name).await;
        for rule in rules(&room) {
            let method = rule.method.as_str();
            let answer = browser
                .send(method, &address_of(&rule), Some(&json!({})))
                .await;
            check(&rule, name, &answer, expected(&rule, may));
        }
    }
    let mut stranger = Browser::new(&room).await;
    for rule in rules(&room) {
        let method = rule.method.as_str();
        let answer = stranger
            .send(method, &address_of(&rule), Some(&json!({})))
            .await;
        check(&rule, "nobody", &answer, expected(&rule, Least::Visitor));
    }
}

#[tokio::test]
async fn every_route_lets_in_tokens_of_its_scope_and_no_spent_ones() {
    let room = Room::staffed().await;
    let (read, _) = room.token(Scope::Read, None).await;
    let (admin, _) = room.token(Scope::Admin, None).await;
    let (expired, _) = room.token(Scope::Admin, Some(NOW_MS)).await;
    let (revoked, id) = room.token(Scope::Admin, None).await;
    let mut browser = Browser::of(&room, "admin").await;
    let address = format!("/api/v1/tokens/{id}");
    assert_eq!(browser.send("DELETE", &address, None).await.status, 204);
    for rule in rules(&room) {
        let asked = |token: String| {
            let (room, rule) = (&room, &rule);
            async move {
                let address = address_of(rule);
                room.with_token(&token, rule.method.as_str(), &address)
                    .await
            }
        };
        let is_safe = rule.method == Method::GET;
        let of_world = rule.least == Least::World;
        let of_read = match rule.least {
            Least::World => None,
            Least::Admin => Some("not_allowed"),
            _ if is_safe => None,
            _ => Some("not_allowed"),
        };
        check(&rule, "read", &asked(read.clone()).await, of_read);
        // One's own password needs a session.
        let own = rule.path == "/api/v1/session/password";
        let answer = asked(admin.clone()).await;
        if !own {
            check(&rule, "admin token", &answer, None);
        }
        let refused = |code| (!of_world).then_some(code);
        check(
            &rule,
            "expired",
            &asked(expired.clone()).await,
            refused("token_expired"),
        );
        check(
            &rule,
            "revoked",
            &asked(revoked.clone()).await,
            refused("token_unknown"),
        );
    }
}

#[tokio::test]
async fn no_route_lets_in_a_session_that_has_ended() {
    let room = Room::staffed().await;
    let mut removed = Browser::of(&room, "viewer").await;
    let mut admin = Browser::of(&room, "admin").await;
    let answer = admin.send("DELETE", "/api/v1/users/viewer", None).await;
    assert_eq!(answer.status, 204);
    let mut idle = Browser::of(&room, "admin").await;
    room.pass(IDLE_MS);
    for rule in rules(&room) {
        let address = address_of(&rule);
        for (who, browser) in [("removed", &mut removed), ("idle", &mut idle)] {
            let method = rule.method.as_str();
            let answer = browser.send(method, &address, Some(&json!({}))).await;
            if matches!(rule.least, Least::World) {
                check(&rule, who, &answer, None);
            } else if rule.least != Least::Visitor {
                check(&rule, who, &answer, Some("not_signed_in"));
            }
        }
    }
}

#[tokio::test]
async fn what_is_open_to_everybody_is_this_and_no_more() {
    let room = Room::new().await;
    let of = |least| {
        let rules = room.table.iter().filter(move |rule| rule.least == least);
        let mut lines: Vec<_> = rules
            .map(|rule| format!("{} {}", rule.method, rule.path))
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(
        of(Least::World),
        [
            "GET /",
            "GET /api/health",
            "GET /api/openapi.json",
            "GET /api/ready",
            "GET /beacon.js",
            "GET /beacon/{*path}",
            "GET /demo",
            "GET /demo/",
            "GET /demo/{*path}",
            "GET /{*path}",
            "POST /v1/batches",
            "POST /v1/events",
        ]
    );
    assert_eq!(
        of(Least::Visitor),
        [
            "DELETE /api/v1/session",
            "GET /api/v1/session",
            "GET /api/v1/session/oidc",
            "GET /api/v1/session/oidc/callback",
            "POST /api/v1/session",
            "POST /api/v1/setup",
        ]
    );
    for rule in &room.table {
        let is_money = rule.path.contains("/money/") || rule.path.ends_with("/leads");
        assert!(!is_money || rule.least >= Least::Analyst, "{rule:?}");
        let own = rule.path.starts_with("/api/v1/session") || rule.path == "/api/v1/setup";
        let changes = rule.path.starts_with("/api/") && rule.method != Method::GET && !own;
        assert!(!changes || rule.least == Least::Admin, "{rule:?}");
    }
    assert!(room.table.len() > 40, "{}", room.table.len());
}

#[tokio::test]
async fn with_the_login_off_everything_is_open_but_not_to_other_sites_pages() {
    let config = crate::config::Config {
        access_login: crate::config::Login::Off,
        ..Default::default()
    };
    let room = Room::with(config).await;
    let mut browser = Browser::new(&room).await;
    let told = browser.session().await;
    assert_eq!(told["login"], "off");
    assert_eq!(
        (&told["user"], &told["setup"]),
        (&json!(null), &json!(false))
    );
    for rule in rules(&room) {
        let method = rule.method.as_str();
        let address = address_of(&rule);
        let answer = browser.send(method, &address, Some(&json!({}))).await;
        if rule.path != "/api/v1/session/password" {
            check(&rule, "anybody", &answer, None);
        }
        if rule.method != Method::GET && rule.least != Least::World {
            let answer = room.ask(method, &address, &[], Some(&json!({}))).await;
            assert_eq!(answer.told(), (403, "csrf_invalid"), "{rule:?}");
        }
    }
}
