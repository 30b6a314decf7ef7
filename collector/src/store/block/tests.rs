//! Blocks are sums: their order, their cuts and their bytes change nothing.

use foresight_shared::Metric;
use proptest::prelude::*;

use super::*;
use crate::event::Kind;

/// A sum to add: page, country, name, lane, value, and whether it is taken out.
type One = (usize, usize, usize, usize, f64, bool);

const PAGES: [&str; 3] = ["/", "/menu", ""];
const COUNTRIES: [&str; 2] = ["DE", "unknown"];
const NAMES: [&str; 3] = ["", "form", "/"];

fn one() -> impl Strategy<Value = One> {
    (
        0..3_usize,
        0..2_usize,
        0..3_usize,
        0..3_usize,
        0.0..9e3_f64,
        any::<bool>(),
    )
}

fn record(block: &mut Block, &(page, country, name, lane, value, out): &One) {
    let mut sum = Distribution::default();
    let words = [
        PAGES[page],
        "phone",
        COUNTRIES[country],
        "Firefox",
        "navigate",
    ];
    let (lane, shape, words, name) = match lane {
        0 => (Lane::vital(Metric::Lcp), Shape::View, &words[..], ""),
        1 => (Lane::cause(Metric::Cls), Shape::Cause, &words[..3], ""),
        _ => (
            Lane::activity(Kind::Lead),
            Shape::View,
            &words[..],
            NAMES[name],
        ),
    };
    if lane.kind().is_some() {
        sum.count = if out { -1 } else { 1 };
    } else {
        sum.record(Metric::Lcp, value, out.then_some(value / 2.0));
    }
    let key = block.key(shape, words, name);
    block.sum(lane, key).add(&sum);
}

fn block(all: &[One]) -> Block {
    let mut block = Block::default();
    all.iter().for_each(|one| record(&mut block, one));
    block
}

/// Everything in a block, by lane and words.
fn told(bytes: Option<&[u8]>) -> BTreeMap<(u8, Vec<String>), Distribution> {
    let mut told = BTreeMap::new();
    let Some(bytes) = bytes else { return told };
    let parsed = Parsed::of(bytes).unwrap();
    for section in &parsed.sections {
        for entry in section.entries() {
            let (key, value) = entry.unwrap();
            let key = &parsed.keys[key];
            let mut words = vec![format!("{:?}", key.shape())];
            let of = |word: &u32| parsed.words[*word as usize].to_owned();
            words.extend(key.words().iter().map(of));
            let sum: &mut Distribution = told.entry((section.lane.number(), words)).or_default();
            section.lane.add(sum, value, 1).unwrap();
        }
    }
    told
}

fn sum(
    parts: &[(&[One], i64)],
    projection: Projection<'_>,
) -> BTreeMap<(u8, Vec<String>), Distribution> {
    let mut sum = Block::default();
    for (part, times) in parts {
        if let Some(bytes) = block(part).to_bytes(None) {
            sum.add(&Parsed::of(&bytes).unwrap(), projection, *times)
                .unwrap();
        }
    }
    told(sum.to_bytes(None).as_deref())
}

proptest! {
    #[test]
    fn a_sum_of_parts_is_the_whole_in_any_order_and_what_is_taken_out_cancels(
        all in prop::collection::vec(one(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 2),
        projection in prop::sample::select(
            &[
                Projection::Same,
                Projection::Facets,
                Projection::Fleet,
                Projection::OfSite("a.example"),
            ][..],
        ),
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(all.len() + 1)).collect();
        cuts.sort_unstable();
        let (a, b, c) = (&all[..cuts[0]], &all[cuts[0]..cuts[1]], &all[cuts[1]..]);
        let whole = sum(&[(&all, 1)], projection);
        prop_assert_eq!(&sum(&[(a, 1), (b, 1), (c, 1)], projection), &whole);
        prop_assert_eq!(&sum(&[(c, 1), (a, 1), (b, 1)], projection), &whole);
        prop_assert_eq!(&sum(&[(&all, 1), (b, -1)], projection), &sum(&[(a, 1), (c, 1)], projection));
        prop_assert!(sum(&[(&all, 1), (&all, -1)], projection).is_empty());
    }

    #[test]
    fn every_facet_has_the_whole_sum(all in prop::collection::vec(one(), 1..40)) {
        let totals = |facets: bool| {
            let mut totals: BTreeMap<(u8, String), i64> = BTreeMap::new();
            let projection = if facets { Projection::Facets } else { Projection::Same };
            for ((lane, words), sum) in sum(&[(&all, 1)], projection) {
                let shape = words[0].clone();
                *totals.entry((lane, shape)).or_default() += sum.count;
            }
            totals
        };
        let whole = totals(false);
        for ((lane, shape), count) in totals(true) {
            let from = if shape == "Cause" { "Cause" } else { "View" };
            // A facet's sums may cancel out; then it has no key, and no total to compare.
            prop_assert_eq!(whole.get(&(lane, from.to_owned())).copied().unwrap_or(0), count);
        }
    }

    #[test]
    fn the_bytes_of_lanes_are_those_of_the_block(all in prop::collection::vec(one(), 0..40)) {
        let block = block(&all);
        let mut lanes = BTreeMap::new();
        for lane in block.lanes() {
            lanes.extend(told(block.to_bytes(Some(lane)).as_deref()));
        }
        prop_assert_eq!(lanes, told(block.to_bytes(None).as_deref()));
    }

    #[test]
    fn damaged_bytes_never_panic(
        all in prop::collection::vec(one(), 0..10),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut bytes = block(&all).to_bytes(None).unwrap_or_default();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        for bytes in [bytes, noise] {
            if let Ok(parsed) = Parsed::of(&bytes) {
                let _ = Block::default().add(&parsed, Projection::Facets, 1);
            }
        }
    }
}

