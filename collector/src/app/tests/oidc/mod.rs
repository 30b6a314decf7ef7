//! Single sign-on, with an issuer on this machine.

mod issuer;

use std::collections::HashMap;

use serde_json::{Value, json};
use url::Url;

use super::room::{Answer, Browser, PASSWORD, Room};
use crate::{config::Config, store::Role};
use issuer::{CLIENT, Issuer, SECRET, Signed};

const BASE: &str = "http://127.0.0.1:3333";

async fn room(issuer: &Issuer) -> Room {
    Room::with(Config {
        dashboard_url: BASE.into(),
        oidc_issuer: issuer.url().into(),
        oidc_client_id: CLIENT.into(),
        oidc_client_secret: SECRET.to_owned().into(),
        oidc_roles: vec!["ops=admin".into(), "staff=analyst".into()],
        ..Config::default()
    })
    .await
}

fn ada(groups: &[&str]) -> Value {
    json!({ "email": "Ada@4site.pro", "email_verified": true, "groups": groups })
}

/// Goes to the issuer. Returns the address there.
async fn go(browser: &mut Browser<'_>) -> String {
    let answer = browser.get("/api/v1/session/oidc").await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.headers["location"].to_str().unwrap().to_owned()
}

fn asked(address: &str) -> HashMap<String, String> {
    let url = Url::parse(address).unwrap();
    url.query_pairs().into_owned().collect()
}

async fn come_back(browser: &mut Browser<'_>, code: &str, state: &str) -> Answer {
    let address =
        format!("/api/v1/session/oidc/callback?code={code}&state={state}&session_state=x");
    // As a browser does that comes from elsewhere.
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    browser.send_with("GET", &address, &headers, None).await
}

/// There and back.
async fn sign_in(browser: &mut Browser<'_>, issuer: &Issuer, claims: &Value) -> Answer {
    let address = go(browser).await;
    let code = issuer.signs_in(&address, claims);
    come_back(browser, &code, &asked(&address)["state"]).await
}

#[tokio::test]
async fn who_comes_from_the_issuer_is_signed_in_with_the_role_of_now() {
    let issuer = Issuer::start().await;
    let room = room(&issuer).await;
    room.add("root", Role::Admin).await;
    let mut browser = Browser::new(&room).await;
    assert_eq!(browser.session().await["oidc"], json!(true));
    let answer = browser.get("/api/v1/session/oidc").await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("foresight-oidc="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let address = answer.headers["location"].to_str().unwrap().to_owned();
    assert!(
        address.starts_with(&format!("{}/authorize?", issuer.url())),
        "{address}"
    );
    let sent = asked(&address);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("code_challenge_method", "S256"),
        (
            "redirect_uri",
            "http://127.0.0.1:3333/api/v1/session/oidc/callback",
        ),
        ("scope", "openid profile email"),
    ] {
        assert_eq!(sent[name], value, "{address}");
    }
    let code = issuer.signs_in(&address, &ada(&["staff", "other"]));
    let answer = come_back(&mut browser, &code, &sent["state"]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(answer.headers["location"], "http://127.0.0.1:3333/");
    let cookies = answer.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap());
    let own = cookies
        .find(|cookie| cookie.starts_with("foresight="))
        .unwrap();
    assert!(
        own.contains("HttpOnly") && own.contains("SameSite=Strict"),
        "{own}"
    );
    assert!(!browser.cookies.contains_key("foresight-oidc"));
    let user = json!({ "name": "ada@4site.pro", "role": "analyst" });
    assert_eq!(browser.session().await["user"], user);
    assert_eq!(
        browser.get("/api/v1/users").await.told(),
        (403, "not_allowed")
    );
    // What changes something needs the page, as for everybody.
    let answer = browser
        .send_with("DELETE", "/api/v1/session", &[], None)
        .await;
    assert_eq!(answer.told(), (403, "csrf_invalid"));

    // The role is another one there: here too, with the next sign-in, and what was begun before has ended.
    let mut again = Browser::new(&room).await;
    assert_eq!(
        sign_in(&mut again, &issuer, &ada(&["staff", "ops"]))
            .await
            .status,
        303
    );
    assert_eq!(again.session().await["user"]["role"], json!("admin"));
    assert_eq!(
        browser.get("/api/v1/sites").await.told(),
        (401, "not_signed_in")
    );
    let list = again.get("/api/v1/audit").await.body;
    let entries = list["entries"].as_array().unwrap();
    let actions = entries.iter().map(|entry| {
        let text = |name: &str| entry[name].as_str().unwrap();
        (text("who"), text("action"), text("what"))
    });
    assert_eq!(
        actions.take(4).collect::<Vec<_>>(),
        [
            ("ada@4site.pro", "signed_in", "ada@4site.pro (oidc)"),
            ("(oidc)", "user_changed", "ada@4site.pro: admin"),
            ("ada@4site.pro", "signed_in", "ada@4site.pro (oidc)"),
            ("(oidc)", "user_added", "ada@4site.pro: analyst"),
        ]
    );
    // There is no password by which they could come.
    for password in [PASSWORD, "", "oidc:"] {
        let mut stranger = Browser::new(&room).await;
        let answer = stranger.sign_in("ada@4site.pro", password).await;
        assert_eq!(answer.told(), (401, "wrong_password"));
    }
}

