//! The rules of server events beyond their types: those of [`foresight_shared::limits`].
//!
//! In: a decoded event and the server's time. Out: nothing, or the broken rule. What must never
//! happen: an event is taken whose idempotency key may have been forgotten already.

use foresight_shared::{Fact, Payment, ServerEvent, limits};

use super::rules::{Broken, at_most, id, text, within};
use crate::{access::Host, event::Millis};

/// Checks an event. Fields are named from the event on.
pub(super) fn check(event: &ServerEvent, now_ms: Millis) -> Result<(), Broken> {
    key(&event.id)?;
    time(event.at, now_ms)?;
    fact(&event.fact)
}

fn fact(fact: &Fact) -> Result<(), Broken> {
    match fact {
        Fact::SiteGenerated {
            site,
            owner,
            template,
            build,
            duration_ms,
            ai_duration_ms,
            referred_by,
        } => {
            host("fact.site_generated.site", site)?;
            text("fact.site_generated.owner", owner, limits::KEY_CHARS_MAX)?;
            for (field, word) in [("template", template), ("build", build)] {
                if let Some(word) = word {
                    let field = format!("fact.site_generated.{field}");
                    text(&field, word, limits::NAME_CHARS)?;
                }
            }
            let field = "fact.site_generated.duration_ms";
            within(field, *duration_ms, limits::WORK_MS)?;
            if let Some(ms) = ai_duration_ms {
                within("fact.site_generated.ai_duration_ms", *ms, limits::WORK_MS)?;
            }
            optional_id("fact.site_generated.referred_by", referred_by.as_deref())
        }
        Fact::SiteGenerationFailed {
            stage,
            reason,
            duration_ms,
        } => {
            let field = "fact.site_generation_failed.stage";
            text(field, stage, limits::NAME_CHARS)?;
            let field = "fact.site_generation_failed.reason";
            text(field, reason, limits::MESSAGE_CHARS)?;
            let field = "fact.site_generation_failed.duration_ms";
            within(field, *duration_ms, limits::WORK_MS)
        }
        Fact::Lead {
            site,
            lead,
            score,
            source,
        } => {
            host("fact.lead.site", site)?;
            text("fact.lead.lead", lead, limits::KEY_CHARS_MAX)?;
            let most = limits::SCORE.into();
            at_most("fact.lead.score", (*score).into(), most, "")?;
            text("fact.lead.source", source, limits::NAME_CHARS)
        }
        Fact::Conversion {
            site,
            name,
            lead,
            share,
        } => {
            host("fact.conversion.site", site)?;
            text("fact.conversion.name", name, limits::NAME_CHARS)?;
            if let Some(lead) = lead {
                text("fact.conversion.lead", lead, limits::KEY_CHARS_MAX)?;
            }
            optional_id("fact.conversion.share", share.as_deref())
        }
        Fact::Revenue(paid) => payment("fact.revenue", paid),
        Fact::Refund(paid) => payment("fact.refund", paid),
        Fact::Commission {
            partner,
            share,
            amount_minor,
            currency: code,
            ..
        } => {
            text("fact.commission.partner", partner, limits::KEY_CHARS_MAX)?;
            id("fact.commission.share", share)?;
            let field = "fact.commission.amount_minor";
            at_most(field, *amount_minor, limits::AMOUNT_MINOR, "")?;
            currency("fact.commission.currency", code)
        }
        Fact::AuthFailed { realm, reason } => {
            text("fact.auth_failed.realm", realm, limits::NAME_CHARS)?;
            text("fact.auth_failed.reason", reason, limits::NAME_CHARS)
        }
        Fact::RateLimited { route } => text("fact.rate_limited.route", route, limits::NAME_CHARS),
        Fact::HttpRequests {
            route,
            status,
            counts,
            sum_ms,
        } => {
            text("fact.http_requests.route", route, limits::NAME_CHARS)?;
            requests(*status, counts, *sum_ms)
        }
    }
}

fn requests(status: u16, counts: &[u64], sum_ms: f64) -> Result<(), Broken> {
    if !(100..=599).contains(&status) {
        return Err(broken("fact.http_requests.status", "between 100 and 599"));
    }
    let buckets = limits::REQUEST_BOUNDS_MS.len() + 1;
    if counts.len() != buckets {
        let rule = format!("{buckets} numbers");
        return Err(broken("fact.http_requests.counts", &rule));
    }
    for count in counts {
        at_most("fact.http_requests.counts", *count, limits::REQUESTS, "")?;
    }
    let most = limits::REQUESTS as f64 * limits::WORK_MS;
    within("fact.http_requests.sum_ms", sum_ms, most)
}

