//! The OpenAPI document beside the routes.

use std::collections::BTreeSet;

use super::{super::openapi::document, room::Room};
use crate::door::{Least, Rule};

#[tokio::test]
async fn what_is_routed_is_documented_and_who_may_ask_too() {
    let document = document().unwrap();
    let mut documented: BTreeSet<(String, String, bool)> = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let needs = operation["security"].as_array();
            let session =
                needs.is_some_and(|all| all.iter().any(|one| one.get("session").is_some()));
            documented.insert((method.to_uppercase(), path.clone(), session));
        }
    }
    let room = Room::new().await;
    let is_api = |rule: &&Rule| rule.path.starts_with("/api/") || rule.path.starts_with("/v1/");
    let routed = room.table.iter().filter(is_api).map(|rule| {
        let needs_session = rule.least >= Least::Viewer;
        (rule.method.to_string(), rule.path.to_owned(), needs_session)
    });
    assert_eq!(documented, routed.collect());
}
