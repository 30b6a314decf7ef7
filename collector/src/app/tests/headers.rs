//! What answers tell browsers beside their content.

use axum::http::HeaderMap;

use super::room::{Browser, Room};

#[tokio::test]
async fn answers_tell_browsers_to_keep_frame_and_guess_nothing() {
    let room = Room::staffed().await;
    let mut browser = Browser::of(&room, "admin").await;
    let is = |headers: &HeaderMap, name: &str, part: &str| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        assert!(
            values.len() == 1 && values[0].contains(part),
            "{name}: {values:?}"
        );
    };
    for address in [
        "/api/v1/users",
        "/api/v1/sites",
        "/api/v1/session",
        "/api/v1/vitals?x=1",
    ] {
        for headers in [
            browser.get(address).await.headers,
            room.ask("GET", address, &[], None).await.headers,
        ] {
            // What was measured may be kept by this browser, if it asks each time whether it may show it.
            let kept = headers.contains_key("etag");
            let caching = if kept {
                "private, no-cache"
            } else {
                "no-store"
            };
            is(&headers, "cache-control", caching);
            assert!(!kept || address == "/api/v1/sites", "{address}");
            is(&headers, "x-content-type-options", "nosniff");
            is(&headers, "content-security-policy", "default-src 'none'");
            is(
                &headers,
                "content-security-policy",
                "frame-ancestors 'none'",
            );
            is(&headers, "cross-origin-resource-policy", "same-origin");
            is(&headers, "referrer-policy", "no-referrer");
            assert!(
                !headers.contains_key("access-control-allow-origin"),
                "{address}"
            );
            assert!(!headers.contains_key("server"), "{address}");
        }
    }
}

#[tokio::test]
async fn the_dashboard_runs_its_own_scripts_only_and_in_no_frame() {
    let room = Room::new().await;
    for address in ["/", "/assets/nothing.js", "/index.html"] {
        let answer = room.ask("GET", address, &[], None).await;
        if answer.code() == "assets_missing" {
            continue;
        }
        let said = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        let policy = said("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{address}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(said("x-frame-options"), "DENY");
        assert_eq!(said("x-content-type-options"), "nosniff");
        assert_eq!(said("cross-origin-opener-policy"), "same-origin");
        assert_eq!(said("cross-origin-resource-policy"), "same-origin");
    }
}