#[tokio::test]
async fn a_code_counts_in_the_browser_that_went_for_it_and_once() {
    let issuer = Issuer::start().await;
    let room = room(&issuer).await;
    room.add("root", Role::Admin).await;
    let claims = ada(&["staff"]);
    let mut browser = Browser::new(&room).await;
    let address = go(&mut browser).await;
    let state = asked(&address)["state"].clone();
    let code = issuer.signs_in(&address, &claims);
    // Somebody else is given the address with which this browser would come back, and has gone there as well.
    let mut other = Browser::new(&room).await;
    assert_eq!(
        come_back(&mut other, &code, &state).await.told(),
        (401, "oidc_state")
    );
    let theirs = asked(&go(&mut other).await)["state"].clone();
    for given in ["", "x", state.as_str()] {
        assert_eq!(
            come_back(&mut other, &code, given).await.told(),
            (401, "oidc_state"),
            "{given}"
        );
    }
    // With a state of their own, the code is of no use without the verifier.
    assert_eq!(
        come_back(&mut other, &code, &theirs).await.told(),
        (401, "oidc_token")
    );
    assert_eq!(room.failures("oidc_state"), Some(4));
    assert_eq!(other.session().await["user"], json!(null));

    let code = issuer.signs_in(&address, &claims);
    assert_eq!(come_back(&mut browser, &code, &state).await.status, 303);
    assert_eq!(
        come_back(&mut browser, &code, &state).await.told(),
        (401, "oidc_state")
    );
    let address = "/api/v1/session/oidc/callback";
    let state = asked(&go(&mut other).await)["state"].clone();
    let refused = format!("{address}?error=access_denied&state={state}");
    assert_eq!(other.get(&refused).await.told(), (401, "oidc_refused"));
    let twice = format!("{address}?code=a&code=b&state={state}");
    assert_eq!(other.get(&twice).await.told(), (422, "parameter_invalid"));
}

#[tokio::test]
async fn a_token_that_is_not_ours_lets_nobody_in() {
    let issuer = Issuer::start().await;
    let room = room(&issuer).await;
    room.add("root", Role::Admin).await;
    let mut browser = Browser::new(&room).await;
    for (name, value) in [
        ("aud", json!("another client")),
        ("iss", json!("https://issuer.example")),
        ("exp", json!(1_700_000_000)),
        ("nonce", json!("another nonce")),
        ("nonce", json!(null)),
    ] {
        let mut claims = ada(&["ops"]);
        claims[name] = value;
        let answer = sign_in(&mut browser, &issuer, &claims).await;
        assert_eq!(answer.told(), (401, "oidc_token"), "{claims}");
    }
    for signed in [Signed::ByAnother, Signed::WithTheSecret, Signed::NotAtAll] {
        issuer.signs(signed);
        let answer = sign_in(&mut browser, &issuer, &ada(&["ops"])).await;
        assert_eq!(answer.told(), (401, "oidc_token"), "{signed:?}");
    }
    issuer.signs(Signed::Well);
    assert_eq!(room.failures("oidc_token"), Some(8));
    assert_eq!(browser.session().await["user"], json!(null));
    let good = sign_in(&mut browser, &issuer, &ada(&["ops"])).await;
    assert_eq!(good.status, 303, "{}", good.body);
}

#[tokio::test]
async fn who_gets_no_role_or_no_name_is_refused() {
    let issuer = Issuer::start().await;
    let room = room(&issuer).await;
    let mut browser = Browser::new(&room).await;
    // The first one must be an admin: nobody could let others in.
    let answer = sign_in(&mut browser, &issuer, &ada(&["staff"])).await;
    assert_eq!(answer.told(), (403, "oidc_no_admin"));
    assert_eq!(browser.session().await["setup"], json!(true));
    assert_eq!(
        sign_in(&mut browser, &issuer, &ada(&["ops"])).await.status,
        303
    );
    // And stays one while there is no other.
    let answer = sign_in(&mut browser, &issuer, &ada(&["staff"])).await;
    assert_eq!(answer.told(), (403, "oidc_no_admin"));

    room.add("bo@4site.pro", Role::Viewer).await;
    let of = |claims: Value| {
        let mut all = ada(&["ops"]);
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    for (claims, code) in [
        (of(json!({ "groups": ["visitors"] })), "oidc_no_role"),
        (of(json!({ "email_verified": false })), "oidc_name"),
        (of(json!({ "email": "not a name" })), "oidc_name"),
        // Has a password here.
        (of(json!({ "email": "bo@4site.pro" })), "oidc_name_taken"),
        // Was given the address after somebody else.
        (of(json!({ "sub": "subject-2" })), "oidc_name_taken"),
    ] {
        let mut browser = Browser::new(&room).await;
        let answer = sign_in(&mut browser, &issuer, &claims).await;
        assert_eq!(answer.told(), (403, code), "{claims}");
        assert_eq!(browser.session().await["user"], json!(null));
    }
}

#[tokio::test]
async fn without_an_issuer_there_are_passwords() {
    let issuer = Issuer::start().await;
    let room = room(&issuer).await;
    room.add("root", Role::Admin).await;
    issuer.goes();
    let mut browser = Browser::new(&room).await;
    let answer = browser.get("/api/v1/session/oidc").await;
    assert_eq!(answer.told(), (503, "oidc_unavailable"));
    assert_eq!(browser.sign_in("root", PASSWORD).await.status, 200);

    let room = Room::staffed().await;
    let mut browser = Browser::new(&room).await;
    assert_eq!(browser.session().await["oidc"], json!(false));
    for address in [
        "/api/v1/session/oidc",
        "/api/v1/session/oidc/callback?code=a&state=b",
    ] {
        assert_eq!(
            browser.get(address).await.told(),
            (404, "oidc_off"),
            "{address}"
        );
    }
}
