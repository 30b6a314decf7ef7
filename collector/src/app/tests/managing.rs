//! People, tokens, sites, and the list of what was changed.

use serde_json::json;

use super::room::{Browser, PASSWORD, Room};

#[tokio::test]
async fn people_are_added_changed_and_removed_and_each_change_is_listed() {
    let room = Room::staffed().await;
    let mut admin = Browser::of(&room, "admin").await;
    let user = json!({ "name": "bo", "role": "viewer", "password": PASSWORD });
    let answer = admin.send("POST", "/api/v1/users", Some(&user)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let bo = json!({
        "name": "bo", "role": "viewer", "created": "2026-11-23T21:20:00Z", "last_seen": null, "locked": false,
    });
    assert_eq!(answer.body, bo);
    let answer = admin.send("POST", "/api/v1/users", Some(&user)).await;
    assert_eq!(answer.told(), (409, "user_exists"));
    for (body, field) in [
        (
            json!({ "name": "Bo", "role": "viewer", "password": PASSWORD }),
            "name",
        ),
        (
            json!({ "name": "cy", "role": "owner", "password": PASSWORD }),
            "role",
        ),
        (
            json!({ "name": "cy", "role": "viewer", "password": "cy" }),
            "password",
        ),
        (json!({ "name": "cy", "role": "viewer" }), "password"),
        (
            json!({ "name": "cy", "role": "viewer", "password": PASSWORD, "x": 1 }),
            "x",
        ),
    ] {
        let answer = admin.send("POST", "/api/v1/users", Some(&body)).await;
        assert_eq!(answer.told(), (422, "field_invalid"), "{body}");
        assert_eq!(answer.body["field"], field, "{body}");
    }
    let analyst = json!({ "role": "analyst" });
    let answer = admin
        .send("PATCH", "/api/v1/users/bo", Some(&analyst))
        .await;
    assert_eq!(answer.body["role"], "analyst");
    let nothing = admin
        .send("PATCH", "/api/v1/users/bo", Some(&json!({})))
        .await;
    assert_eq!(nothing.told(), (422, "field_invalid"));
    for method in ["PATCH", "DELETE"] {
        let answer = admin.send(method, "/api/v1/users/cy", Some(&analyst)).await;
        assert_eq!(answer.told(), (404, "user_unknown"));
        let answer = admin
            .send(method, "/api/v1/users/admin", Some(&analyst))
            .await;
        assert_eq!(answer.told(), (409, "last_admin"));
    }
    assert_eq!(
        admin.send("DELETE", "/api/v1/users/bo", None).await.status,
        204
    );
    let entries = admin.get("/api/v1/audit").await.body["entries"].clone();
    let lines: Vec<_> = entries.as_array().unwrap().iter().take(4).collect();
    let line = |action: &str, what: &str| json!({ "at": "2026-11-23T21:20:00Z", "who": "admin", "action": action, "what": what });
    assert_eq!(
        json!(lines),
        json!([
            line("user_removed", "bo"),
            line("user_changed", "bo: role analyst"),
            line("user_added", "bo as viewer"),
            line("signed_in", "admin"),
        ])
    );
}

#[tokio::test]
async fn the_list_of_changes_comes_in_pages() {
    let room = Room::staffed().await;
    let mut admin = Browser::of(&room, "admin").await;
    let mut seen = 0;
    let mut address = "/api/v1/audit?limit=3".to_owned();
    loop {
        let page = admin.get(&address).await.body;
        seen += page["entries"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else {
            break;
        };
        address = format!("/api/v1/audit?limit=3&after={next}");
    }
    // Three were added, and one has signed in.
    assert_eq!(seen, 4);
    let answer = admin.get("/api/v1/audit?limit=0").await;
    assert_eq!(answer.told(), (422, "parameter_invalid"));
}

#[tokio::test]
async fn a_token_is_shown_once_and_good_until_it_expires_or_is_removed() {
    let room = Room::staffed().await;
    let mut admin = Browser::of(&room, "admin").await;
    let wish = json!({ "name": "report", "scopes": ["read"], "expires": "2026-11-23T22:20:00Z" });
    let answer = admin.send("POST", "/api/v1/tokens", Some(&wish)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let token = answer.body["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("fsa_") && token.len() == 47, "{token}");
    let listed = admin.get("/api/v1/tokens").await.body;
    assert!(!listed.to_string().contains(&token));
    assert_eq!(listed["tokens"][0]["scopes"], json!(["read"]));
    assert_eq!(listed["tokens"][0]["expires"], "2026-11-23T22:20:00Z");
    assert_eq!(
        room.with_token(&token, "GET", "/api/v1/sites").await.status,
        200
    );
    room.pass(60 * 60 * 1000);
    let answer = room.with_token(&token, "GET", "/api/v1/sites").await;
    assert_eq!(answer.told(), (401, "token_expired"));
    let id = listed["tokens"][0]["id"].as_str().unwrap();
    let address = format!("/api/v1/tokens/{id}");
    assert_eq!(admin.send("DELETE", &address, None).await.status, 204);
    assert_eq!(
        admin.send("DELETE", &address, None).await.told(),
        (404, "token_missing")
    );
    let answer = room.with_token(&token, "GET", "/api/v1/sites").await;
    assert_eq!(answer.told(), (401, "token_unknown"));
    for (wish, field) in [
        (json!({ "name": "", "scopes": ["read"] }), "name"),
        (json!({ "name": "x", "scopes": [] }), "scopes"),
        (json!({ "name": "x", "scopes": ["write"] }), "scopes[0]"),
        (
            json!({ "name": "x", "scopes": ["read"], "expires": "2020-01-01T00:00:00Z" }),
            "expires",
        ),
    ] {
        let answer = admin.send("POST", "/api/v1/tokens", Some(&wish)).await;
        assert_eq!(answer.told(), (422, "field_invalid"), "{wish}");
        assert_eq!(answer.body["field"], field, "{wish}");
    }
}

#[tokio::test]
async fn a_site_is_added_and_its_snippet_told_again() {
    let room = Room::staffed().await;
    let mut admin = Browser::of(&room, "admin").await;
    let wish = json!({ "host": "Bakery.example", "template": "aurora" });
    let answer = admin.send("POST", "/api/v1/sites", Some(&wish)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let site = answer.body["site"].as_str().unwrap().to_owned();
    assert_eq!(site, "bakery.example");
    let token = answer.body["token"].as_str().unwrap();
    let claims = room.parts.keys.verify(token).unwrap();
    assert_eq!(
        (claims.host.as_str(), claims.template.as_deref()),
        ("bakery.example", Some("aurora"))
    );
    assert_eq!(
        answer.body["snippet"],
        format!(
            "<script async src=\"http://127.0.0.1:3333/beacon.js\" data-site=\"{token}\"></script>"
        )
    );
    let again = admin.get("/api/v1/sites/bakery.example/snippet").await;
    assert_eq!(again.body["snippet"], answer.body["snippet"]);
    let unknown = admin.get("/api/v1/sites/other.example/snippet").await;
    assert_eq!(unknown.told(), (404, "site_unknown"));
    let wrong = json!({ "host": "https://bakery.example/" });
    let answer = admin.send("POST", "/api/v1/sites", Some(&wrong)).await;
    assert_eq!(
        (answer.code(), &answer.body["field"]),
        ("field_invalid", &json!("host"))
    );
    let entries = admin.get("/api/v1/audit?limit=1").await.body["entries"].clone();
    assert_eq!(
        (&entries[0]["action"], &entries[0]["what"]),
        (&json!("site_added"), &json!("bakery.example"))
    );
    let settings = admin.get("/api/v1/settings").await.body;
    assert_eq!(
        (&settings["keep_days"], &settings["public_url"]),
        (&json!(400), &json!("http://127.0.0.1:3333"))
    );
}
