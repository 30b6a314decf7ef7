//! A site's host: the name under which it is reached, in lower case, with the port if it is not the
//! scheme's own. It is also the site's key in the database.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use foresight_shared::limits;

/// A checked host such as `bakery.4site.pro`, `127.0.0.1:3333` or `[::1]:3333`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// Why a text is not a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "host {0:?} must be a name or address of letters, digits, dots and hyphens, with an optional port, without scheme and path"
)]
pub struct HostError(String);

impl Host {
    /// The host's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request with that `Origin` header comes from this host. A host without a port
    /// stands for every port, as sites in development change theirs.
    #[must_use]
    pub fn is_origin(&self, origin: &str) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        if scheme != "https" && scheme != "http" {
            return false;
        }
        authority.eq_ignore_ascii_case(&self.0)
            || (self.port().is_none() && name_of(authority).eq_ignore_ascii_case(&self.0))
    }

    /// Whether a visitor who came from a page of that host, with or without a port, was here before.
    #[must_use]
    pub fn is_referrer(&self, host: &str) -> bool {
        name_of(host).eq_ignore_ascii_case(name_of(&self.0))
    }

    fn port(&self) -> Option<&str> {
        port_of(&self.0)
    }
}

fn port_of(authority: &str) -> Option<&str> {
    let (_, port) = authority.rsplit_once(':')?;
    // What follows the last colon of an IPv6 address has its closing bracket, and `:@evil.example` is
    // no port either.
    let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    digits.then_some(port)
}

fn name_of(authority: &str) -> &str {
    match port_of(authority) {
        Some(port) => &authority[..authority.len() - port.len() - 1],
        None => authority,
    }
}

fn is_name(name: &str) -> bool {
    if let Some(address) = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return Ipv6Addr::from_str(address).is_ok();
    }
    !name.is_empty()
        && name.len() <= limits::HOST_CHARS
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        // A port that is none is a part of the name here, which then is none.
        let valid_port =
            port_of(text).is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        if valid_port && is_name(name_of(text)) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(HostError(text.to_owned()))
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        for good in [
            "Bakery.4site.pro",
            "localhost",
            "127.0.0.1:3333",
            "[::1]:80",
            "[::1]",
            "xn--4gbrim.example",
        ] {
            assert!(good.parse::<Host>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a b",
            "https://a",
            "a/b",
            "a:",
            "a:99999",
            "a:x",
            "-a",
            "a..b",
            "[::1",
            "a:0",
            "*",
            "a_b",
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_matches_its_host_only() {
        for (host, origin, same) in [
            ("a.example", "https://a.example", true),
            ("a.example", "http://A.Example:8080", true),
            ("a.example:8080", "http://a.example:8080", true),
            ("a.example:8080", "http://a.example", false),
            ("a.example", "https://b.a.example", false),
            ("a.example", "https://a.example.evil.test", false),
            ("a.example", "https://a.example:@evil.test", false),
            ("a.example", "https://a.example:80/evil", false),
            ("a.example", "https://a.example:", false),
            ("a.example", "null", false),
            ("a.example", "file://a.example", false),
            ("[::1]", "http://[::1]:3000", true),
        ] {
            let host: Host = host.parse().unwrap();
            assert_eq!(host.is_origin(origin), same, "{host} {origin}");
        }
    }
}
