//! How fast the rooms on a batch's path are, one by one: `cargo bench -p foresight`.
//!
//! In: the example batch. Out: criterion's report, in batches per second. Figures of one machine
//! mean little; compare two commits in one session.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use foresight::{
    event::{Accepted, Device, Event, View},
    metrics::Metrics,
    rollup::{Histogram, Rollup},
    spool::{Record, Settings, Spool},
};
use foresight_shared::{Batch, Metric, NavigationType};

const EXAMPLE: &str = include_str!("../../shared/examples/batch.v1.json");

/// Appends that wait for one another's commit, as connections would.
const AT_ONCE: u64 = 256;

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Elements(1));
    group.bench_function("the example into borrowed types", |b| {
        b.iter(|| serde_json::from_str::<Batch<'_>>(EXAMPLE));
    });
    group.finish();
}

fn spool(c: &mut Criterion) {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => panic!("no runtime: {error}"),
    };
    // In the target directory, not in /tmp: that may be memory, where syncing costs nothing.
    let dir = match tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")) {
        Ok(dir) => dir,
        Err(error) => panic!("no directory: {error}"),
    };
    let spool = runtime.block_on(open(dir.path()));
    let next = AtomicU64::new(0);
    let payload = Bytes::from(record(1));
    let mut group = c.benchmark_group("spool");
    group.throughput(Throughput::Elements(AT_ONCE));
    group.bench_function("256 appends at once, durable", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let appends = (0..AT_ONCE).map(|_| {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    spool.append(Record {
                        batch_id: format!("{id:022}"),
                        received_ms: 0,
                        payload: payload.clone(),
                    })
                });
                futures_util::future::join_all(appends).await
            })
        });
    });
    group.finish();
}

async fn open(dir: &Path) -> Spool {
    let settings = Settings {
        path: dir.join("spool.db"),
        max_bytes: u64::MAX,
        max_age_ms: i64::MAX / 2,
        remember_ms: i64::MAX / 2,
    };
    match Spool::open(settings).await {
        Ok((spool, _)) => spool,
        Err(error) => panic!("no spool: {error}"),
    }
}

fn fold(c: &mut Criterion) {
    let records: Vec<_> = (0..1000).map(record).collect();
    let mut group = c.benchmark_group("fold");
    group.throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("1000 records of 100 pages", |b| {
        b.iter(|| {
            let mut rollup = Rollup::default();
            for record in &records {
                if let Ok(accepted) = Accepted::from_record(record) {
                    rollup.fold(accepted);
                }
            }
            rollup
        });
    });
    group.finish();
}

fn merge(c: &mut Criterion) {
    let parts: Vec<_> = (0..1000_u32)
        .map(|part| {
            let mut histogram = Histogram::default();
            (0..20).for_each(|n| histogram.record(f64::from(part % 50 * 40 + n * 7 + 1), 1));
            histogram.to_bytes()
        })
        .collect();
    let mut group = c.benchmark_group("histogram");
    group.throughput(Throughput::Elements(parts.len() as u64));
    group.bench_function("p75 of 1000 merged parts", |b| {
        b.iter(|| {
            let mut sum = Histogram::default();
            for part in &parts {
                if sum.add_bytes(part).is_err() {
                    return None;
                }
            }
            sum.quantile(0.75)
        });
    });
    group.finish();
}

fn scrape(c: &mut Criterion) {
    let metrics = match Metrics::new(500, []) {
        Ok(metrics) => metrics,
        Err(error) => panic!("no metrics: {error}"),
    };
    for site in 0..500_u32 {
        for device in ["phone", "tablet", "desktop", "unknown"] {
            for metric in Metric::ALL {
                let values = (1..20).map(|n| f64::from(site % 7 + n * n));
                let host = format!("site-{site:03}.4site.pro");
                metrics.observe_vitals(metric, values, &host, device);
            }
        }
    }
    let mut group = c.benchmark_group("scrape");
    group.sample_size(20);
    group.bench_function("500 sites, every device class", |b| {
        b.iter(|| metrics.scrape(true));
    });
    group.finish();
}

/// A page view with six vitals, on one of 100 pages.
fn record(number: u32) -> Vec<u8> {
    let vital = |metric, value| Event::Vital {
        metric,
        value,
        was: None,
        element: None,
    };
    let scale = f64::from(number % 37 + 1);
    let accepted = Accepted {
        view: View {
            site: "bakery.4site.pro".into(),
            template: Some("aurora".into()),
            build: Some("2.3.1".into()),
            page: format!("/page/{}", number % 100),
            device: Device::Phone,
            country: "DE".into(),
            browser: "Chrome".into(),
            navigation: NavigationType::Navigate,
            start_ms: 0,
            received_ms: 0,
            counted: true,
        },
        events: vec![
            vital(Metric::Ttfb, 20.0 * scale),
            vital(Metric::Fcp, 60.0 * scale),
            vital(Metric::Lcp, 110.0 * scale),
            vital(Metric::Inp, 9.0 * scale),
            vital(Metric::Fid, 1.5 * scale),
            vital(Metric::Cls, 0.004 * scale),
        ],
    };
    match accepted.to_record() {
        Ok(record) => record,
        Err(error) => panic!("no record: {error}"),
    }
}

criterion_group!(benches, decode, spool, fold, merge, scrape);
criterion_main!(benches);
