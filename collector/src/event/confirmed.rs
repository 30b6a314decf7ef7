//! What a server of the platform told, and telling the two kinds of record apart.
//!
//! In: a checked server event. Out: bytes for the spool and back. What must never happen: two events
//! with different content have the same digest, or a record of one kind is read as the other. The
//! event is kept as JSON: its fields are named, so a later version can add some.

use foresight_shared::ServerEvent;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Accepted, Millis, RecordError};

/// The first byte of a server event's record.
const VERSION: u8 = 2;

/// An accepted server event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmed {
    /// When it was received.
    pub received_ms: Millis,
    /// What was told.
    pub event: ServerEvent,
}

/// A record of the spool, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// A page view.
    Accepted(Accepted),
    /// A server event.
    Confirmed(Confirmed),
}

impl Recorded {
    /// Reads a record of the spool.
    ///
    /// # Errors
    /// If the record was written by another version or is damaged.
    pub fn from_record(record: &[u8]) -> Result<Self, RecordError> {
        match record.split_first() {
            Some((&VERSION, json)) => Confirmed::read(json).map(Self::Confirmed),
            _ => Accepted::from_record(record).map(Self::Accepted),
        }
    }
}

impl Confirmed {
    /// An event as its record will say it for ever. Fractions are read fast, not to the last bit: one
    /// with more digits than a float holds may become another number when it is written and read once
    /// more, and its digest another too. After that it stays as it is.
    ///
    /// # Errors
    /// Only if memory runs out.
    pub fn new(received_ms: Millis, event: ServerEvent) -> Result<Self, RecordError> {
        let record = Self { received_ms, event }.to_record()?;
        Self::read(&record[1..])
    }

    fn read(json: &[u8]) -> Result<Self, RecordError> {
        serde_json::from_slice(json).map_err(|error| RecordError::DamagedJson(error.to_string()))
    }

    /// The site that it is about; empty for what is about the whole platform.
    #[must_use]
    pub fn site(&self) -> &str {
        self.event.fact.site().unwrap_or_default()
    }

    /// The site and the idempotency key, as one text: what is counted once. No host has a space.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.site(), self.event.id)
    }

    /// Stands for the content: the first 16 bytes of the SHA-256 of all that was told.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        // Plain data always becomes JSON, field after field in the order of the type.
        let json = serde_json::to_vec(&self.event).unwrap_or_default();
        Sha256::digest(json)[..16].to_vec()
    }

    /// The record for the spool.
    ///
    /// # Errors
    /// Only if memory runs out: every value of the type has a record.
    pub fn to_record(&self) -> Result<Vec<u8>, RecordError> {
        let mut record = vec![VERSION];
        serde_json::to_writer(&mut record, self)
            .map_err(|error| RecordError::DamagedJson(error.to_string()))?;
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foresight_shared::ServerBatch;

    fn example() -> Vec<Confirmed> {
        let text = include_str!("../../../shared/examples/events.v1.json");
        let batch: ServerBatch = serde_json::from_str(text).unwrap();
        let confirmed = |event| Confirmed {
            received_ms: 7,
            event,
        };
        batch.events.into_iter().map(confirmed).collect()
    }

    #[test]
    fn a_record_leads_back_to_its_event() {
        for confirmed in example() {
            let record = confirmed.to_record().unwrap();
            let read = Recorded::from_record(&record);
            assert_eq!(read, Ok(Recorded::Confirmed(confirmed)));
        }
    }

    #[test]
    fn a_fraction_of_more_digits_than_a_float_holds_has_one_digest() {
        let text = r#"{"id": "generation-1", "at": 7, "fact": {"site_generated":
            {"site": "a.example", "owner": "o", "duration_ms": 96.248299306990575}}}"#;
        let event: ServerEvent = serde_json::from_str(text).unwrap();
        let told = Confirmed::new(7, event).unwrap();
        let read = Recorded::from_record(&told.to_record().unwrap());
        let Ok(Recorded::Confirmed(read)) = read else {
            panic!("{read:?}");
        };
        assert_eq!(read.digest(), told.digest());
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(Recorded::from_record(&[]), Err(RecordError::Empty));
        assert_eq!(Recorded::from_record(&[9]), Err(RecordError::Version(9)));
        let half = &example()[0].to_record().unwrap()[..20];
        let refused = Recorded::from_record(half);
        assert!(matches!(refused, Err(RecordError::DamagedJson(_))));
    }

    #[test]
    fn a_digest_is_that_of_the_content_and_not_of_the_time_of_receipt() {
        let one = example().remove(4);
        let again = Confirmed {
            received_ms: 8,
            ..one.clone()
        };
        assert_eq!(one.digest(), again.digest());
        let mut later = one.clone();
        later.event.at += 1;
        assert_ne!(one.digest(), later.digest());
        assert_eq!(one.key(), "bakery.4site.pro invoice-2026-0042");
    }
}