fn payment(field: &str, payment: &Payment) -> Result<(), Broken> {
    let within = |name: &str| format!("{field}.{name}");
    if !(1..=limits::AMOUNT_MINOR).contains(&payment.amount_minor) {
        let rule = format!("between 1 and {}", limits::AMOUNT_MINOR);
        return Err(broken(&within("amount_minor"), &rule));
    }
    currency(&within("currency"), &payment.currency)?;
    text(&within("kind"), &payment.kind, limits::NAME_CHARS)?;
    host(&within("site"), &payment.site)?;
    text(&within("owner"), &payment.owner, limits::KEY_CHARS_MAX)
}

fn key(id: &str) -> Result<(), Broken> {
    if limits::is_key(id) {
        return Ok(());
    }
    let (least, most) = (limits::KEY_CHARS_MIN, limits::KEY_CHARS_MAX);
    let rule = format!("{least} to {most} visible characters of ASCII");
    Err(broken("id", &rule))
}

fn time(at: u64, now_ms: Millis) -> Result<(), Broken> {
    let now = u64::try_from(now_ms).unwrap_or(0);
    let (oldest, newest) = (
        now.saturating_sub(limits::SERVER_AGE_MS),
        now.saturating_add(limits::SERVER_AHEAD_MS),
    );
    if (oldest..=newest).contains(&at) {
        return Ok(());
    }
    let rule = "ms since 1970, at most 30 days ago and 1 hour ahead";
    Err(("value_out_of_range", "at".to_owned(), rule.to_owned()))
}

/// A host as tokens have it: in lower case, since it is a key.
fn host(field: &str, site: &str) -> Result<(), Broken> {
    match site.parse::<Host>() {
        Ok(host) if host.as_str() == site => Ok(()),
        _ => Err(broken(
            field,
            "a host in lower case, such as bakery.4site.pro",
        )),
    }
}

fn optional_id(field: &str, value: Option<&str>) -> Result<(), Broken> {
    value.map_or(Ok(()), |value| id(field, value))
}

fn currency(field: &str, code: &str) -> Result<(), Broken> {
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(broken(field, "a code of ISO 4217, such as EUR"))
}

fn broken(field: &str, rule: &str) -> Broken {
    ("field_invalid", field.to_owned(), rule.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use foresight_shared::ServerBatch;
    use serde_json::{Value, json};

    const NOW_MS: Millis = 1_793_000_050_000;

    fn example() -> Value {
        let text = include_str!("../../../shared/examples/events.v1.json");
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_example_of_server_events_keeps_every_rule() {
        let batch: ServerBatch = serde_json::from_value(example()).unwrap();
        for event in &batch.events {
            assert_eq!(check(event, NOW_MS), Ok(()), "{event:?}");
        }
    }

    #[test]
    fn each_rule_of_a_server_event_is_kept_up() {
        let day = 86_400_000;
        for (at, field, bad) in [
            (0, "/id", json!("short")),
            (0, "/id", json!("has a space")),
            (0, "/at", json!(NOW_MS - 31 * day)),
            (0, "/at", json!(NOW_MS + day)),
            (0, "/fact/site_generated/site", json!("Bakery.4site.pro")),
            (0, "/fact/site_generated/owner", json!("")),
            (0, "/fact/site_generated/template", json!("a\nb")),
            (0, "/fact/site_generated/duration_ms", json!(-1)),
            (0, "/fact/site_generated/ai_duration_ms", json!(1e12)),
            (0, "/fact/site_generated/referred_by", json!("x")),
            (1, "/fact/site_generation_failed/stage", json!("")),
            (1, "/fact/site_generation_failed/reason", json!("\u{0}")),
            (2, "/fact/lead/score", json!(101)),
            (2, "/fact/lead/source", json!("x".repeat(65))),
            (3, "/fact/conversion/share", json!("a b")),
            (4, "/fact/revenue/amount_minor", json!(0)),
            (4, "/fact/revenue/currency", json!("eur")),
            (5, "/fact/refund/site", json!("a/b")),
            (6, "/fact/commission/partner", json!("")),
            (
                6,
                "/fact/commission/amount_minor",
                json!(1_000_000_000_001_i64),
            ),
            (7, "/fact/auth_failed/realm", json!("")),
            (8, "/fact/rate_limited/route", json!("")),
            (9, "/fact/http_requests/status", json!(99)),
            (9, "/fact/http_requests/counts", json!([1, 2])),
            (9, "/fact/http_requests/sum_ms", json!(-1)),
        ] {
            let mut event = example()["events"][at].clone();
            *event.pointer_mut(field).unwrap() = bad;
            let event: ServerEvent = serde_json::from_value(event).unwrap();
            let (_, found, rule) = check(&event, NOW_MS).unwrap_err();
            assert_eq!(found, field[1..].replace('/', "."));
            assert!(!rule.is_empty());
        }
    }
}