#[test]
fn damage_is_named() {
    let read = |bytes: &[u8]| {
        let parsed = Parsed::of(bytes)?;
        Block::default().add(&parsed, Projection::Same, 1)
    };
    for (bytes, error) in [
        (
            &[][..],
            "database row: a block has format None, this version reads format 1",
        ),
        (
            &[9],
            "database row: a block has format Some(9), this version reads format 1",
        ),
        (&[1], "database row: histogram is cut off"),
        (&[1, 1, 9, b'a'], "database row: a block is cut off"),
        (
            &[1, 1, 1, 0xff],
            "database row: a block has a word that is not UTF-8",
        ),
        (&[1, 0, 1, 77], "database row: a block has a key of kind 77"),
        (
            &[1, 1, 1, b'a', 1, 1, 0, 3],
            "database row: a block has word 3 of 1",
        ),
        (
            &[1, 0, 0, 16, 1, 2, 0, 2],
            "database row: a block has key 0 of 0",
        ),
    ] {
        assert_eq!(read(bytes).unwrap_err().to_string(), error, "{bytes:?}");
    }
}

#[test]
fn the_bytes_of_a_block_stay_what_they_are() {
    let mut block = Block::default();
    let words = ["/", "phone", "DE", "Firefox", "navigate"];
    let mut lcp = Distribution::default();
    lcp.record(Metric::Lcp, 100.0, None);
    let key = block.key(Shape::View, &words, "");
    block.sum(Lane::vital(Metric::Lcp), key).add(&lcp);
    let one = Distribution {
        count: 1,
        ..Distribution::default()
    };
    block.sum(Lane::activity(Kind::View), key).add(&one);
    let bytes = block.to_bytes(None).unwrap();
    let expected = b"\x01\x05\x01/\x05phone\x02DE\x07Firefox\x08navigate\x01\0\0\x01\x02\x03\x04";
    assert_eq!(bytes[..expected.len()], expected[..]);
    assert_eq!(
        bytes[expected.len() + 5..].first(),
        Some(&2),
        "one good value, zigzag"
    );
    assert_eq!(bytes[bytes.len() - 5..], [16, 1, 2, 0, 2]);
}

#[test]
fn sums_by_site_have_each_device_and_can_lose_a_site() {
    let mut fleet = Block::default();
    for (site, values) in [("a.example", [1.0, 2.0]), ("b.example", [3.0, 4.0])] {
        let all = values.map(|value| (0, 0, 0, 0, value, false));
        let elsewhere = (2, 1, 0, 0, 5.0, false);
        let (cause, lead) = ((0, 0, 0, 1, 9.0, false), (0, 0, 1, 2, 9.0, false));
        let hour = block(&[all[0], all[1], elsewhere, cause, lead]);
        let bytes = hour.to_bytes(None).unwrap();
        let parsed = Parsed::of(&bytes).unwrap();
        fleet.add(&parsed, Projection::OfSite(site), 1).unwrap();
    }
    let key = |site: &str| {
        (
            0,
            vec!["Site".to_owned(), site.to_owned(), "phone".to_owned()],
        )
    };
    let bytes = fleet.to_bytes(None).unwrap();
    let sums = told(Some(&bytes));
    let keys: Vec<_> = sums.keys().cloned().collect();
    // Neither causes nor leads, and pages and countries added up.
    assert_eq!(keys, [key("a.example"), key("b.example")]);
    assert!(sums.values().all(|sum| sum.count == 3));
    let mut without = Block::default();
    let parsed = Parsed::of(&bytes).unwrap();
    without
        .add(&parsed, Projection::Without("a.example"), 1)
        .unwrap();
    let left = without.to_bytes(None).unwrap();
    assert_eq!(
        told(Some(&left)).into_keys().collect::<Vec<_>>(),
        [key("b.example")]
    );
    // Its name is gone too.
    assert!(!left.windows(9).any(|part| part == b"a.example"));
}
