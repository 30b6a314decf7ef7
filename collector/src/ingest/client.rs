//! Who sends: the client's address for the limits, and the visitor's device, browser and country.
//!
//! In: the connection's address and the headers. Out: an address that lives in memory only, and a
//! [`Visitor`] made of coarse classes. What must never happen: an address is stored or logged, or a
//! header is believed that a trusted proxy has not set.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use woothee::parser::Parser;

use super::{agent::Agent, country::Countries, forwarded::Forwarded};
use crate::event::Device;

pub(super) const UNKNOWN: &str = "unknown";

/// The coarse classes of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Visitor {
    /// The device's class.
    pub device: Device,
    /// The browser's family, or `unknown`.
    pub browser: String,
    /// ISO 3166 code of the country, or `unknown`.
    pub country: String,
}

/// The reverse proxies that are believed, and the headers in which they tell address and country.
pub struct Proxies {
    trusted: Vec<IpNet>,
    forwarded: Forwarded,
    country_header: Option<HeaderName>,
    countries: Countries,
}

impl Proxies {
    /// Believes these networks. `country_header` may be empty; `countries` are asked if it tells none.
    #[must_use]
    pub fn new(
        trusted: Vec<IpNet>,
        forwarded: Forwarded,
        country_header: &str,
        countries: Countries,
    ) -> Self {
        Self {
            trusted,
            forwarded,
            country_header: country_header.parse().ok(),
            countries,
        }
    }

    /// The client's address: the newest forwarded one that is not a trusted proxy, if the connection
    /// comes from a trusted proxy; else the connection's.
    #[must_use]
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let newest_first = self.forwarded.addresses(headers).into_iter().rev();
        for address in newest_first {
            match address {
                Some(address) if self.trusts(client) => client = address,
                _ => break,
            }
        }
        client
    }

    /// The visitor's classes. `client` is what [`Self::client_address`] found.
    pub(super) fn visitor(&self, peer: IpAddr, client: IpAddr, headers: &HeaderMap) -> Visitor {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mobile_hint = headers
            .get("sec-ch-ua-mobile")
            .is_some_and(|value| value == "?1");
        let told = Agent::of(agent);
        Visitor {
            device: if mobile_hint {
                Device::Phone
            } else {
                told.device
            },
            browser: told.browser.clone(),
            country: self
                .told_country(peer, headers)
                .or_else(|| self.countries.of(client))
                .unwrap_or_else(|| UNKNOWN.to_owned()),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The country that a trusted proxy tells.
    fn told_country(&self, peer: IpAddr, headers: &HeaderMap) -> Option<String> {
        self.country_header
            .as_ref()
            .filter(|_| self.trusts(peer))
            .and_then(|name| headers.get(name)?.to_str().ok())
            .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()))
            // Cloudflare tells XX for an unknown country.
            .filter(|code| !code.eq_ignore_ascii_case("XX"))
            .map(str::to_ascii_uppercase)
    }
}

/// Device class and browser family of a user agent.
pub(super) fn classify(agent: &str) -> (Device, String) {
    let parsed = Parser::new().parse(agent);
    let device = match &parsed {
        Some(found) if found.os == "iPad" => Device::Tablet,
        // Android tablets leave "Mobile" out (https://developer.chrome.com/docs/multidevice/user-agent).
        Some(found) if found.os == "Android" && !agent.contains("Mobile") => Device::Tablet,
        Some(found) => match found.category {
            "smartphone" | "mobilephone" => Device::Phone,
            "pc" => Device::Desktop,
            _ => Device::Unknown,
        },
        None => Device::Unknown,
    };
    let browser = match &parsed {
        Some(found) if found.name != "UNKNOWN" => found.name.to_owned(),
        _ => UNKNOWN.to_owned(),
    };
    (device, browser)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::country;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn believing(forwarded: Forwarded, countries: Countries) -> Proxies {
        let trusted = vec!["10.0.0.0/8".parse().unwrap()];
        Proxies::new(trusted, forwarded, "CF-IPCountry", countries)
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        let proxies = believing(Forwarded::ListOfAddresses, Countries::default());
        for (peer, forwarded, client) in [
            ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
            ("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
            ("198.51.100.1", "192.0.2.7", "198.51.100.1"),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let found = proxies.client_address(
                peer.parse().unwrap(),
                &headers(&[("x-forwarded-for", forwarded)]),
            );
            assert_eq!(found.to_string(), client, "{peer} {forwarded}");
        }
    }

    #[test]
    fn only_the_header_of_the_settings_is_believed() {
        let headers = headers(&[
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "192.0.2.2"),
        ]);
        for (forwarded, peer, client) in [
            (Forwarded::Rfc7239, "10.0.0.1", "192.0.2.1"),
            (Forwarded::ListOfAddresses, "10.0.0.1", "192.0.2.2"),
            (Forwarded::Rfc7239, "198.51.100.1", "198.51.100.1"),
        ] {
            let proxies = believing(forwarded, Countries::default());
            let found = proxies.client_address(peer.parse().unwrap(), &headers);
            assert_eq!(found.to_string(), client);
        }
    }

    #[test]
    fn the_country_is_believed_from_trusted_proxies_only() {
        let proxies = believing(Forwarded::ListOfAddresses, Countries::default());
        for (peer, told, country) in [
            ("10.0.0.1", "de", "DE"),
            ("10.0.0.1", "XX", UNKNOWN),
            ("10.0.0.1", "<script>", UNKNOWN),
            ("192.0.2.1", "DE", UNKNOWN),
        ] {
            let headers = headers(&[("cf-ipcountry", told)]);
            let peer = peer.parse().unwrap();
            assert_eq!(proxies.visitor(peer, peer, &headers).country, country);
        }
    }

    #[test]
    fn the_database_is_asked_where_no_proxy_tells_the_country() {
        let record = serde_json::json!({"country": {"iso_code": "FR"}});
        let countries = country::tests::database(&[("1.2.3.0/24", record)]);
        let proxies = believing(Forwarded::ListOfAddresses, countries);
        for (peer, told, country) in [
            ("10.0.0.1", "de", "DE"),
            ("10.0.0.1", "XX", "FR"),
            ("1.2.3.4", "de", "FR"),
            ("192.0.2.1", "de", UNKNOWN),
        ] {
            let headers = headers(&[("cf-ipcountry", told), ("x-forwarded-for", "1.2.3.4")]);
            let peer = peer.parse().unwrap();
            let client = proxies.client_address(peer, &headers);
            let visitor = proxies.visitor(peer, client, &headers);
            assert_eq!(visitor.country, country, "{peer} {told}");
        }
    }

    #[test]
    fn user_agents_are_classed() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
                Device::Desktop,
                "Chrome",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
                Device::Phone,
                "Chrome",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
                Device::Tablet,
                "Chrome",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                Device::Phone,
                "Safari",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
                Device::Tablet,
                "Safari",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
                Device::Desktop,
                "Firefox",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36",
                Device::Desktop,
                "Chrome",
            ),
            ("", Device::Unknown, UNKNOWN),
        ];
        for (agent, device, browser) in cases {
            assert_eq!(classify(agent), (device, browser.to_owned()), "{agent}");
        }
    }

    #[test]
    fn the_hint_of_a_phone_is_believed() {
        let proxies = believing(Forwarded::ListOfAddresses, Countries::default());
        let peer = "192.0.2.1".parse().unwrap();
        for (hint, device) in [("?1", Device::Phone), ("?0", Device::Unknown)] {
            let headers = headers(&[("sec-ch-ua-mobile", hint)]);
            assert_eq!(proxies.visitor(peer, peer, &headers).device, device);
        }
    }
}
