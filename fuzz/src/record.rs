//! A record of the spool, as a damaged disk may give it back.

use foresight::{
    event::{Confirmed, Recorded},
    rollup::Rollup,
};

/// Any bytes are refused, or are a record that reads the same once it is written anew, and that the
/// fold survives: one flipped bit must not stop everything behind it.
pub fn record(bytes: &[u8]) {
    let Ok(recorded) = Recorded::from_record(bytes) else {
        return;
    };
    let written = written(&recorded);
    let again = Recorded::from_record(&written).expect("its own record");
    match (recorded, again) {
        (Recorded::Accepted(one), Recorded::Accepted(again)) => {
            // Compared as bytes: a damaged number may be NaN, which equals nothing.
            assert_eq!(again.to_record().expect("a record"), written);
            let mut rollup = Rollup::default();
            rollup.fold(one);
            rollup.fold(again);
            assert!(!rollup.is_empty());
        }
        (Recorded::Confirmed(one), Recorded::Confirmed(again)) => {
            assert_eq!(one.key(), again.key());
            // One of ours says the same for ever; this may have had more digits than ours have.
            let settled = Confirmed::new(again.received_ms, again.event.clone());
            assert_eq!(settled.expect("a record").digest(), again.digest());
        }
        (one, again) => panic!("{one:?} is read as {again:?}"),
    }
}

fn written(recorded: &Recorded) -> Vec<u8> {
    let written = match recorded {
        Recorded::Accepted(accepted) => accepted.to_record(),
        Recorded::Confirmed(confirmed) => confirmed.to_record(),
    };
    written.expect("a record")
}
