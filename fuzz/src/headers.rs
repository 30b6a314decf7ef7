//! A request's headers: who sends, through whom, from where, and what.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use foresight::ingest::{Forwarded, probe};

/// The proxy that is believed, and an address that is not.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// The headers that lines are values of, one after the other.
const NAMES: [&str; 6] = [
    "x-forwarded-for",
    "forwarded",
    "content-type",
    "user-agent",
    "sec-ch-ua",
    "cf-ipcountry",
];

/// Any headers give an address that a trusted proxy vouches for, else the connection's; classes from
/// closed lists; and one answer on the content type, however it is written.
pub fn headers(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (line, name) in data.split(|byte| *byte == b'\n').zip(NAMES.iter().cycle()) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    for form in ["X-Forwarded-For", "Forwarded"] {
        addresses(form, &headers);
    }
    classes(&headers);
    content_type(&headers);
}

fn addresses(form: &str, headers: &HeaderMap) {
    let values = headers.get_all(form);
    let least = values.iter().count();
    let commas = values
        .iter()
        .flat_map(HeaderValue::as_bytes)
        .filter(|byte| **byte == b',');
    let most = least + commas.count();
    let forwarded = Forwarded::of_header(form);
    let told = probe::addresses(forwarded, headers);
    assert!((least..=most).contains(&told.len()), "{told:?}");

    let client = |peer| probe::sender(forwarded, peer, headers).address;
    assert_eq!(client(STRANGER), STRANGER);
    let through = client(PROXY);
    assert!(through == PROXY || told.contains(&Some(through)));
    match told.last() {
        Some(Some(newest)) if !is_trusted(newest) => assert_eq!(through, *newest),
        Some(None) | None => assert_eq!(through, PROXY),
        Some(Some(_)) => {}
    }

    let mut written = HeaderMap::new();
    let list: Vec<_> = told
        .iter()
        .map(|address| match (forwarded, address) {
            (_, None) => "unknown".to_owned(),
            (Forwarded::ListOfAddresses, Some(address)) => address.to_string(),
            (Forwarded::Rfc7239, Some(IpAddr::V4(v4))) => format!("for={v4}"),
            (Forwarded::Rfc7239, Some(IpAddr::V6(v6))) => format!("For=\"[{v6}]:4711\";by=x"),
        })
        .collect();
    if !list.is_empty() {
        let value = HeaderValue::try_from(list.join(", ")).expect("a header");
        let name: HeaderName = form.parse().expect("a name");
        written.insert(name, value);
    }
    assert_eq!(probe::addresses(forwarded, &written), told);
}

fn is_trusted(address: &IpAddr) -> bool {
    matches!(address.to_canonical(), IpAddr::V4(v4) if probe::TRUSTED.contains(&v4))
}

fn classes(headers: &HeaderMap) {
    for peer in [PROXY, STRANGER] {
        let sender = probe::sender(Forwarded::ListOfAddresses, peer, headers);
        let country = sender.country.as_str();
        let code = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        assert!(country == "unknown" || code && peer == PROXY, "{country}");
        let browser = sender.browser;
        assert!((1..=40).contains(&browser.len()), "{browser}");
        assert!(!browser.chars().any(char::is_control), "{browser}");
    }
    if let Some(robot) = probe::robot(headers) {
        assert!((3..=40).contains(&robot.len()), "{robot}");
    }
}

fn content_type(headers: &HeaderMap) {
    let taken = probe::is_batch_type(headers);
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return assert!(taken);
    };
    let Ok(text) = value.to_str() else {
        return;
    };
    for other in [text.to_ascii_uppercase(), format!(" {text} ; charset=x")] {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::try_from(other).expect("a header");
        headers.insert(header::CONTENT_TYPE, value);
        assert_eq!(probe::is_batch_type(&headers), taken, "{text}");
    }
    let essence = text.split(';').next().unwrap_or_default().trim();
    let known = ["", "text/plain", "application/json"];
    let known = known.iter().any(|k| essence.eq_ignore_ascii_case(k));
    assert_eq!(taken, known, "{text}");
}
