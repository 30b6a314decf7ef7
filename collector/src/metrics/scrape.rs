//! `GET /metrics`.
//!
//! In: the counters. Out: Prometheus' text, in gzip for those who take it, as Prometheus does: 500
//! sites are 14 MB of text and less than one of gzip. What must never happen: requests wait while the
//! text is written; it has a thread of its own.

use std::{io::Write, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use tokio::task::spawn_blocking;

use super::Metrics;

/// The metrics listener's routes.
pub fn router(metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .with_state(metrics)
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum ScrapeError {
    /// A name or label is not valid.
    #[error(transparent)]
    Text(#[from] prometheus::Error),
    /// The text could not be compressed.
    #[error("gzip: {0}")]
    Gzip(#[from] std::io::Error),
    /// The thread that wrote it ended.
    #[error(transparent)]
    Thread(#[from] tokio::task::JoinError),
}

async fn scrape(State(metrics): State<Arc<Metrics>>, headers: HeaderMap) -> Response {
    let gzip = takes_gzip(&headers);
    let written = spawn_blocking(move || metrics.scrape(gzip)).await;
    match written.map_err(ScrapeError::from).flatten() {
        Ok(bytes) => {
            let kind = [
                (header::CONTENT_TYPE, prometheus::TEXT_FORMAT),
                (header::VARY, "accept-encoding"),
            ];
            let encoding = gzip.then_some([(header::CONTENT_ENCODING, "gzip")]);
            match encoding {
                Some(encoding) => (kind, encoding, bytes).into_response(),
                None => (kind, bytes).into_response(),
            }
        }
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Metrics {
    /// The text of `GET /metrics`, in gzip or as it is.
    ///
    /// # Errors
    /// If a metric's name or label is not valid in the text format.
    pub fn scrape(&self, gzip: bool) -> Result<Vec<u8>, ScrapeError> {
        let text = self.text()?;
        if !gzip {
            return Ok(text);
        }
        // The fastest level: the text repeats itself so much that better ones save little.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&text)?;
        Ok(encoder.finish()?)
    }
}

/// Whether the client lists gzip, and not with the weight 0 (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            name.trim().eq_ignore_ascii_case("gzip") && weight.parse() != Ok(0.0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use foresight_shared::Metric;
    use std::io::Read;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (accepted, takes) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(takes_gzip(&headers), takes, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_scrape_of_500_sites_is_less_than_5_mb() {
        let metrics = Metrics::new(500, []).unwrap();
        for number in 0..500_u32 {
            let site = format!("site-{number:03}.4site.pro");
            for (place, device) in (0_u32..).zip(["phone", "tablet", "desktop", "unknown"]) {
                for metric in Metric::ALL {
                    // Values that differ, so that the numbers do not repeat themselves.
                    let values =
                        (0..20).map(|n| f64::from((number * 31 + place * 7 + n * n) % 977));
                    metrics.observe_vitals(metric, values, &site, device);
                }
            }
        }
        let gzip = metrics.scrape(true).unwrap();
        assert!(gzip.len() < 5_000_000, "{} bytes", gzip.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text.into_bytes(), metrics.scrape(false).unwrap());
        println!("{} bytes in gzip", gzip.len());
    }
}
