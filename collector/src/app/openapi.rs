//! `/api/openapi.json`: what this collector answers, by OpenAPI 3.1.
//!
//! In: each room's part of the document, and the schemas of what is posted. Out: one document, made once. What
//! must never happen: an address that is not in it, or a field that an answer always has and that it calls
//! optional.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use anyhow::{Context, Result};
use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::health;
use crate::{
    admin, alerts,
    door::{self, Door, Least, Routes},
    ingest, query,
};

/// The document as it is served. That it can be made is a test.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| match document() {
    Ok(document) => document.to_string().into(),
    Err(error) => {
        tracing::error!(error = &*error as &dyn std::error::Error, "no document");
        Bytes::from_static(b"{}")
    }
});

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Foresight",
        description = "Real-user monitoring for the websites of a generator. docs/api.md says more.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(answer),
    tags((name = "collector", description = "The collector itself.")),
)]
struct Documented;

/// The route.
pub(super) fn routes(door: &Door) -> Routes {
    Routes::new(door).get("/api/openapi.json", Least::World, answer)
}

#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    tag = "collector",
    summary = "This document",
    responses((status = 200, description = "by OpenAPI 3.1", body = Object), Refused),
)]
async fn answer() -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], DOCUMENT.clone())
}

/// Another method than GET.
pub(super) struct Refused;

impl utoipa::IntoResponses for Refused {
    fn responses() -> BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        crate::problem::responses(&[(405, "this address does not take that method")])
    }
}

/// The whole document.
pub(super) fn document() -> Result<Value> {
    let mut all = Documented::openapi();
    for part in [
        ingest::documented(),
        query::documented(),
        door::documented(),
        admin::documented(),
        alerts::documented(),
        health::documented(),
    ] {
        all.merge(part);
    }
    let mut document = serde_json::to_value(all)?;
    let sent = bodies(&document);
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
        .context("there are no schemas")?;
    for (name, schema) in &mut *schemas {
        if !sent.contains(name) {
            require_nullable(schema);
        }
    }
    embed(schemas, "Batch", foresight_shared::batch::SCHEMA)?;
    embed(schemas, "ServerBatch", foresight_shared::server::SCHEMA)?;
    guard(&mut document);
    Ok(document)
}

/// The paths that anybody may ask; what changes something there needs a page of ours all the same.
const OPEN: [&str; 4] = [
    "/api/v1/session",
    "/api/v1/session/oidc",
    "/api/v1/session/oidc/callback",
    "/api/v1/setup",
];

/// Adds what a caller needs. With the login off nobody needs a session; changes need the header all the same.
fn guard(document: &mut Value) {
    let schemes = &mut document["components"]["securitySchemes"];
    schemes["session"] = json!({ "type": "apiKey", "in": "cookie", "name": "foresight",
        "description": "what POST /api/v1/session sets; under https its name begins with __Host-" });
    schemes["csrf"] = json!({ "type": "apiKey", "in": "header", "name": "x-foresight-csrf",
        "description": "the csrf of GET /api/v1/session, with the cookie that came along" });
    schemes["api_token"] = json!({ "type": "http", "scheme": "bearer",
        "description": "a token of a program, which needs no csrf" });
    let paths = document["paths"].as_object_mut();
    for (path, operations) in paths.into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            let needs = match (OPEN.contains(&path.as_str()), method.as_str()) {
                _ if !path.starts_with("/api/v1/") => continue,
                (true, "get") => continue,
                (true, _) => json!([{ "csrf": [] }]),
                (false, "get") => json!([{ "session": [] }, { "api_token": [] }]),
                (false, _) => json!([{ "session": [], "csrf": [] }, { "api_token": [] }]),
            };
            operation["security"] = needs;
        }
    }
}

/// The schemas of what is sent: there, what can be null can be left out too.
fn bodies(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.filter_map(|(_, of)| of.as_object()).flatten();
    let contents = operations.filter_map(|(_, of)| of["requestBody"]["content"].as_object());
    let references = contents
        .flatten()
        .filter_map(|(_, of)| of["schema"]["$ref"].as_str());
    let names = references.filter_map(|one| one.rsplit('/').next());
    names.map(str::to_owned).collect()
}

