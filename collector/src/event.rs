//! Accepted events: what `ingest` made of a batch, and what the spool keeps.
//!
//! In: nothing; `ingest` builds them. Out: bytes for the spool and back. What must never happen:
//! a record that an earlier version wrote is read as something else. The first byte is the format's
//! version; a change of these types needs a new one. Only a variant at the end of an enum does not: older
//! records read as before, and an older collector sets the new ones aside.

mod confirmed;

pub use confirmed::{Confirmed, Recorded};

use foresight_shared::{Metric, NavigationType};
use serde::{Deserialize, Serialize};

/// The version of the record format: the first byte of every record.
const VERSION: u8 = 1;

/// Room for most records, so that few have to be moved while they are written.
const USUAL_BYTES: usize = 512;

/// Milliseconds since 1970-01-01 UTC, by the server's clock.
pub type Millis = i64;

/// The server's clock. It is handed to whoever needs it, so that tests can set it.
pub type Clock = std::sync::Arc<dyn Fn() -> Millis + Send + Sync>;

/// The page of every view by a robot. No path begins like this.
pub const BOT_PAGE: &str = "(bot)";

/// One hour in ms.
pub const HOUR_MS: Millis = 60 * 60 * 1000;

/// One day in ms.
pub const DAY_MS: Millis = 24 * HOUR_MS;

/// The class of the visitor's device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Device {
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A desktop or laptop computer.
    Desktop,
    /// None of these, or not known.
    Unknown,
}

impl Device {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Tablet, Self::Desktop, Self::Unknown];

    /// The word in reports and labels.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Desktop => "desktop",
            Self::Unknown => "unknown",
        }
    }
}

/// The accepted part of a batch: a page view and what happened in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// The page view.
    pub view: View,
    /// Its events, oldest first.
    pub events: Vec<Event>,
}

/// A page view, as the collector knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The site's host, from the token.
    pub site: String,
    /// The template that generated the site, from the token.
    pub template: Option<String>,
    /// The generator's build, from the token.
    pub build: Option<String>,
    /// The page's path.
    pub page: String,
    /// The device's class, from the user agent.
    pub device: Device,
    /// ISO 3166 code of the country, or `unknown`.
    pub country: String,
    /// The browser's family, or `unknown`.
    pub browser: String,
    /// How the view began.
    pub navigation: NavigationType,
    /// When the view began: the time of receipt less the age that the beacon told.
    pub start_ms: Millis,
    /// When the batch was received.
    pub received_ms: Millis,
    /// Whether this batch counts the view: it is the view's first one.
    pub counted: bool,
}

/// An accepted event. Fields are those of [`foresight_shared::Event`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A vital's value, in the metric's unit.
    Vital {
        /// The metric.
        metric: Metric,
        /// Its value.
        value: f64,
        /// The value that this one replaces.
        was: Option<f64>,
        /// The selector of the element that caused it.
        element: Option<String>,
    },
    /// A link was shared.
    Share {
        /// Where to.
        channel: String,
        /// The share's id.
        id: String,
        /// The share that had brought the sharing visitor.
        parent: Option<String>,
    },
    /// A visitor came through a shared link.
    Referral {
        /// The share's id.
        share: String,
    },
    /// Something that is counted under a name: see [`Kind`].
    Named {
        /// What it is.
        kind: Kind,
        /// Its name: the form, the goal, the message, the custom event.
        name: String,
    },
    /// Something that happened several times and is counted under one name.
    Several {
        /// What it is.
        kind: Kind,
        /// Its name.
        name: String,
        /// How often it happened.
        count: u32,
    },
    /// What the value of a vital is made of, as the view first told it. Parts of less than a ms are left out.
    Parts {
        /// The metric.
        metric: Metric,
        /// Numbers of parts (their places in [`foresight_shared::Part::ALL`], which grows at its end only),
        /// and how long each took, in ms.
        parts: Vec<(u8, u32)>,
    },
    /// Which metrics the view's browser can measure.
    Able {
        /// The metrics, in the order of [`Metric::ALL`].
        metrics: Vec<Metric>,
    },
}

