//! A body of server events, from its bytes to the records in the spool.

use std::sync::LazyLock;

use foresight::{
    access::Host,
    event::{Confirmed, Millis, Recorded},
    ingest::probe,
};
use foresight_shared::{ServerBatch, limits};

/// The time of receipt. That of the published example.
const NOW_MS: Millis = 1_793_000_050_000;

static HOST: LazyLock<Host> = LazyLock::new(|| "bakery.4site.pro".parse().expect("a host"));

/// Any body is refused with a reason, or taken within every limit; what is taken is written anew and
/// taken alike, is one record for each event that leads back, and a token of one site covers no
/// other.
pub fn events(body: &[u8]) {
    let taken = match probe::take_events(body, None, NOW_MS) {
        Ok(taken) => taken,
        Err(refused) => return assert!([400, 422].contains(&refused.status), "{refused:?}"),
    };
    assert!((1..=limits::SERVER_EVENTS).contains(&taken.len()));
    for confirmed in &taken {
        check(confirmed);
    }
    let batch = ServerBatch {
        v: limits::SERVER_VERSION,
        events: taken.iter().map(|one| one.event.clone()).collect(),
    };
    let written = serde_json::to_vec(&batch).expect("plain data");
    let again = probe::take_events(&written, None, NOW_MS);
    let again = again.unwrap_or_else(|refused| panic!("{refused:?}"));
    assert_eq!(again.len(), taken.len());

    let covered = taken.iter().all(|one| one.site() == HOST.as_str());
    match probe::take_events(body, Some(&HOST), NOW_MS) {
        Ok(_) => assert!(covered),
        Err(refused) => assert!(!covered && refused.status == 403, "{refused:?}"),
    }
}

fn check(confirmed: &Confirmed) {
    let record = confirmed.to_record().expect("a record");
    let Ok(Recorded::Confirmed(read)) = Recorded::from_record(&record) else {
        panic!("{confirmed:?} is not read back");
    };
    assert_eq!(read.key(), confirmed.key());
    // The key is one text of two: neither part may have what divides them.
    let key = confirmed.key();
    let parts: Vec<_> = key.split(' ').collect();
    assert_eq!(parts, [confirmed.site(), &confirmed.event.id]);
    let site = confirmed.site();
    assert!(site.is_empty() || site.parse::<Host>().is_ok(), "{site}");
    // The database is given the digest of what is read back; a repeat through another collector is
    // compared with it.
    assert_eq!(read.digest(), confirmed.digest(), "{confirmed:?}");
}
