//! The table of bad input: what is sent, and what becomes of it.

use anyhow::{Context, Result};
use foresight_shared::{Metric, limits};
use foresight_tests::{first_batch, later_batch, vital};
use reqwest::{Method, header};
use serde_json::json;

use super::setting::{Sending, Setting};

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// Nothing is kept.
    Refused(u16, &'static str),
    /// It is no batch at all, and not counted as one.
    NoBatch(u16),
    /// Kept without one event, which is rejected with that code.
    Trimmed(&'static str),
    /// Kept whole.
    Kept,
    /// Known already.
    Duplicate,
}

/// A line of the table.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) fate: Fate,
    pub(super) sending: fn(&Setting<'_>) -> Result<Sending>,
}

use Fate::{Duplicate, Kept, NoBatch, Refused, Trimmed};

/// The table. Its order does not matter.
pub(super) const CASES: &[Case] = &[
    case("an empty body", Refused(400, "body_empty"), |s| s.raw("")),
    case("not JSON", Refused(400, "not_json"), |s| s.raw("hello")),
    case("half of a batch", Refused(400, "not_json"), |s| {
        let body = s.honest().to_string();
        s.raw(&body[..body.len() / 2])
    }),
    case("NaN, which JSON has not", Refused(400, "not_json"), |s| {
        s.raw(&s.honest().to_string().replace("1200.0", "NaN"))
    }),
    case(
        "a number that no float holds",
        Trimmed("field_invalid"),
        |s| {
            let (_, kept) = s.beside(&json!({"vital": {"name": "LCP", "value": 1}}))?;
            let body = serde_json::to_string(&kept)?;
            let (events, rest) = body.rsplit_once(']').context("a batch without events")?;
            let huge = r#",{"vital":{"name":"LCP","value":1e999}}]"#;
            Ok((s.raw(&format!("{events}{huge}{rest}"))?.0, kept))
        },
    ),
    case("invalid UTF-8", Refused(400, "not_utf8"), |s| {
        let mut body = s.honest().to_string().into_bytes();
        let path = body.windows(5).position(|part| part == b"/menu");
        body[path.context("a batch without its path")? + 1] = 0xff;
        Ok((s.collector.post(&s.site).body(body), None))
    }),
    case(
        "a version of the future",
        Refused(422, "version_unsupported"),
        |s| s.changed(|batch| batch["v"] = json!(2)),
    ),
    case("no page view", Refused(422, "field_missing"), |s| {
        s.changed(|batch| drop(batch.as_object_mut().map(|fields| fields.remove("view"))))
    }),
    case("a text for a number", Refused(422, "field_invalid"), |s| {
        s.changed(|batch| batch["view"]["seq"] = json!("first"))
    }),
    case(
        "an id that is too short",
        Refused(422, "field_invalid"),
        |s| s.changed(|batch| batch["id"] = json!("abc")),
    ),
    case(
        "a path without a slash",
        Refused(422, "field_invalid"),
        |s| s.changed(|batch| batch["view"]["path"] = json!("menu")),
    ),
    case(
        "a page view older than a week",
        Refused(422, "value_out_of_range"),
        |s| s.changed(|batch| batch["view"]["age"] = json!(limits::AGE_MS + 1)),
    ),
    case(
        "a token that is none",
        Refused(401, "token_malformed"),
        |s| s.changed(|batch| batch["site"] = json!("bakery")),
    ),
    case(
        "a token that another key signed",
        Refused(401, "token_forged"),
        |s| s.changed(|batch| batch["site"] = json!(s.forged.token)),
    ),
    case(
        "another site's signature",
        Refused(401, "token_forged"),
        |s| {
            let signature = s
                .revoked
                .token
                .rsplit('.')
                .next()
                .context("a token without a signature")?;
            let claims = s
                .site
                .token
                .rsplit_once('.')
                .context("a token without a signature")?
                .0;
            s.changed(|batch| batch["site"] = json!(format!("{claims}.{signature}")))
        },
    ),
    case("a revoked token", Refused(401, "token_revoked"), |s| {
        let body = json!(first_batch(&s.revoked.token, "/menu", vec![])).to_string();
        Ok((s.collector.post(&s.revoked).body(body), None))
    }),
    case(
        "another site's page",
        Refused(403, "origin_mismatch"),
        |s| s.from("https://evil.example"),
    ),
    case(
        "a page of a subdomain",
        Refused(403, "origin_mismatch"),
        |s| s.from(&format!("https://evil.{}", s.site.host)),
    ),
    case(
        "a page without an origin of its own",
        Refused(403, "origin_mismatch"),
        |s| s.from("null"),
    ),
    case("no Origin", Refused(403, "origin_missing"), |s| {
        Ok((
            s.collector
                .request(Method::POST)
                .body(s.honest().to_string()),
            None,
        ))
    }),
    case("one megabyte", Refused(413, "body_too_large"), |s| {
        s.raw(&" ".repeat(1024 * 1024))
    }),
    case("one byte too many", Refused(413, "body_too_large"), |s| {
        let body = s.honest().to_string();
        s.raw(&(" ".repeat(limits::BATCH_BYTES + 1 - body.len()) + &body))
    }),
    case("ten thousand events", Refused(413, "body_too_large"), |s| {
        s.events(10_000)
    }),
    case("one event too many", Refused(422, "too_many_events"), |s| {
        s.events(limits::BATCH_EVENTS + 1)
    }),
    case(
        "as many events as fit",
        Refused(422, "too_many_events"),
        |s| s.events(4_000),
    ),
    case("XML", Refused(415, "content_type"), |s| {
        s.typed("application/xml")
    }),
    case("a form", Refused(415, "content_type"), |s| {
        s.typed("application/x-www-form-urlencoded")
    }),
    case(
        "nothing but a bad event",
        Refused(422, "nothing_kept"),
        |s| {
            let later = later_batch(&s.known, vec![vital(Metric::Cls, -1.0, None)]);
            Ok((
                s.collector.post(&s.site).body(json!(later).to_string()),
                None,
            ))
        },
    ),
    case("a negative value", Trimmed("value_out_of_range"), |s| {
        s.beside(&json!({"vital": {"name": "LCP", "value": -1}}))
    }),
    case("a huge value", Trimmed("value_out_of_range"), |s| {
        s.beside(&json!({"vital": {"name": "LCP", "value": 1e12}}))
    }),
    case(
        "a layout shift as large as a duration",
        Trimmed("value_out_of_range"),
        |s| s.beside(&json!({"vital": {"name": "CLS", "value": 5000}})),
    ),
    case(
        "a negative earlier value",
        Trimmed("value_out_of_range"),
        |s| s.beside(&json!({"vital": {"name": "INP", "value": 8, "was": -8}})),
    ),
    case("null for a value", Trimmed("field_invalid"), |s| {
        s.beside(&json!({"vital": {"name": "LCP", "value": null}}))
    }),
    case("an unknown metric", Trimmed("field_invalid"), |s| {
        s.beside(&json!({"vital": {"name": "XYZ", "value": 1}}))
    }),
    case("an unknown kind of event", Trimmed("field_invalid"), |s| {
        s.beside(&json!({"party": {}}))
    }),
    case("an empty channel", Trimmed("field_invalid"), |s| {
        s.beside(&json!({"share": {"channel": "", "id": "pR7mYc2LzA"}}))
    }),
    case("a clock that is a year fast", Kept, |s| s.clock(365)),
    case("a clock that is a year slow", Kept, |s| s.clock(-365)),
    case("a field of the future", Kept, |s| {
        let batch = s.batch();
        let mut body = json!(batch);
        body["mood"] = json!("good");
        Ok((
            s.collector.post(&s.site).body(body.to_string()),
            Some(batch),
        ))
    }),
    case("no Content-Type", Kept, |s| {
        let batch = s.batch();
        let request = s
            .collector
            .request(Method::POST)
            .header(header::ORIGIN, s.origin());
        Ok((request.body(json!(batch).to_string()), Some(batch)))
    }),
    case("a batch sent again", Duplicate, |s| {
        s.raw(&json!(s.known).to_string())
    }),
    case("reading batches", NoBatch(405), |s| {
        Ok((s.collector.request(Method::GET), None))
    }),
    case("putting a batch", NoBatch(405), |s| {
        Ok((
            s.collector
                .request(Method::PUT)
                .body(s.honest().to_string()),
            None,
        ))
    }),
    case("an address that does not exist", NoBatch(404), |s| {
        Ok((s.collector.get("/v1/nowhere"), None))
    }),
];

const fn case(
    name: &'static str,
    fate: Fate,
    sending: fn(&Setting<'_>) -> Result<Sending>,
) -> Case {
    Case {
        name,
        fate,
        sending,
    }
}
