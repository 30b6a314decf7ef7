//! What the collector answers to a batch: how much of it was kept, and why the rest was not.

use serde::{Deserialize, Serialize};

/// The body of a 202 answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = BatchAnswer))]
pub struct Answer {
    /// Events that are now durable and will be counted once.
    pub accepted: usize,
    /// Events that break a rule; `errors` names the first of them.
    pub rejected: usize,
    /// Whether the batch had been accepted before. Nothing is counted again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
    /// Why events were rejected: at most the first ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<EventFault>,
}

/// Why one event was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventFault {
    /// The event's place in the batch, from 0.
    pub index: usize,
    /// A stable code, such as `value_out_of_range`.
    pub code: String,
    /// The field, such as `vital.value`.
    pub field: String,
    /// The rule it breaks, with units.
    pub rule: String,
}
