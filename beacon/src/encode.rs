//! Writes a batch as JSON, by hand: serde and `core::fmt` cost more than all other code together.
//!
//! In: a view's facts and its events. Out: JSON of batch format 1. It must always be valid JSON and
//! must mean what `foresight_shared::Batch` reads; `tests/encoding.rs` proves both.

use foresight_shared::{Metric, limits};

use crate::{
    event::{Event, Why, scale},
    label::{Label, Labels},
    number::units,
};

/// What of a batch is neither in the view's facts nor in its events.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The site's token.
    pub site: &'a str,
    /// The batch's random id.
    pub id: &'a str,
    /// When it is sent, in ms since 1970.
    pub sent: u64,
    /// The view's random id.
    pub view: &'a str,
    /// The batch's number within the view.
    pub seq: u32,
    /// Ms since the view's start.
    pub age: u64,
    /// The metrics that can be measured, as bits `1 << metric`; 0 if they were told before.
    pub can: u32,
}

/// The batch up to the opening bracket of its events; `]}` ends it. `facts` are members of a JSON
/// object: path, referring host, navigation type, viewport and connection as `page.js` found them.
#[must_use]
pub fn open(envelope: &Envelope<'_>, facts: &str) -> String {
    let mut json = Json::default();
    json.raw("{");
    json.integer("v", u64::from(limits::BATCH_VERSION));
    json.text("site", envelope.site);
    json.text("id", envelope.id);
    json.integer("sent", envelope.sent);
    json.key("view");
    json.raw("{");
    json.text("id", envelope.view);
    json.integer("seq", u64::from(envelope.seq));
    json.integer("age", envelope.age);
    json.raw(",");
    json.raw(facts);
    if envelope.can != 0 {
        json.key("can");
        json.raw("[");
        for metric in &Metric::ALL {
            if envelope.can & (1 << *metric as u8) != 0 {
                json.separate();
                json.quoted(metric.name());
            }
        }
        json.raw("]");
    }
    json.raw("}");
    json.key("events");
    json.raw("[");
    json.0
}

/// One event as a JSON object. A vital's texts are in `labels`.
#[must_use]
pub fn event(event: &Event<'_>, labels: &Labels) -> String {
    let mut json = Json::default();
    let kind = match event {
        Event::Vital { .. } => "vital",
        Event::Share { .. } => "share",
        Event::Referral { .. } => "referral",
        Event::Lead { .. } => "lead",
        Event::Conversion { .. } => "conversion",
        Event::Error { .. } => "error",
        Event::Custom { .. } => "custom",
    };
    json.raw("{");
    json.key(kind);
    json.raw("{");
    match *event {
        Event::Vital {
            metric,
            value,
            was,
            why,
        } => {
            json.text("name", metric.name());
            json.fraction("value", value, scale(metric));
            if let Some(was) = was {
                json.fraction("was", was, scale(metric));
            }
            reason(&mut json, why, labels);
        }
        Event::Share {
            channel,
            id,
            parent,
        } => {
            json.text("channel", channel);
            json.text("id", id);
            json.some_text("parent", parent);
        }
        Event::Referral { share, landing } => {
            json.text("share", share);
            json.text("landing", landing);
        }
        Event::Lead { form } => json.some_text("form", form),
        Event::Conversion { name } => json.text("name", name),
        Event::Error {
            message,
            source,
            line,
        } => {
            json.text("message", message);
            json.some_text("source", source);
            if line > 0 {
                json.integer("line", u64::from(line));
            }
        }
        Event::Custom { name, props } => {
            json.text("name", name);
            json.key("props");
            json.raw(props);
        }
    }
    json.raw("}}");
    json.0
}

fn reason(json: &mut Json, why: &Why, labels: &Labels) {
    let named = why.element != Label::default() || why.kind != Label::default();
    if why.parts.is_empty() && why.at.is_none() && !named {
        return;
    }
    json.key("why");
    json.raw("{");
    json.some_text("el", labels.text(why.element));
    json.some_text("url", labels.text(why.url));
    json.some_text("type", labels.text(why.kind));
    if let Some(at) = why.at {
        json.fraction("at", units(at, limits::AGE_MS as f64, 10), 10);
    }
    if !why.parts.is_empty() {
        json.key("parts");
        json.raw("{");
        for (part, ms) in why.parts.iter().zip(&why.ms) {
            json.fraction(part.word(), units(*ms, limits::DURATION_MS, 10), 10);
        }
        json.raw("}");
    }
    json.raw("}");
}

/// JSON that is being written.
#[derive(Debug, Default)]
pub struct Json(pub String);

impl Json {
    /// Writes `text` as it is.
    #[inline(never)]
    pub fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// A comma, unless nothing stands before it in its object or array.
    fn separate(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[')) {
            self.raw(",");
        }
    }

    /// The key of the next value.
    #[inline(never)]
    pub fn key(&mut self, key: &str) {
        self.separate();
        self.quoted(key);
        self.raw(":");
    }

    /// A key and its text.
    #[inline(never)]
    pub fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.quoted(value);
    }

    /// A key and its text, or nothing if the text is empty.
    #[inline(never)]
    fn some_text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.text(key, value);
        }
    }

    #[inline(never)]
    fn quoted(&mut self, text: &str) {
        self.raw("\"");
        let mut plain = 0;
        for (index, byte) in text.bytes().enumerate() {
            if byte < b' ' || byte == b'"' || byte == b'\\' {
                self.raw(&text[plain..index]);
                plain = index + 1;
                self.raw("\\u00");
                self.digit(byte >> 4);
                self.digit(byte & 15);
            }
        }
        self.raw(&text[plain..]);
        self.raw("\"");
    }

    fn digit(&mut self, digit: u8) {
        let digit = usize::from(digit);
        self.raw(&"0123456789abcdef"[digit..=digit]);
    }

    fn digits(&mut self, number: u64) {
        if number > 9 {
            self.digits(number / 10);
        }
        self.digit((number % 10) as u8);
    }

    /// A key and a whole number.
    fn integer(&mut self, key: &str, number: u64) {
        self.fraction(key, number, 1);
    }

    /// A key and a number of units of `1 / scale`; the scale is a power of ten.
    #[inline(never)]
    fn fraction(&mut self, key: &str, units: u64, mut scale: u64) {
        self.key(key);
        self.digits(units / scale);
        let mut rest = units % scale;
        if rest > 0 {
            self.raw(".");
        }
        while rest > 0 {
            scale /= 10;
            self.digit((rest / scale) as u8);
            rest %= scale;
        }
    }
}
