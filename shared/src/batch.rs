//! A batch: what one page view has to tell at one moment.
//!
//! Unknown fields are ignored, so that a newer beacon can talk to an older collector. What a field
//! may hold beyond its type is in [`crate::limits`]; the collector checks it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::limits;
use crate::{Connection, LoadState, Metric, NavigationType, Part, Text, Viewport};

/// The JSON Schema of what follows.
#[cfg(feature = "openapi")]
pub const SCHEMA: &str = include_str!("../schema/batch.v1.json");

/// A batch of version 1, posted to `/v1/batches` as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Batch<'a> {
    /// The version of this format: 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1)))]
    pub v: u32,
    /// The site's public token: it names and signs host, template and build.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::TOKEN_CHARS)))]
    pub site: Text<'a>,
    /// The batch's random id. A repeat with the same id is counted once.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
    pub id: Text<'a>,
    /// When it was sent, by the browser's clock: ms since 1970. Only used to count wrong clocks.
    pub sent: u64,
    /// The page view that the events belong to.
    #[serde(borrow)]
    pub view: PageView<'a>,
    /// What happened, oldest first.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::BATCH_EVENTS)))]
    pub events: Vec<Event<'a>>,
}

/// A page view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PageView<'a> {
    /// The page view's random id. It lives as long as the view and names no visitor.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
    pub id: Text<'a>,
    /// The number of this batch within the view. The view is counted with number 0.
    #[cfg_attr(feature = "schema", schemars(range(max = limits::SEQUENCE)))]
    pub seq: u32,
    /// Time in ms from the view's start until the batch was sent. The server's clock less this is
    /// the hour in which the view is counted.
    #[cfg_attr(feature = "schema", schemars(range(max = limits::AGE_MS)))]
    pub age: u64,
    /// The page's path, without query and fragment.
    #[serde(borrow)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^/"), length(max = limits::PATH_CHARS)))]
    pub path: Text<'a>,
    /// The host that the visitor came from, without path. Absent if there was none.
    #[serde(
        borrow,
        rename = "ref",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::HOST_CHARS)))]
    pub referrer: Option<Text<'a>>,
    /// How the view began.
    #[serde(rename = "nav")]
    pub navigation: NavigationType,
    /// The effective connection type, where the browser tells it.
    #[serde(rename = "conn", default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// The viewport's width class.
    #[serde(rename = "vp")]
    pub viewport: Viewport,
    /// How many views this one stands for: a site that measures one view in ten sends 10. Absent
    /// for 1. The collector does not use it yet and counts every view as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1.0)))]
    pub weight: Option<f64>,
    /// The metrics that this browser can measure in this view, so that a missing one is never read
    /// as a zero. Sent with the view's first batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 6)))]
    pub can: Vec<Metric>,
}

/// Something that happened in a page view. On the wire: an object with one key, the kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Event<'a> {
    /// A vital has a value, or a new value.
    Vital {
        /// The metric.
        name: Metric,
        /// Its value, in the metric's unit: ms, or a score for CLS.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::DURATION_MS)))]
        value: f64,
        /// The value sent before for the same view and metric, which this one replaces. Never in
        /// a view's first batch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::DURATION_MS)))]
        was: Option<f64>,
        /// What made it so.
        #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
        why: Option<Attribution<'a>>,
    },
    /// The visitor shared a link to the site.
    Share {
        /// Where to: `whatsapp`, `email`, `copy`, or what the page calls it.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        channel: Text<'a>,
        /// The random id in the shared link (`?ref=<id>`).
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
        id: Text<'a>,
        /// The share that had brought this visitor, if one had.
        #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
        parent: Option<Text<'a>>,
    },
    /// The visitor came through a shared link.
    Referral {
        /// The id in the link.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z0-9_-]{8,36}$")))]
        share: Text<'a>,
        /// The path on which the visitor landed.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(regex(pattern = "^/"), length(max = limits::PATH_CHARS)))]
        landing: Text<'a>,
    },
    /// The page saw somebody leave their details. "Observed": only the platform's servers confirm.
    Lead {
        /// Which form or button.
        #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        form: Option<Text<'a>>,
    },
    /// The page saw a goal reached. "Observed", as for leads.
    Conversion {
        /// The goal's name.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        name: Text<'a>,
    },
    /// An error that no code of the page caught.
    Error {
        /// Its message.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
        message: Text<'a>,
        /// The script, without query and fragment.
        #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::URL_CHARS)))]
        source: Option<Text<'a>>,
        /// The line in the script, from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// Long animation frames since the last batch: the page did not answer or paint for 50 ms or
    /// more (<https://w3c.github.io/long-animation-frames/>).
    Frames {
        /// How many.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::FRAMES)))]
        count: u32,
        /// For how long they kept the page from answering, together, in ms.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::AGE_MS)))]
        blocking: f64,
        /// How long the longest took, in ms.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::DURATION_MS)))]
        longest: f64,
        /// The script that ran longest in the longest one, without query and fragment.
        #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::URL_CHARS)))]
        script: Option<Text<'a>>,
    },
    /// A request of the page's own scripts that took long or failed. A view tells a few of them.
    Call {
        /// Its address, without query and fragment.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::URL_CHARS)))]
        url: Text<'a>,
        /// How long it took, in ms.
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::DURATION_MS)))]
        ms: f64,
        /// The answer's status, where the browser tells it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 599)))]
        status: Option<u16>,
    },
    /// The page was loaded anew on the way back or forward, instead of being restored: why
    /// (<https://html.spec.whatwg.org/#not-restored-reasons>).
    NotRestored {
        /// One of the reasons, such as `unload-listener`.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        reason: Text<'a>,
    },
    /// An event of the page's own.
    Custom {
        /// Its name.
        #[serde(borrow)]
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
        name: Text<'a>,
        /// Its properties: texts, numbers and booleans.
        #[serde(borrow, default, skip_serializing_if = "BTreeMap::is_empty")]
        #[cfg_attr(feature = "schema", schemars(extend("maxProperties" = limits::PROPS)))]
        props: BTreeMap<Text<'a>, Prop<'a>>,
    },
}

/// What made a vital's value. Every field is optional; texts never hold what a visitor typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attribution<'a> {
    /// The selector of the largest element (LCP), of the target (INP, FID) or of the element that
    /// shifted most (CLS).
    #[serde(
        borrow,
        rename = "el",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::SELECTOR_CHARS)))]
    pub element: Option<Text<'a>>,
    /// The resource that was painted (LCP), without query and fragment.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::URL_CHARS)))]
    pub url: Option<Text<'a>>,
    /// The type of the interaction (INP, FID), such as `pointerup` or `keydown`.
    #[serde(
        borrow,
        rename = "type",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::NAME_CHARS)))]
    pub kind: Option<Text<'a>>,
    /// When it happened, in ms since the view's start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The score of the largest shift (CLS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = limits::LAYOUT_SHIFT)))]
    pub shift: Option<f64>,
    /// How far the document had loaded at that time (FCP, CLS, INP, FID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadState>,
    /// The script that ran longest in the interaction (INP), without query and fragment. The part
    /// `script` says for how long.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::URL_CHARS)))]
    pub script: Option<Text<'a>>,
    /// The value's parts, in ms.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schemars(extend("maxProperties" = limits::PARTS)))]
    pub parts: BTreeMap<Part, f64>,
}

/// A property's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Prop<'a> {
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    #[serde(borrow)]
    Text(#[cfg_attr(feature = "schema", schemars(length(max = limits::PROP_CHARS)))] Text<'a>),
}
