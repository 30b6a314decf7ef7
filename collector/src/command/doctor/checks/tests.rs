//! Tables: what is found, and what is thought of it.

use super::*;
use crate::{
    command::doctor::{
        Level::{self, Ok as Fine, Problem, Warning},
        exposure::{listeners, proxies, settings},
    },
    config::Config,
};

/// A moment in 2026.
const NOW: Millis = FIRST_DATE_MS + 100 * 24 * HOUR_MS;

fn config(text: &str) -> Config {
    Config::load(
        Some(("foresight.toml".into(), text.into())),
        std::iter::empty(),
    )
    .unwrap()
}

/// The findings that are not fine, as level and text; what is fine if there are no others.
fn verdict(findings: &[Finding]) -> (Level, &str) {
    let worst = findings.iter().max_by_key(|finding| finding.level as u8);
    let worst = worst.unwrap();
    assert_eq!(worst.advice.is_some(), worst.level != Fine, "{worst:?}");
    (worst.level, &worst.says)
}

fn expect(findings: &[Finding], level: Level, part: &str) {
    let (found, says) = verdict(findings);
    assert!(found == level && says.contains(part), "{found:?}: {says}");
}

#[test]
fn a_data_directory_must_be_there_writable_and_roomy() {
    let found = |writable, free_bytes| Directory::Found {
        writable,
        free_bytes,
    };
    for (directory, level, part) in [
        (Directory::Missing, Warning, "does not exist"),
        (Directory::File, Problem, "not a directory"),
        (found(false, Some(1 << 40)), Problem, "cannot be written"),
        (found(true, None), Fine, "not known"),
        (found(true, Some(699)), Warning, "700 bytes more"),
        (found(true, Some(700)), Fine, "700 bytes free"),
    ] {
        expect(&[data_directory(&directory, 1000, 300)], level, part);
    }
}

#[test]
fn clocks_may_be_a_minute_apart() {
    for (now_ms, file, database, level, part) in [
        (NOW, None, None, Fine, "agrees"),
        (NOW, Some(NOW + 60_000), Some(NOW - 60_000), Fine, "agrees"),
        (NOW, Some(NOW - 9 * HOUR_MS), None, Fine, "agrees"),
        (NOW, Some(NOW + 61_000), None, Warning, "61 s behind"),
        (NOW, None, Some(NOW - 61_000), Warning, "61 s apart"),
        (NOW, None, Some(NOW + 2 * HOUR_MS), Problem, "2 h apart"),
        (0, None, None, Problem, "before 2026"),
    ] {
        expect(&clock(now_ms, file, database), level, part);
    }
}

#[test]
fn a_database_must_answer_with_a_schema_that_is_known() {
    let found = |version, latency_ms| {
        Ok(store::Inspection {
            version,
            known: 3,
            latency: Duration::from_millis(latency_ms),
            now_ms: None,
        })
    };
    for (database_found, level, part) in [
        (Err("no route".to_owned()), Problem, "no route"),
        (found(None, 1), Warning, "no tables"),
        (found(Some(2), 1), Warning, "brings it to 3"),
        (found(Some(3), 250), Fine, "250 ms, schema version 3"),
        (found(Some(3), 251), Warning, "251 ms"),
        (found(Some(4), 1), Problem, "knows up to 3"),
    ] {
        expect(&[database(&database_found)], level, part);
    }
}

#[test]
fn a_spool_must_not_be_full_or_old() {
    let held = |bytes, age_ms, quarantined| {
        Ok(Some(spool::Inspection {
            records: 7,
            bytes,
            oldest_ms: Some(NOW - age_ms),
            quarantined,
        }))
    };
    for (found, level, part) in [
        (Err("malformed".to_owned()), Problem, "malformed"),
        (Ok(None), Fine, "none yet"),
        (Ok(Some(spool::Inspection::default())), Fine, "0 records"),
        (held(799, WAIT_MS, 0), Fine, "7 records wait (799 bytes)"),
        (held(799, WAIT_MS + 1, 0), Warning, "oldest for 5 min"),
        (held(800, 0, 0), Warning, "almost full"),
        (held(1000, 0, 2), Problem, "refused with 503"),
        (held(1, 0, 2), Warning, "2 records could not be read"),
    ] {
        expect(&spool(&found, 1000, NOW), level, part);
    }
}

#[test]
fn a_token_key_must_be_its_owners_alone() {
    for (key, level, part) in [
        (Key::Given, Fine, "settings"),
        (Key::Missing, Warning, "none yet"),
        (Key::Unusable("damaged".into()), Problem, "damaged"),
        (Key::File { mode: 0o600 }, Fine, "0600"),
        (Key::File { mode: 0o400 }, Fine, "0400"),
        (Key::File { mode: 0o640 }, Problem, "0640"),
        (Key::File { mode: 0o604 }, Problem, "0604"),
    ] {
        expect(&[token_key(&key)], level, part);
    }
}

#[test]
fn listeners_must_not_be_more_open_than_needed() {
    let public = "public_url = \"https://rum.example\"\n";
    for (text, level, part) in [
        ("", Warning, "only browsers on this machine"),
        ("public_url = \"http://127.0.0.1:3333\"", Fine, ""),
        (public, Fine, ""),
        ("public_url = \"http://rum.example\"", Problem, "not https"),
        (
            "public_url = \"http://localhost.evil.example\"",
            Problem,
            "not https",
        ),
        ("listen = \"0.0.0.0:1\"", Warning, ""),
        (
            "metrics_listen = \"0.0.0.0:9464\"\npublic_url = \"https://rum.example\"",
            Warning,
            "read by others",
        ),
        (
            "listen = \"[::]:1\"\npublic_url = \"https://rum.example\"",
            Warning,
            "without encryption",
        ),
        (
            "listen = \"[::]:1\"\npublic_url = \"https://rum.example\"\n\
             trusted_proxies = [\"10.0.0.0/8\"]",
            Fine,
            "",
        ),
    ] {
        expect(&listeners(&config(text)), level, part);
    }
}

#[test]
fn a_proxy_in_front_must_be_trusted_and_nobody_else() {
    for (text, level, part) in [
        ("", Fine, "connects"),
        ("public_url = \"https://rum.example\"", Problem, "share"),
        ("country_header = \"CF-IPCountry\"", Warning, "unknown"),
        ("trusted_proxies = [\"0.0.0.0/0\"]", Problem, "anybody"),
        (
            "public_url = \"https://rum.example\"\ntrusted_proxies = [\"::1/128\"]",
            Fine,
            "trusted proxies",
        ),
    ] {
        expect(&[proxies(&config(text))], level, part);
    }
}

#[test]
fn variables_that_nobody_knows_are_named() {
    expect(&[settings(&[])], Fine, "known");
    let unknown = ["FORESIGHT_LISTENN".to_owned()];
    expect(&[settings(&unknown)], Warning, "FORESIGHT_LISTENN");
    let names = ["FORESIGHT_LISTEN", "FORESIGHT_LOG", "PATH", "FORESIGHT_X"];
    let unknown = Config::unknown_variables(names.map(str::to_owned).into_iter());
    assert_eq!(unknown, ["FORESIGHT_X"]);
}

#[test]
fn amounts_are_told_in_units_that_people_read() {
    let told = [999_999, 1_500_000, 2_500_000_000].map(bytes);
    assert_eq!(told, ["999999 bytes", "1.5 MB", "2.5 GB"]);
    let told = [119_000, 120_000, 7_200_000].map(duration);
    assert_eq!(told, ["119 s", "2 min", "2 h"]);
}
