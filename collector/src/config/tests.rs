//! Where settings come from, and what is told of mistakes.

use super::*;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Config::load(Some(("foresight.toml".into(), text.into())), variables)
        .map_err(|error| error.to_string())
}

#[test]
fn the_example_documents_every_key_with_its_default() {
    assert_eq!(
        toml::from_str::<Config>(EXAMPLE).unwrap(),
        Config::default()
    );
    let example: Table = EXAMPLE.parse().unwrap();
    let defaults = Table::try_from(Config::default()).unwrap();
    let keys = |table: &Table| table.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&example), keys(&defaults));
    assert_eq!(example, defaults);
}

#[test]
fn the_environment_overrides_the_file() {
    let config = load(
        "site_burst = 7\nclient_burst = 8",
        &[
            ("FORESIGHT_SITE_BURST", "9"),
            ("FORESIGHT_DEMO", "true"),
            ("FORESIGHT_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
            ("OTHER", "x"),
        ],
    )
    .unwrap();
    assert_eq!((config.site_burst, config.client_burst), (9, 8));
    assert!(config.demo);
    assert_eq!(config.trusted_proxies.len(), 2);
}

#[test]
fn mistakes_are_named() {
    for (text, variables, part) in [
        ("sitee_burst = 7", &[][..], "sitee_burst"),
        ("listen = 3", &[], "listen"),
        ("", &[("FORESIGHT_LISTEN", "here")], "FORESIGHT_LISTEN"),
        ("", &[("FORESIGHT_SITE_BURST", "many")], "whole number"),
        ("", &[("FORESIGHT_DEMO", "yes")], "true or false"),
        (
            "oidc_issuer = \"http://issuer.example\"",
            &[],
            "oidc_issuer must be empty or https",
        ),
        (
            "oidc_issuer = \"http://localhost.example\"",
            &[],
            "oidc_issuer must be empty or https",
        ),
        (
            "oidc_issuer = \"https://issuer.example\"",
            &[],
            "oidc_client_id must be set",
        ),
        (
            "oidc_issuer = \"https://issuer.example\"\noidc_client_id = \"x\"",
            &[],
            "together with dashboard_url",
        ),
        (
            "oidc_roles = [\"ops\"]",
            &[],
            "oidc_roles must be value=role",
        ),
        (
            "",
            &[("FORESIGHT_OIDC_ROLES", "ops=root")],
            "oidc_roles must be value=role",
        ),
        ("", &[("FORESIGHT_OTLP_SAMPLE", "much")], "must be a number"),
        ("otlp_sample = 1.5", &[], "otlp_sample must be from 0 to 1"),
        (
            "otlp_traces_url = \"jaeger:4318\"",
            &[],
            "otlp_traces_url must be empty or http",
        ),
        (
            "otlp_authorization = \"a\\nb\"",
            &[],
            "otlp_authorization must be printable",
        ),
        ("flush_records = 0", &[], "flush_records must be at least 1"),
        ("database_url = \"mysql://x\"", &[], "database_url must be"),
        (
            "keep_hours_days = 7",
            &[],
            "keep_hours_days must be at least 8",
        ),
        (
            "keep_days = 34",
            &[],
            "keep_days must be at least keep_single_days",
        ),
        (
            "forwarded_header = \"X-Real-IP\"",
            &[],
            "forwarded_header must be X-Forwarded-For or",
        ),
        ("token_key = \"abc\"", &[], "64 hexadecimal digits"),
        ("access_login = \"maybe\"", &[], "access_login"),
        (
            "",
            &[("FORESIGHT_ACCESS_LOGIN", "no")],
            "FORESIGHT_ACCESS_LOGIN",
        ),
        ("tls_key = \"key.pem\"", &[], "tls_key must be set together"),
        (
            "tls_certificate = \"chain.pem\"",
            &[],
            "tls_key must be set together",
        ),
        (
            "admin_listen = \"here\"",
            &[],
            "admin_listen must be empty, or",
        ),
        (
            "",
            &[("FORESIGHT_PREVIOUS_TOKEN_KEYS", "abc, def")],
            "previous_token_keys must be 64",
        ),
    ] {
        let error = load(text, variables).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let keys = format!("{},{}", "ab".repeat(32), "cd".repeat(32));
    let config = load(
        "database_url = \"postgres://me:pass@db/x\"",
        &[("FORESIGHT_PREVIOUS_TOKEN_KEYS", &keys)],
    )
    .unwrap();
    assert_eq!(config.previous_token_keys.len(), 2);
    let printed = format!("{config:?}");
    for secret in ["pass", "abab", "cdcd"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert_eq!(printed.matches("****").count(), 3, "{printed}");
}
