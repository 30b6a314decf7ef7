//! What a parameter can be: ranges, times, words, limits.
//!
//! In: the text of a parameter. Out: its value, or the rule that the text breaks.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

pub(super) use crate::event::DAY_MS;
use crate::event::{Device, HOUR_MS, Millis};

/// Characters of a filter's value; no page, country or browser has more.
const WORD_CHARS: usize = 512;

/// A range that ends now.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(super) enum Range {
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
}

/// A site, a page, a country or a browser, as text.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Word(pub(super) String);

/// A device's class.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct DeviceWord(pub(super) Device);

/// A moment.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = DateTime)]
pub(super) struct Time(pub(super) Millis);

/// How many lines are answered at most: so many unless another number is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Limit<const USUAL: u32 = 20, const MOST: u32 = 500>(pub(super) u32);

impl<const USUAL: u32, const MOST: u32> Default for Limit<USUAL, MOST> {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<const USUAL: u32, const MOST: u32> TryFrom<String> for Limit<USUAL, MOST> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.parse() {
            Ok(number) if (1..=MOST).contains(&number) => Ok(Self(number)),
            _ => Err(format!("a whole number from 1 to {MOST}")),
        }
    }
}

impl<const USUAL: u32, const MOST: u32> ToSchema for Limit<USUAL, MOST> {
    fn name() -> Cow<'static, str> {
        format!("LimitTo{MOST}").into()
    }
}

impl<const USUAL: u32, const MOST: u32> PartialSchema for Limit<USUAL, MOST> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(MOST))
            .into()
    }
}

impl ToSchema for Word {
    fn name() -> Cow<'static, str> {
        "Word".into()
    }
}

impl PartialSchema for Word {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(WORD_CHARS))
            .into()
    }
}

impl ToSchema for DeviceWord {
    fn name() -> Cow<'static, str> {
        "Device".into()
    }
}

impl PartialSchema for DeviceWord {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Device::ALL.map(Device::word)))
            .into()
    }
}

impl Range {
    /// How long it is.
    pub(super) const fn length_ms(self) -> Millis {
        match self {
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
            Self::Quarter => 90 * DAY_MS,
        }
    }
}

impl TryFrom<String> for Word {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if (1..=WORD_CHARS).contains(&text.chars().count()) {
            Ok(Self(text))
        } else {
            Err(format!("1 to {WORD_CHARS} characters"))
        }
    }
}

impl TryFrom<String> for DeviceWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let device = Device::ALL.into_iter().find(|device| device.word() == text);
        device
            .map(Self)
            .ok_or_else(|| format!("one of {}", Device::ALL.map(Device::word).join(", ")))
    }
}

impl TryFrom<String> for Time {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time: Timestamp = text
            .parse()
            .map_err(|_| "a time as in RFC 3339, such as 2026-11-23T21:00:00Z")?;
        Ok(Self(time.as_millisecond()))
    }
}
