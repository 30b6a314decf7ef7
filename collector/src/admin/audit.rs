//! The list of changes: who changed what, newest first.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State as Shared},
    http::Uri,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{State, timestamp};
use crate::{
    door::{Asked, parameter_invalid, unavailable},
    problem::Problem,
    store::Listed,
};

/// Entries in an answer, unless it is asked for fewer or more.
const USUAL: u32 = 100;

/// Most entries in an answer.
const MOST: u32 = 500;

#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    entries: Vec<Change>,
    /// What `after` must be to get the next ones.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Change {
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    who: String,
    action: String,
    what: String,
}

#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "audit",
    tag = "admin",
    summary = "Who changed what, newest first",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 500, description = "how many at most; 100 unless given"),
        ("after" = Option<String>, Query, pattern = "^-?[0-9]+$", description = "`next` of the answer before"),
    ),
    responses((status = 200, description = "changes", body = Changes), Asked),
)]
pub(super) async fn list(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
) -> Result<Json<Changes>, Problem> {
    let (limit, before) = page(&uri)?;
    // One more than is told, to know whether there are more.
    let found = state.door.accounts().audit(before, limit + 1).await;
    let mut found = found.map_err(unavailable)?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| last.id.to_string());
    let entries = found.into_iter().map(change).collect();
    Ok(Json(Changes { entries, next }))
}

fn change(listed: Listed) -> Change {
    Change {
        at: timestamp(listed.at_ms),
        who: listed.who,
        action: listed.action,
        what: listed.what,
    }
}

/// How many, and before which.
fn page(uri: &Uri) -> Result<(u32, Option<i64>), Box<Problem>> {
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return Err(parameter_invalid("?", "name=value, joined by &").into());
    };
    let (mut limit, mut before) = (None, None);
    for (name, value) in pairs {
        match name.as_str() {
            "limit" if limit.is_none() => {
                let number = value
                    .parse()
                    .ok()
                    .filter(|number| (1..=MOST).contains(number));
                let rule = || Box::new(parameter_invalid("limit", "a whole number from 1 to 500"));
                limit = Some(number.ok_or_else(rule)?);
            }
            "after" if before.is_none() => {
                let rule = |_| Box::new(parameter_invalid("after", "the next of an answer"));
                before = Some(value.parse().map_err(rule)?);
            }
            "limit" | "after" => return Err(parameter_invalid(name, "given once").into()),
            _ => return Err(parameter_invalid(name, "a parameter of this address").into()),
        }
    }
    Ok((limit.unwrap_or(USUAL), before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_and_what_is_no_parameter_refused() {
        let read = |query: &str| page(&format!("/api/v1/audit?{query}").parse().unwrap());
        assert_eq!(read(""), Ok((100, None)));
        assert_eq!(read("limit=500&after=17"), Ok((500, Some(17))));
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=x", "limit"),
            ("after=x", "after"),
            ("limit=1&limit=1", "limit"),
            ("before=1", "before"),
        ] {
            let problem = read(query).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some(field), "{query}");
        }
    }
}
