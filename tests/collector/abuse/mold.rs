//! Batches that differ in a few places, made fast: a flood has no time to write each anew.

use anyhow::Result;
use foresight_shared::Event;
use foresight_tests::{Site, first_batch, request};

/// What stands for a batch's id, for its path, and for the number of a name.
const ID: &str = "batch-0000000000";
const PATH: &str = "/PATH";
const NAME: &str = "NAME";

/// The text of a batch with places to fill.
#[derive(Clone)]
pub(super) struct Mold {
    site: Site,
    text: String,
}

impl Mold {
    /// A first batch of a site. `NAME` in its events is filled too.
    pub(super) fn new(site: &Site, events: Vec<Event<'static>>) -> Result<Self> {
        let mut batch = first_batch(&site.token, PATH, events);
        batch.id = ID.into();
        Ok(Self {
            site: site.clone(),
            text: serde_json::to_string(&batch)?,
        })
    }

    /// The batch with that number.
    pub(super) fn cast(&self, number: u64, path: &str) -> String {
        self.text
            .replace(ID, &format!("batch-{number:010}"))
            .replace(PATH, path)
            .replace(NAME, &number.to_string())
    }

    /// The same as a request from an address.
    pub(super) fn request(&self, number: u64, path: &str, address: &str) -> Vec<u8> {
        request(&self.site, address, &self.cast(number, path))
    }
}

/// One of sixteen million addresses.
pub(super) fn address(number: u64) -> String {
    let [.., a, b, c] = number.to_be_bytes();
    format!("11.{a}.{b}.{c}")
}
