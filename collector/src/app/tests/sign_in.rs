//! Signing in and out, the first user, one's own password.

use serde_json::{Value, json};

use super::room::{Browser, NOW_MS, PASSWORD, Room};
use crate::config::Config;

const OTHER: &str = "staple battery horse";

fn set_up(secret: &str) -> Value {
    json!({ "secret": secret, "name": "ada", "password": PASSWORD })
}

#[tokio::test]
async fn a_session_tells_who_it_is_until_they_sign_out() {
    let room = Room::staffed().await;
    let mut browser = Browser::new(&room).await;
    let told = browser.session().await;
    assert_eq!(told["user"], json!(null));
    assert_eq!(
        (&told["login"], &told["setup"]),
        (&json!("required"), &json!(false))
    );
    let answer = browser.sign_in("viewer", PASSWORD).await;
    let user = json!({ "name": "viewer", "role": "viewer" });
    assert_eq!(answer.body["user"], user);
    assert_eq!(browser.session().await["user"], user);
    assert_eq!(browser.get("/api/v1/sites").await.status, 200);
    let mut copy = Browser {
        room: &room,
        cookies: browser.cookies.clone(),
        csrf: browser.csrf.clone(),
    };
    let answer = browser.send("DELETE", "/api/v1/session", None).await;
    assert_eq!(answer.status, 204);
    assert!(!browser.cookies.contains_key("foresight"));
    // Somebody who has copied the cookie is out too.
    assert_eq!(
        copy.get("/api/v1/sites").await.told(),
        (401, "not_signed_in")
    );
    assert_eq!(browser.session().await["user"], json!(null));
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_sites_and_under_https_from_neighbours() {
    for (url, name, secure) in [
        ("", "foresight", false),
        ("https://rum.example", "__Host-foresight", true),
    ] {
        let room = Room::with(Config {
            public_url: url.to_owned(),
            ..Config::default()
        })
        .await;
        room.add("ada", crate::store::Role::Admin).await;
        let mut browser = Browser::new(&room).await;
        let answer = browser.sign_in("ada", PASSWORD).await;
        let cookies = answer.headers.get_all("set-cookie");
        let cookies: Vec<_> = cookies
            .iter()
            .map(|cookie| cookie.to_str().unwrap())
            .collect();
        let of_session = cookies
            .iter()
            .find(|text| text.starts_with(&format!("{name}=")));
        let attributes: Vec<_> = of_session.unwrap().split("; ").skip(1).collect();
        for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(attributes.contains(&wanted), "{wanted} of {cookies:?}");
        }
        assert_eq!(attributes.contains(&"Secure"), secure, "{cookies:?}");
        assert!(!cookies.iter().any(|text| text.contains("Domain")));
        assert_eq!(browser.get("/api/v1/users").await.status, 200);
    }
}

#[tokio::test]
async fn the_link_makes_the_first_user_once() {
    let room = Room::new().await;
    let secret = room.parts.door.offer_setup().await.unwrap().unwrap();
    let mut browser = Browser::new(&room).await;
    assert_eq!(browser.session().await["setup"], json!(true));
    let answer = browser
        .send("POST", "/api/v1/setup", Some(&set_up("guessed")))
        .await;
    assert_eq!(answer.told(), (401, "setup_invalid"));
    assert_eq!(room.failures("setup_invalid"), Some(1));
    let short = json!({ "secret": secret, "name": "ada", "password": "short" });
    let answer = browser.send("POST", "/api/v1/setup", Some(&short)).await;
    assert_eq!(answer.body["field"], "password");
    let name = json!({ "secret": secret, "name": "Ada!", "password": PASSWORD });
    let answer = browser.send("POST", "/api/v1/setup", Some(&name)).await;
    assert_eq!(answer.body["field"], "name");
    let answer = browser
        .send("POST", "/api/v1/setup", Some(&set_up(&secret)))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(
        answer.body["user"],
        json!({ "name": "ada", "role": "admin" })
    );
    assert_eq!(browser.session().await["setup"], json!(false));
    assert_eq!(browser.get("/api/v1/users").await.status, 200);
    let mut second = Browser::new(&room).await;
    let answer = second
        .send("POST", "/api/v1/setup", Some(&set_up(&secret)))
        .await;
    assert_eq!(answer.told(), (409, "setup_done"));
    assert_eq!(room.parts.door.offer_setup().await.unwrap(), None);
}

#[tokio::test]
async fn a_link_is_good_for_a_day() {
    let room = Room::new().await;
    let secret = room.parts.door.offer_setup().await.unwrap().unwrap();
    room.pass(24 * 60 * 60 * 1000 + 1);
    let mut browser = Browser::new(&room).await;
    let answer = browser
        .send("POST", "/api/v1/setup", Some(&set_up(&secret)))
        .await;
    assert_eq!(answer.told(), (401, "setup_invalid"));
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_all_other_sessions() {
    let room = Room::staffed().await;
    let mut here = Browser::of(&room, "viewer").await;
    let mut elsewhere = Browser::of(&room, "viewer").await;
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let address = "/api/v1/session/password";
    let answer = here
        .send("PUT", address, Some(&change("wrong old password", OTHER)))
        .await;
    assert_eq!(answer.told(), (401, "wrong_password"));
    let answer = here
        .send("PUT", address, Some(&change(PASSWORD, "short")))
        .await;
    assert_eq!(answer.told(), (422, "field_invalid"));
    let before = here.cookies["foresight"].clone();
    let answer = here
        .send("PUT", address, Some(&change(PASSWORD, OTHER)))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_ne!(here.cookies["foresight"], before);
    assert_eq!(here.get("/api/v1/sites").await.status, 200);
    assert_eq!(
        elsewhere.get("/api/v1/sites").await.told(),
        (401, "not_signed_in")
    );
    let mut again = Browser::new(&room).await;
    assert_eq!(
        again.sign_in("viewer", PASSWORD).await.told(),
        (401, "wrong_password")
    );
    assert_eq!(again.sign_in("viewer", OTHER).await.status, 200);
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let room = Room::staffed().await;
    let browser = Browser::of(&room, "admin").await;
    let (token, _) = room
        .token(crate::store::Scope::Read, Some(NOW_MS * 2))
        .await;
    let session = browser.cookies["foresight"].clone();
    let mut kept = Vec::new();
    for name in ["foresight.db", "foresight.db-wal"] {
        kept.extend(std::fs::read(room.dir.path().join(name)).unwrap_or_default());
    }
    let has = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("$argon2id$"), "this test looks at the wrong file");
    for secret in [PASSWORD, &token, &token[4..], &session, &browser.csrf] {
        assert!(!has(secret), "{secret}");
    }
}
