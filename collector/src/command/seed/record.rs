//! Each page view of the demo fleet in a file, for who computes figures again without the collector's sums.
//!
//! In: what is accepted, as it is drawn. Out: one JSON object a line for each page view, with the values that count at
//! its end. What must never happen: a view twice, a robot's view among them, or a figure that was added up.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::event::{Accepted, Event, Millis};

/// A page view as it is written.
#[derive(Serialize)]
struct Line {
    at_ms: Millis,
    site: String,
    template: Option<String>,
    build: Option<String>,
    page: String,
    device: &'static str,
    country: String,
    browser: String,
    navigation: &'static str,
    /// Each vital in its unit: ms, CLS as a score.
    values: BTreeMap<&'static str, f64>,
}

/// The file, and the view that a second batch may still be of.
pub(super) struct Record {
    file: BufWriter<File>,
    last: Option<Line>,
}

impl Record {
    /// Makes the file, or empties it.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path)
            .with_context(|| format!("--record {} cannot be written", path.display()))?;
        Ok(Self {
            file: BufWriter::new(file),
            last: None,
        })
    }

    /// Takes a batch. One that counts no view is of the view before it, or a robot's.
    pub(super) fn take(&mut self, accepted: &Accepted) -> Result<()> {
        let view = &accepted.view;
        if view.counted {
            self.write()?;
            self.last = Some(Line {
                at_ms: view.start_ms,
                site: view.site.clone(),
                template: view.template.clone(),
                build: view.build.clone(),
                page: view.page.clone(),
                device: view.device.word(),
                country: view.country.clone(),
                browser: view.browser.clone(),
                navigation: view.navigation.word(),
                values: BTreeMap::new(),
            });
        }
        for event in &accepted.events {
            if let (Event::Vital { metric, value, .. }, Some(line)) = (event, &mut self.last) {
                line.values.insert(metric.name(), *value);
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        if let Some(line) = self.last.take() {
            serde_json::to_writer(&mut self.file, &line)?;
            self.file.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> Result<()> {
        self.write()?;
        self.file.flush()?;
        Ok(())
    }
}
