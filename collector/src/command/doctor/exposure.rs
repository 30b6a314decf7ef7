//! What `foresight doctor` thinks of the settings: who reaches the collector, and as whom. Pure.

use std::net::SocketAddr;

use super::Finding;
use crate::config::{Config, Login};

pub(super) fn listeners(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let open = !config.listen.ip().is_loopback();
    let url = config.public_url.as_str();
    findings.push(if config.metrics_listen.ip().is_loopback() {
        Finding::ok("metrics", "only this machine can read them")
    } else {
        let says = format!(
            "{} may be read by others: sites and their traffic",
            config.metrics_listen
        );
        let advice = "let a firewall keep it inside your network, or bind it to 127.0.0.1";
        Finding::warning("metrics", says, advice)
    });
    findings.push(match url {
        "" if open => Finding::warning(
            "public url",
            "is not set: snippets name the listener's own address",
            "set public_url to the address that browsers use",
        ),
        "" => Finding::warning(
            "public url",
            "is not set: only browsers on this machine reach the collector",
            "set public_url when sites on other machines are to be measured",
        ),
        _ if url.starts_with("https://") || is_local(url) => {
            Finding::ok("public url", format!("is {url}"))
        }
        _ => Finding::problem(
            "public url",
            format!("{url} is not https: pages on https do not load the beacon from it"),
            "put a proxy with a certificate in front, and set public_url to https://…",
        ),
    });
    if open && config.trusted_proxies.is_empty() && !config.has_tls() {
        findings.push(Finding::warning(
            "listener",
            format!(
                "{} takes connections from anywhere, without encryption",
                config.listen
            ),
            "bind listen to 127.0.0.1 behind a proxy with a certificate",
        ));
    }
    findings
}

/// Who may look at the dashboard and change things.
pub(super) fn login(config: &Config) -> Finding {
    const SUBJECT: &str = "sign-in";
    if config.access_login == Login::Required {
        return Finding::ok(SUBJECT, "is required");
    }
    let listeners = [&config.dashboard_listen, &config.admin_listen];
    let own = listeners.into_iter().filter_map(|text| text.parse().ok());
    let mut all = own.chain([config.listen]);
    if all.all(|address: SocketAddr| address.ip().is_loopback()) {
        return Finding::ok(
            SUBJECT,
            "is off, and only this machine reaches the dashboard",
        );
    }
    Finding::warning(
        SUBJECT,
        "is off: whoever reaches the listeners sees everything and may change it",
        "set access_login to \"required\", or see that a login is in front",
    )
}

fn is_local(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn proxies(config: &Config) -> Finding {
    const SUBJECT: &str = "rate limits";
    let behind = config.listen.ip().is_loopback() && config.public_url.starts_with("https://");
    match config.trusted_proxies.as_slice() {
        [] if behind => Finding::problem(
            SUBJECT,
            "a proxy is in front, but none is trusted: all visitors share the proxy's address and \
             its limit",
            "name its network in trusted_proxies, such as [\"127.0.0.0/8\"]",
        ),
        [] if !config.country_header.is_empty() => Finding::warning(
            SUBJECT,
            "country_header is set, but no proxy is trusted: countries stay unknown",
            "name the proxy's network in trusted_proxies",
        ),
        [] => Finding::ok(SUBJECT, "count by the address that connects"),
        networks if networks.iter().any(|network| network.prefix_len() == 0) => Finding::problem(
            SUBJECT,
            "every address is trusted as a proxy: visitors can pretend to be anybody",
            "name only your proxies' networks in trusted_proxies",
        ),
        _ => Finding::ok(
            SUBJECT,
            "count by the address that the trusted proxies tell",
        ),
    }
}

pub(super) fn settings(unknown: &[String]) -> Finding {
    const SUBJECT: &str = "settings";
    if unknown.is_empty() {
        return Finding::ok(SUBJECT, "every key and variable is known");
    }
    let says = format!("variables that are no settings: {}", unknown.join(", "));
    Finding::warning(SUBJECT, says, "correct their names, or take them away")
}