/// Answers write a null where nothing is known: so what can be null is always there.
fn require_nullable(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(require_nullable),
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            let nullable: Vec<_> = properties
                .into_iter()
                .flatten()
                .filter(|(_, of)| is_nullable(of))
                .map(|(name, _)| json!(name))
                .collect();
            if !nullable.is_empty() {
                let required = object.entry("required").or_insert_with(|| json!([]));
                if let Some(required) = required.as_array_mut() {
                    required.extend(nullable);
                }
            }
            object.values_mut().for_each(require_nullable);
        }
        _ => {}
    }
}

fn is_nullable(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let types = schema["type"].as_array();
    let choices = schema["oneOf"].as_array();
    types.is_some_and(|types| types.iter().any(is_null))
        || choices.is_some_and(|all| all.iter().any(|one| is_null(&one["type"])))
}

/// Adds a schema whose definitions become components of their own.
fn embed(schemas: &mut Map<String, Value>, name: &str, schema: &str) -> Result<()> {
    let mut schema: Value = serde_json::from_str(schema).context("a schema is not JSON")?;
    point_to_components(&mut schema, name);
    let whole = schema.as_object_mut().context("a schema is no object")?;
    whole.remove("$schema");
    if let Some(Value::Object(parts)) = whole.remove("$defs") {
        schemas.extend(
            parts
                .into_iter()
                .map(|(part, of)| (format!("{name}.{part}"), of)),
        );
    }
    schemas.insert(name.to_owned(), schema);
    Ok(())
}

fn point_to_components(schema: &mut Value, name: &str) {
    match schema {
        Value::Array(parts) => parts
            .iter_mut()
            .for_each(|part| point_to_components(part, name)),
        Value::Object(object) => {
            for (key, value) in object {
                match value
                    .as_str()
                    .and_then(|text| text.strip_prefix("#/$defs/"))
                {
                    Some(part) if key == "$ref" => {
                        *value = json!(format!("#/components/schemas/{name}.{part}"));
                    }
                    _ => point_to_components(value, name),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text under a key, at any depth.
    fn texts_of(key: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(parts) => parts.iter().for_each(|part| texts_of(key, part, found)),
            Value::Object(object) => {
                for (name, value) in object {
                    match value.as_str() {
                        Some(text) if name == key => found.push(text.to_owned()),
                        _ => texts_of(key, value, found),
                    }
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document().unwrap();
        let mut references = Vec::new();
        texts_of("$ref", &document, &mut references);
        assert!(references.len() > 100, "{}", references.len());
        references.retain(|one| document.pointer(one.strip_prefix('#').unwrap()).is_none());
        assert!(references.is_empty(), "{references:?}");
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = document().unwrap();
        let mut names = Vec::new();
        texts_of("operationId", &document["paths"], &mut names);
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        assert!(names.len() > 25);
    }

    #[test]
    fn what_can_be_null_is_always_there() {
        let mut schema = json!({ "allOf": [{ "properties": {
            "a": { "type": ["string", "null"] },
            "b": { "oneOf": [{ "type": "null" }, { "$ref": "#/x" }] },
            "c": { "type": "string" },
        }, "required": ["c"] }] });
        require_nullable(&mut schema);
        assert_eq!(schema["allOf"][0]["required"], json!(["c", "a", "b"]));
    }

    #[test]
    fn what_is_sent_can_leave_out_what_can_be_null() {
        let document = document().unwrap();
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["NewSite"]["required"], json!(["host"]));
        assert!(is_nullable(&schemas["NewSite"]["properties"]["build"]));
    }

    #[test]
    fn definitions_become_components() {
        let schema =
            r##"{ "$schema": "s", "$defs": { "A": { "type": "null" } }, "$ref": "#/$defs/A" }"##;
        let mut schemas = Map::new();
        embed(&mut schemas, "Batch", schema).unwrap();
        assert_eq!(
            Value::Object(schemas),
            json!({ "Batch.A": { "type": "null" }, "Batch": { "$ref": "#/components/schemas/Batch.A" } })
        );
    }
}
