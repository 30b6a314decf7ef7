//! Blocks of sums, as the database may give them back.

use std::collections::BTreeMap;

use foresight::{
    rollup::Distribution,
    store::probe::{As, FACETS, Sums, VIEW, sum, sum_by_lane, sums},
};

/// Any bytes are refused, or are a block that says the same once it is written anew, whole or by
/// lane, adds up in any order, can be taken out again, and loses no value where a view's words are
/// divided. The first two bytes say where the second block begins.
pub fn block(data: &[u8]) {
    let Some((&[high, low], data)) = data.split_first_chunk() else {
        return;
    };
    let cut = usize::from(u16::from_be_bytes([high, low]));
    let (left, right) = data.split_at(cut.min(data.len()));
    let (left, right) = (read(left), read(right));
    for (bytes, said) in left.iter().chain(&right) {
        assert_eq!(said_by(sum(&[(bytes, 1)], As::Itself)), *said);
        let lanes = sum_by_lane(&[(bytes, 1)], As::Itself).expect("a block");
        let lanes = lanes.iter().map(|lane| sums(lane).expect("a lane's block"));
        assert_eq!(lanes.flatten().collect::<Sums>(), *said);
        views_are_divided(bytes, said);
    }
    if let (Some((left, _)), Some((right, said))) = (left, right) {
        let both = said_by(sum(&[(left, 1), (right, 1)], As::Itself));
        let other = said_by(sum(&[(right, 1), (left, 1)], As::Itself));
        assert_eq!(both, other);
        if is_sane(&both) && is_sane(&said) && is_sane(&sums(left).expect("a block")) {
            for what in [As::Itself, As::Day, As::Fleet] {
                let rest = sum(&[(right, 1), (left, 1), (right, -1), (left, -1)], what);
                assert!(said_by(rest).is_empty());
            }
            let rest = sum(&[(left, 1), (right, 1), (left, -1)], As::Itself);
            assert_eq!(said_by(rest), said);
        }
    }
}

fn read(bytes: &[u8]) -> Option<(&[u8], Sums)> {
    let said = sums(bytes);
    // Whoever adds it up must find it as whole as whoever reads it.
    assert_eq!(sum(&[(bytes, 1)], As::Itself).is_ok(), said.is_ok());
    said.ok().map(|said| (bytes, said))
}

fn said_by<E: std::fmt::Debug>(sum: Result<Option<Vec<u8>>, E>) -> Sums {
    let bytes = sum.expect("a sum of blocks");
    bytes.map_or_else(Sums::new, |bytes| sums(&bytes).expect("its own block"))
}

/// A day has each value once under each facet, and the fleet's hour under each but the page.
fn views_are_divided(bytes: &[u8], said: &Sums) {
    if !is_sane(said) {
        return;
    }
    let day = said_by(sum(&[(bytes, 1)], As::Day));
    assert!(day.keys().all(|(_, shape, _)| *shape != VIEW));
    for facet in FACETS {
        let before = total(said, &[VIEW, facet]);
        assert_eq!(total(&day, &[facet]), before);
    }
    let fleet = said_by(sum(&[(bytes, 1)], As::Fleet));
    let [page, others @ ..] = FACETS;
    assert!(fleet.keys().all(|(_, shape, _)| others.contains(shape)));
    assert!(total(&fleet, &[page]).is_empty());
    for facet in others {
        let mut before = total(said, &[VIEW, facet]);
        let after = total(&fleet, &[facet]);
        before.retain(|lane, _| after.contains_key(lane));
        assert_eq!(after, before);
    }
}

/// All that a block has in some shapes, by lane.
fn total(said: &Sums, shapes: &[u8]) -> BTreeMap<u8, Distribution> {
    let mut total = BTreeMap::<_, Distribution>::new();
    for ((lane, shape, _), sum) in said {
        if shapes.contains(shape) {
            total.entry(*lane).or_default().add(sum);
        }
    }
    total.retain(|_, sum| !sum.is_empty());
    total
}

/// Without numbers so large that sums end at their limits: those are damage, and stay wrong.
fn is_sane(said: &Sums) -> bool {
    let numbers = |sum: &Distribution| {
        let bins: Vec<_> = sum.histogram.iter().map(|(_, count)| count).collect();
        [bins, sum.ratings.to_vec(), vec![sum.count, sum.sum]].concat()
    };
    let mut numbers = said.values().flat_map(numbers);
    numbers.all(|number| number.unsigned_abs() < 1 << 48)
}
