//! A collector that is abused: its sites, and its settings.

use anyhow::Result;
use foresight_tests::{Collector, Database, Home, Site};

/// The rate limits that a collector has if nobody sets others.
pub(super) const LIMITED: [(&str, &str); 4] = [
    ("SITE_BATCHES_PER_SECOND", "500"),
    ("SITE_BURST", "5000"),
    ("CLIENT_BATCHES_PER_SECOND", "20"),
    ("CLIENT_BURST", "200"),
];

/// The same, with less for a site: a machine that is busy with other tests sends too slowly to reach
/// the other one.
pub(super) const LITTLE_FOR_A_SITE: [(&str, &str); 4] = [
    ("SITE_BATCHES_PER_SECOND", "20"),
    ("SITE_BURST", "1000"),
    ("CLIENT_BATCHES_PER_SECOND", "20"),
    ("CLIENT_BURST", "200"),
];

/// No limits that matter: what is behind them is abused.
pub(super) const UNLIMITED: [(&str, &str); 0] = [];

/// A running collector behind a proxy on this machine, whose word on addresses it believes.
pub(super) struct Scene {
    pub(super) home: Home,
    pub(super) collector: Collector,
    /// The site that is abused.
    pub(super) victim: Site,
    /// The site of the honest visitors.
    pub(super) honest: Site,
}

impl Scene {
    pub(super) async fn set(settings: &[(&str, &str)]) -> Result<Self> {
        let mut home = Home::new(Database::Sqlite).await?;
        home.set("TRUSTED_PROXIES", "127.0.0.1/32");
        for (key, value) in settings {
            home.set(key, value);
        }
        let victim = home.add_site("victim.example").await?;
        let honest = home.add_site("honest.example").await?;
        let collector = home.start().await?;
        Ok(Self {
            home,
            collector,
            victim,
            honest,
        })
    }
}
