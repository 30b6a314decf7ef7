//! What is in the database, bin by bin: answers of the API put ten bins together and round.
//!
//! In: a database, and what must have been counted. Out: the first difference. Must never happen: a
//! bin that is compared with a tolerance.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use foresight::store::{self, Selection};

use crate::Tally;

impl Tally {
    /// Compares count and bins of every metric with a database's, for one site or all.
    ///
    /// # Errors
    /// The first difference.
    pub async fn check_bins(&self, store_url: &str, site: Option<&str>) -> Result<()> {
        let store = store::open(store_url).await?;
        let everything = Selection {
            from_ms: 0,
            to_ms: i64::MAX / 2,
            site: site.map(ToOwned::to_owned),
            page: None,
            device: None,
            country: None,
            browser: None,
            navigation: None,
        };
        let sums = store.distributions(&everything, None, None).await?;
        let mut found = BTreeMap::new();
        for sum in sums {
            let bins: BTreeMap<_, _> = sum
                .distribution
                .histogram
                .iter()
                .filter(|(_, count)| *count != 0)
                .collect();
            let total: i64 = bins.values().sum();
            ensure!(
                sum.distribution.count == total,
                "{:?}: {} values, but {total} in bins",
                sum.metric,
                sum.distribution.count
            );
            if !bins.is_empty() {
                found.insert(sum.metric, bins);
            }
        }
        let expected = self.bins();
        for (metric, bins) in &expected {
            let there = found.remove(metric).unwrap_or_default();
            for bin in bins.keys().chain(there.keys()) {
                let (count, found) = (bins.get(bin), there.get(bin));
                ensure!(
                    count == found,
                    "{metric:?}, bin {bin}: expected {count:?}, found {found:?}"
                );
            }
        }
        let more = found.keys().next();
        more.map_or(Ok(()), |metric| {
            Err(anyhow::anyhow!("{metric:?} is too much"))
        })
        .context("metrics that nobody sent")
    }
}
