//! The limits of a batch. The beacon stays inside them; the collector refuses what is outside.
//!
//! Text limits count Unicode scalar values, as JSON Schema's `maxLength` does.

/// The version of the batch format that this crate describes.
pub const BATCH_VERSION: u32 = 1;

/// A batch's largest size in bytes. Browsers keep at most 64 KiB of `sendBeacon` and `keepalive`
/// bodies in flight for a page that is going away (<https://fetch.spec.whatwg.org/#http-network-or-cache-fetch>),
/// so no honest beacon can send more.
pub const BATCH_BYTES: usize = 64 * 1024;

/// Events in one batch. A busy page view makes about ten; the rest is room for a queue that waited.
pub const BATCH_EVENTS: usize = 100;

/// Characters of a site token: a signed host, template and build.
pub const TOKEN_CHARS: usize = 512;

/// Shortest id of a batch, a page view or a share. Eight characters of base64url are 48 bits,
/// enough for share ids that people copy by hand.
pub const ID_CHARS_MIN: usize = 8;

/// Longest id of a batch, a page view or a share. 128 random bits take 22 characters of base64url.
pub const ID_CHARS_MAX: usize = 36;

/// Characters of a path. Longer ones are cut by the beacon: they are never read by people.
pub const PATH_CHARS: usize = 512;

/// Characters of a host name (RFC 1035, 253 bytes of presentation form).
pub const HOST_CHARS: usize = 253;

/// Characters of a name that becomes a key of a rollup: channel, form, conversion, custom event.
pub const NAME_CHARS: usize = 64;

/// Characters of a CSS selector in an attribution.
pub const SELECTOR_CHARS: usize = 128;

/// Characters of a URL in an attribution or an error, without query and fragment.
pub const URL_CHARS: usize = 256;

/// Characters of an error's message.
pub const MESSAGE_CHARS: usize = 256;

/// Properties of a custom event.
pub const PROPS: usize = 16;

/// Characters of a property's text value.
pub const PROP_CHARS: usize = 128;

/// Named parts of one attribution.
pub const PARTS: usize = 8;

/// Long animation frames in one event: a frame is long from 50 ms on, so this many take an hour.
pub const FRAMES: u32 = 72_000;

/// Largest duration in ms that is believed: 10 minutes. Longer ones come from machines that slept.
pub const DURATION_MS: f64 = 600_000.0;

/// Largest cumulative layout shift that is believed. A shift scores at most 1 and a session window
/// is at most 5 s, so more than 1,000 would be a shift in each of 200 frames a second.
pub const LAYOUT_SHIFT: f64 = 1_000.0;

/// Largest age in ms of a page view when its batch is sent: 7 days. Tabs live long; a batch older
/// than that would change numbers that were already reported.
pub const AGE_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// Largest number of a page view's batches. A page that lives on sends one whenever it is hidden.
pub const SEQUENCE: u32 = 10_000;

/// The version of the format of server events that this crate describes.
pub const SERVER_VERSION: u32 = 1;

/// Largest size in bytes of a request with server events.
pub const SERVER_BYTES: usize = 256 * 1024;

/// Server events in one request.
pub const SERVER_EVENTS: usize = 500;

/// Shortest idempotency key of a server event. Shorter ones are counters that begin anew.
pub const KEY_CHARS_MIN: usize = 8;

/// Longest idempotency key of a server event, and longest id of an owner, lead or partner.
pub const KEY_CHARS_MAX: usize = 128;

/// Largest age in ms of a server event when it is posted: 30 days. Collectors remember keys for
/// longer, so that a repeat is either known or too old.
pub const SERVER_AGE_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// How far in ms a server event may be in the collector's future: servers' clocks differ.
pub const SERVER_AHEAD_MS: u64 = 60 * 60 * 1000;

/// Largest duration in ms of a generation: 1 day.
pub const WORK_MS: f64 = 86_400_000.0;

/// Best score of a lead.
pub const SCORE: u32 = 100;

/// Largest amount in a currency's smallest unit that is believed.
pub const AMOUNT_MINOR: u64 = 1_000_000_000_000;

/// Bounds in ms of the buckets in which requests are counted; one more is for longer ones.
pub const REQUEST_BOUNDS_MS: [u32; 11] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/// Requests in one bucket of one event.
pub const REQUESTS: u64 = 1_000_000_000;

/// Whether `text` can be an idempotency key: visible ASCII characters and a length from
/// [`KEY_CHARS_MIN`] to [`KEY_CHARS_MAX`].
#[must_use]
pub fn is_key(text: &str) -> bool {
    (KEY_CHARS_MIN..=KEY_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether `text` can be an id of a batch, a page view or a share: base64url characters and a
/// length from [`ID_CHARS_MIN`] to [`ID_CHARS_MAX`].
#[must_use]
pub fn is_id(text: &str) -> bool {
    (ID_CHARS_MIN..=ID_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
