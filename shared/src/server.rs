//! What the platform's own servers tell, posted to `/v1/events` as JSON with a secret token.
//!
//! Each event carries an idempotency key: the same key with the same content is counted once, with
//! other content it is refused. Unknown fields are ignored. What a field may hold beyond its type
//! is in [`crate::limits`]; the collector checks it. Ids of owners, leads and partners are the
//! platform's own; none of them may be a name, an address or anything else of a person.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::limits;

/// The JSON Schema of what follows.
#[cfg(feature = "openapi")]
pub const SCHEMA: &str = include_str!("../schema/events.v1.json");

/// Events of version 1. They are kept all, or none of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerBatch {
    /// The version of this format: 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1)))]
    pub v: u32,
    /// What happened.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::SERVER_EVENTS)))]
    pub events: Vec<ServerEvent>,
}

/// Something that a server knows to have happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServerEvent {
    /// The idempotency key, unique among the events of a site, and among those of none.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[!-~]{8,128}$")))]
    pub id: String,
    /// When it happened: ms since 1970, by the server's clock.
    pub at: u64,
    /// What happened. On the wire: an object with one key, the kind.
    pub fact: Fact,
}

/// What happened. Amounts are whole numbers of a currency's smallest unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Fact {
    /// A site was generated.
    SiteGenerated {
        /// The site's host.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::HOST_CHARS)))]
        site: String,
        /// Its owner's id.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_CHARS_MAX)))]
        owner: String,
        /// The template.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        template: Option<String>,
        /// The generator's build.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        build: Option<String>,
        /// How long it took, in ms.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::WORK_MS)))]
        duration_ms: f64,
        /// How long the AI service took of that, in ms.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::WORK_MS)))]
        ai_duration_ms: Option<f64>,
        /// The share that had brought the owner, if one had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
        referred_by: Option<String>,
    },
    /// A site could not be generated.
    SiteGenerationFailed {
        /// Where it ended, such as `images`.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        stage: String,
        /// Why.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
        reason: String,
        /// How long it had taken by then, in ms.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::WORK_MS)))]
        duration_ms: f64,
    },
    /// Somebody left their details: confirmed.
    Lead {
        /// The site's host.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::HOST_CHARS)))]
        site: String,
        /// The lead's id.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_CHARS_MAX)))]
        lead: String,
        /// How good it is, from 0 to 100.
        #[cfg_attr(feature = "schema", schemars(range(max = limits::SCORE)))]
        score: u32,
        /// Where it came from, such as `form` or `whatsapp`.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        source: String,
    },
    /// A goal was reached: confirmed.
    Conversion {
        /// The site's host.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::HOST_CHARS)))]
        site: String,
        /// The goal's name.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        name: String,
        /// The lead that it began with, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_CHARS_MAX)))]
        lead: Option<String>,
        /// The share that had brought the customer, if one had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
        share: Option<String>,
    },
    /// Money came in.
    Revenue(Payment),
    /// Money went back to whom it had come from.
    Refund(Payment),
    /// A partner's commission has a new state.
    Commission {
        /// The state.
        state: CommissionState,
        /// The partner's id.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_CHARS_MAX)))]
        partner: String,
        /// The share that earned it.
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
        share: String,
        /// How much, in the currency's smallest unit.
        #[cfg_attr(feature = "schema", schemars(range(max = limits::AMOUNT_MINOR)))]
        amount_minor: u64,
        /// ISO 4217, such as `EUR`.
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
        currency: String,
    },
    /// Somebody could not prove who they are.
    AuthFailed {
        /// Where, such as `login` or `api`.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        realm: String,
        /// Why, such as `wrong_password`.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        reason: String,
    },
    /// Somebody asked too often.
    RateLimited {
        /// For what: a route's template, such as `/api/sites/:id`.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        route: String,
    },
    /// Requests that a service answered, already counted by how long they took.
    HttpRequests {
        /// The route's template, such as `/api/sites/:id`.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        route: String,
        /// The answers' status.
        #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 599)))]
        status: u16,
        /// How many took up to 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000 and 10000 ms and not
        /// up to the bound before, and how many took longer: 12 numbers.
        #[cfg_attr(feature = "schema", schemars(length(min = 12, max = 12)))]
        counts: Vec<u64>,
        /// How long all of them took together, in ms.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
        sum_ms: f64,
    },
}

/// Money of a site's owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Payment {
    /// How much, in the currency's smallest unit.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::AMOUNT_MINOR)))]
    pub amount_minor: u64,
    /// ISO 4217, such as `EUR`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
    /// What for, such as `subscription`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
    pub kind: String,
    /// The site's host.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::HOST_CHARS)))]
    pub site: String,
    /// The owner's id.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_CHARS_MAX)))]
    pub owner: String,
}

/// The states of a commission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CommissionState {
    /// It was earned.
    Accrued,
    /// It waits for a check.
    Held,
    /// It may be paid.
    Approved,
    /// It was paid.
    Paid,
    /// It was taken back.
    Reversed,
}

impl CommissionState {
    /// Every state, in the order in which a commission usually has them.
    pub const ALL: [Self; 5] = [
        Self::Accrued,
        Self::Held,
        Self::Approved,
        Self::Paid,
        Self::Reversed,
    ];

    /// The state's word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accrued => "accrued",
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Paid => "paid",
            Self::Reversed => "reversed",
        }
    }
}

impl Fact {
    /// The kind's word on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SiteGenerated { .. } => "site_generated",
            Self::SiteGenerationFailed { .. } => "site_generation_failed",
            Self::Lead { .. } => "lead",
            Self::Conversion { .. } => "conversion",
            Self::Revenue(_) => "revenue",
            Self::Refund(_) => "refund",
            Self::Commission { .. } => "commission",
            Self::AuthFailed { .. } => "auth_failed",
            Self::RateLimited { .. } => "rate_limited",
            Self::HttpRequests { .. } => "http_requests",
        }
    }

    /// The site that it is about. `None` for what is about the whole platform.
    #[must_use]
    pub fn site(&self) -> Option<&str> {
        match self {
            Self::SiteGenerated { site, .. }
            | Self::Lead { site, .. }
            | Self::Conversion { site, .. }
            | Self::Revenue(Payment { site, .. })
            | Self::Refund(Payment { site, .. }) => Some(site),
            Self::SiteGenerationFailed { .. }
            | Self::Commission { .. }
            | Self::AuthFailed { .. }
            | Self::RateLimited { .. }
            | Self::HttpRequests { .. } => None,
        }
    }
}

/// The body of a 202 answer to server events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerAnswer {
    /// Events that are now durable and will be counted once.
    pub accepted: usize,
    /// Events that had been accepted before, with the same content. They are not counted again.
    pub repeated: usize,
}
