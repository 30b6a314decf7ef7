//! What the fuzz targets ask of this room; only there with the feature `fuzzing`.
//!
//! In: bytes, texts and headers. Out: what the path of a batch makes of them. What must never
//! happen: anything is decided here that the real path decides elsewhere.

use std::net::{IpAddr, Ipv4Addr};

use axum::{http::HeaderMap, response::IntoResponse};
use foresight_shared::{Batch, EventFault};
use ipnet::Ipv4Net;

use super::{
    Bots, Countries, Forwarded, Proxies, accept, check_content_type, client, decode,
    refusal::Refusal, rules, server,
};
use crate::{
    access::{Claims, Host, ServerClaims},
    event::{Accepted, Confirmed, Device, Millis},
};

/// The network whose word is believed here.
pub const TRUSTED: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8);

/// A body that was taken.
#[derive(Debug)]
pub struct Taken {
    /// What goes into the spool.
    pub accepted: Accepted,
    /// Events of the body.
    pub sent: usize,
    /// Events that keep the rules.
    pub kept: usize,
    /// What is wrong with the others.
    pub faults: Vec<EventFault>,
    /// The batch and its good events, written anew.
    pub written: String,
}

/// A body that was not.
#[derive(Debug)]
pub struct Refused {
    /// The answer's status.
    pub status: u16,
    /// Its stable code.
    pub code: &'static str,
}

/// Who sends, as far as it is known.
#[derive(Debug)]
pub struct Sender {
    /// The address for the limits.
    pub address: IpAddr,
    /// The country, or `unknown`.
    pub country: String,
    /// The browser, or `unknown`.
    pub browser: String,
}

/// Decodes a body, checks its rules, and accepts it for a site whose token says `host`.
///
/// # Errors
/// If it is refused whole.
pub fn take_body(body: &[u8], host: &Host, now_ms: Millis) -> Result<Taken, Refused> {
    take(body, host, now_ms).map_err(Refused::from)
}

/// Reads server events and checks them, for a token of one site, or of all.
///
/// # Errors
/// If they are refused.
pub fn take_events(
    body: &[u8],
    host: Option<&Host>,
    now_ms: Millis,
) -> Result<Vec<Confirmed>, Refused> {
    let claims = ServerClaims {
        host: host.cloned(),
        issued_s: 0,
    };
    server::check(body, &claims, now_ms).map_err(Refused::from)
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code(),
            status: refusal.into_response().status().as_u16(),
        }
    }
}

fn take(body: &[u8], host: &Host, now_ms: Millis) -> Result<Taken, Refusal> {
    let decoded = decode::decode(body)?;
    rules::check_batch(&decoded.batch)?;
    let sent = decoded.events.len() + decoded.faults.len();
    let seq = decoded.batch.view.seq;
    let (events, faults) = rules::check_events(seq, decoded.events, decoded.faults);
    let written = Batch {
        events: events.clone(),
        ..decoded.batch.clone()
    };
    // Writing plain fields to memory cannot fail.
    let written = serde_json::to_string(&written).unwrap_or_default();
    let kept = events.len();
    let claims = Claims {
        host: host.clone(),
        template: None,
        build: None,
        issued_s: 0,
    };
    let visitor = client::Visitor {
        device: Device::Unknown,
        browser: client::UNKNOWN.to_owned(),
        country: client::UNKNOWN.to_owned(),
    };
    Ok(Taken {
        accepted: accept::accept(&decoded.batch, events, claims, visitor, now_ms),
        sent,
        kept,
        faults,
        written,
    })
}

/// The page of a path.
#[must_use]
pub fn page_of(path: &str) -> String {
    super::path::page_of(path)
}

/// The address of a script or a request, without what may name people.
#[must_use]
pub fn address_of(url: &str) -> String {
    super::path::address_of(url)
}

/// The addresses that proxies told, oldest first.
#[must_use]
pub fn addresses(forwarded: Forwarded, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    forwarded.addresses(headers)
}

/// Who sends, if [`TRUSTED`] is believed in the address and in `CF-IPCountry`.
#[must_use]
pub fn sender(forwarded: Forwarded, peer: IpAddr, headers: &HeaderMap) -> Sender {
    let trusted = vec![TRUSTED.into()];
    let proxies = Proxies::new(trusted, forwarded, "CF-IPCountry", Countries::default());
    let address = proxies.client_address(peer, headers);
    let visitor = proxies.visitor(peer, address, headers);
    Sender {
        address,
        country: visitor.country,
        browser: visitor.browser,
    }
}

/// The robot's name, if it is one.
#[must_use]
pub fn robot(headers: &HeaderMap) -> Option<&'static str> {
    let bots = Bots {
        headless_are_visitors: false,
    };
    bots.name_of(headers)
}

/// Whether a body of that content type may be a batch.
#[must_use]
pub fn is_batch_type(headers: &HeaderMap) -> bool {
    check_content_type(headers).is_ok()
}