/// What is counted by name in rollups. The numbers are kept in databases: never change one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Kind {
    /// Page views; the name is empty.
    View = 0,
    /// Leads that a page saw; the name is the form, or empty.
    Lead = 1,
    /// Goals that a page saw reached; the name is the goal.
    Conversion = 2,
    /// Uncaught errors; the name is the message.
    Error = 3,
    /// A page's own events; the name is theirs.
    Custom = 4,
    /// Shares; the name is the channel.
    Share = 5,
    /// Visits through shared links; the name is empty.
    Referral = 6,
    /// Page views by robots, which are not among [`Kind::View`]; the name is the robot's.
    Bot = 7,
    /// Long animation frames; the name is the script that ran longest in the longest one, or empty.
    Frame = 8,
    /// Requests of pages that took long or failed; the name is their address, ids folded, with the
    /// status if it is one of an error.
    Call = 9,
    /// Reasons for which pages were loaded anew on the way back; the name is the reason.
    NotRestored = 10,
    /// Slowest interactions of views; the name is the script that ran longest in them.
    Script = 11,
    /// Visits: page views that visitors did not come to from the site itself; the name is empty.
    Visit = 12,
    /// Page views in which a page saw a lead, by what they measured: see [`crate::rollup::Band`]. With an
    /// empty name: all of them.
    LeadBand = 13,
    /// The same of views in which somebody shared.
    ShareBand = 14,
    /// The same of views in which the generator was opened.
    OpenedBand = 15,
    /// What vitals are made of. The name is a metric: how many values told their parts; or a metric and a
    /// part, with a space between: how many ms that part took in all of them.
    Part = 16,
    /// Page views by the metrics that their browsers can measure; the name has these, with spaces between.
    Able = 17,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::View,
        Self::Lead,
        Self::Conversion,
        Self::Error,
        Self::Custom,
        Self::Share,
        Self::Referral,
        Self::Bot,
        Self::Frame,
        Self::Call,
        Self::NotRestored,
        Self::Script,
        Self::Visit,
        Self::LeadBand,
        Self::ShareBand,
        Self::OpenedBand,
        Self::Part,
        Self::Able,
    ];

    /// The kind with that number (`self as u8`), if there is one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// Why a record of the spool cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecordError {
    /// It was written by another version.
    #[error("record has format {0}, this version reads format {VERSION}")]
    Version(u8),
    /// It has no bytes.
    #[error("record is empty")]
    Empty,
    /// Its bytes are not a record.
    #[error("record is damaged: {0}")]
    Damaged(postcard::Error),
    /// Its bytes are not a server event.
    #[error("record of a server event is damaged: {0}")]
    DamagedJson(String),
}

impl Accepted {
    /// The record for the spool.
    ///
    /// # Errors
    /// Only if memory runs out: every value of the type has a record.
    pub fn to_record(&self) -> Result<Vec<u8>, RecordError> {
        let mut record = Vec::with_capacity(USUAL_BYTES);
        record.push(VERSION);
        postcard::to_extend(self, record).map_err(RecordError::Damaged)
    }

    /// Reads a record of the spool.
    ///
    /// # Errors
    /// If the record was written by another version or is damaged.
    pub fn from_record(record: &[u8]) -> Result<Self, RecordError> {
        match record.split_first() {
            None => Err(RecordError::Empty),
            Some((&VERSION, rest)) => postcard::from_bytes(rest).map_err(RecordError::Damaged),
            Some((&other, _)) => Err(RecordError::Version(other)),
        }
    }
}

/// The start of the hour that holds `time_ms`.
#[must_use]
pub const fn hour_of(time_ms: Millis) -> Millis {
    // The hour of a damaged record may begin before time does.
    time_ms.saturating_sub(time_ms.rem_euclid(HOUR_MS))
}

/// The start of the day, in UTC, that holds `time_ms`.
#[must_use]
pub const fn day_of(time_ms: Millis) -> Millis {
    time_ms.saturating_sub(time_ms.rem_euclid(DAY_MS))
}

/// The start of the week, in UTC, that holds `time_ms`: a Monday. 1970 began on a Thursday.
#[must_use]
pub const fn week_of(time_ms: Millis) -> Millis {
    let monday_ms = time_ms.saturating_add(3 * DAY_MS);
    time_ms.saturating_sub(monday_ms.rem_euclid(7 * DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let (monday_ms, day) = (1_795_392_000_000, DAY_MS);
        for (time_ms, start_ms) in [
            (monday_ms, monday_ms),
            (monday_ms + 7 * day - 1, monday_ms),
            (monday_ms - 1, monday_ms - 7 * day),
            (0, -3 * day),
            (-3 * day - 1, -10 * day),
        ] {
            assert_eq!(week_of(time_ms), start_ms, "{time_ms}");
        }
    }

    #[test]
    fn a_record_leads_back_to_its_events() {
        let accepted = Accepted {
            view: View {
                site: "a.example".into(),
                template: Some("aurora".into()),
                build: None,
                page: "/".into(),
                device: Device::Phone,
                country: "DE".into(),
                browser: "Firefox".into(),
                navigation: NavigationType::BackForwardCache,
                start_ms: 1,
                received_ms: 2,
                counted: true,
            },
            events: vec![
                Event::Vital {
                    metric: Metric::Cls,
                    value: 0.25,
                    was: Some(0.125),
                    element: None,
                },
                Event::Named {
                    kind: Kind::Error,
                    name: "x is undefined".into(),
                },
            ],
        };
        let record = accepted.to_record().unwrap();
        assert_eq!(Accepted::from_record(&record), Ok(accepted));
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(Accepted::from_record(&[]), Err(RecordError::Empty));
        assert_eq!(Accepted::from_record(&[9]), Err(RecordError::Version(9)));
        assert!(matches!(
            Accepted::from_record(&[1, 255, 255]),
            Err(RecordError::Damaged(_))
        ));
    }

    #[test]
    fn hours_begin_at_full_hours_before_1970_too() {
        assert_eq!(hour_of(HOUR_MS), HOUR_MS);
        assert_eq!(hour_of(2 * HOUR_MS - 1), HOUR_MS);
        assert_eq!(hour_of(-1), -HOUR_MS);
    }
}
