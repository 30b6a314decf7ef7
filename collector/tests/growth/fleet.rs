//! A small fleet, counted by hand: every verdict, the coefficient and its parts, the funnel, the tree.

use std::collections::{BTreeMap, HashMap};

use foresight::{
    event::{DAY_MS, Millis},
    growth::{
        Depth, Facet, Fleet, Model, Period, Rules, State, Step, Verdict, cohorts, cycle, estimate,
        funnel, owner_depths, share_depths,
    },
    store::{Facts, Generation, Goal, SharedLink},
};

use crate::{
    coverage::rules,
    process::{START_MS, at},
};

fn generation(site: &str, owner: &str, days: f64, share: Option<&str>) -> Generation {
    Generation {
        site: format!("{site}.example"),
        owner: owner.into(),
        at_ms: at(days),
        template: Some(if owner == "o3" { "nova" } else { "aurora" }.into()),
        referred_by: share.map(str::to_owned),
    }
}

fn share(
    site: &str,
    id: &str,
    parent: Option<&str>,
    (channel, country): (&str, &str),
    days: f64,
) -> SharedLink {
    SharedLink {
        site: format!("{site}.example"),
        id: id.into(),
        parent: parent.map(str::to_owned),
        channel: channel.into(),
        country: Some(country.into()),
        shared_ms: at(days),
    }
}

/// Three owners come by themselves, and through their shares come others: honest ones and others.
fn facts() -> Facts {
    let second = 1.0 / 86_400.0;
    Facts {
        generations: vec![
            generation("s1", "o1", 0.0, None),
            generation("s2", "o2", 1.0, None),
            generation("s3", "o3", 2.0, None),
            generation("s4", "o4", 3.0, Some("share-a")),
            generation("s5", "o5", 10.0, Some("share-b")),
            generation("s6", "o6", 2.0 + 10.0 * second, Some("share-c")),
            generation("s2b", "o2", 5.0, Some("share-c")),
            generation("s3b", "o3", 6.0, Some("share-a")),
            generation("s7", "o7", 4.0, Some("share-nobody-told")),
            generation("s8", "o8", 40.0, Some("share-a")),
            generation("s9", "o9", 5.0, Some("share-x")),
            generation("s10", "o10", 6.0, Some("share-c")),
        ],
        goals: vec![Goal {
            site: "s10.example".into(),
            at_ms: at(4.0),
            name: "generator_opened".into(),
            share: "share-a".into(),
        }],
        shares: vec![
            share("s1", "share-a", None, ("whatsapp", "DE"), 1.0),
            // By a visitor of s1 who came through share-a.
            share("s1", "share-b", Some("share-a"), ("email", "AT"), 3.0),
            share("s2", "share-c", None, ("whatsapp", "DE"), 2.0),
            share("nobodys", "share-x", None, ("copy", "DE"), 4.0),
            // Somebody copied an id: the first one stays what servers mean.
            share("s3", "share-c", None, ("copy", "FR"), 30.0),
        ],
    }
}

const LATE_MS: Millis = START_MS + 100 * DAY_MS;

#[test]
fn each_conversion_has_its_verdict_and_nothing_is_thrown_away() {
    let facts = facts();
    let fleet = Fleet::of(&facts, &rules());
    let found: BTreeMap<_, _> = fleet
        .conversions
        .iter()
        .map(|one| {
            let by = one.by.map(|by| fleet.owners[by].site);
            ((fleet.owners[one.owner].site, one.at_ms), (one.verdict, by))
        })
        .collect();
    let (one, two) = (Some("s1.example"), Some("s2.example"));
    let expected = [
        ("s4.example", 3.0, Verdict::Qualified, one),
        ("s5.example", 10.0, Verdict::Qualified, one),
        ("s6.example", 2.0 + 10.0 / 86_400.0, Verdict::TooFast, two),
        ("s2.example", 5.0, Verdict::SelfReferral, two),
        ("s3.example", 6.0, Verdict::Returning, one),
        ("s7.example", 4.0, Verdict::UnknownShare, None),
        ("s8.example", 40.0, Verdict::TooLate, one),
        ("s9.example", 5.0, Verdict::UnknownOwner, None),
        ("s10.example", 6.0, Verdict::Qualified, two),
    ];
    let expected: BTreeMap<_, _> = expected
        .into_iter()
        .map(|(site, days, verdict, by)| ((site, at(days)), (verdict, by)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_first_touch_counts_if_it_is_asked_for_and_no_touch_from_before_the_window() {
    let facts = facts();
    let by = |rules: &Rules| {
        let fleet = Fleet::of(&facts, rules);
        let last = fleet
            .owners
            .iter()
            .position(|one| one.site == "s10.example");
        let found = fleet.conversions.iter().find(|one| Some(one.owner) == last);
        let found = found.unwrap();
        (found.verdict, fleet.owners[found.by.unwrap()].site)
    };
    let mut rules = rules();
    assert_eq!(by(&rules), (Verdict::Qualified, "s2.example"));
    rules.model = Model::FirstTouch;
    assert_eq!(by(&rules), (Verdict::Qualified, "s1.example"));
    // The goal was told two days before, share-c four.
    rules.window_ms = 3 * DAY_MS;
    rules.model = Model::LastTouch;
    assert_eq!(by(&rules), (Verdict::Qualified, "s1.example"));
    rules.window_ms = DAY_MS;
    assert_eq!(by(&rules), (Verdict::TooLate, "s2.example"));
}

#[test]
fn the_order_of_the_facts_changes_nothing() {
    let facts = facts();
    let mut other = facts.clone();
    other.generations.reverse();
    other.shares.reverse();
    let (one, two) = (Fleet::of(&facts, &rules()), Fleet::of(&other, &rules()));
    assert_eq!(one.owners, two.owners);
    assert_eq!(one.shares, two.shares);
    assert_eq!(one.conversions, two.conversions);
}

#[test]
fn the_coefficient_is_the_product_of_its_parts() {
    let facts = facts();
    let fleet = Fleet::of(&facts, &rules());
    let cohorts = cohorts(&fleet, Period::Week, START_MS, at(14.0));
    // Robots are in no cohort.
    assert_eq!(
        cohorts
            .iter()
            .map(|one| one.members.len())
            .collect::<Vec<_>>(),
        [7, 1]
    );
    let members = &cohorts[0].members;
    for (days, conversions, shares) in [(7, 2, 3), (14, 3, 3), (30, 3, 4)] {
        let found = estimate(&fleet, members, days, (cohorts[0].end_ms, LATE_MS), |_| {
            true
        });
        assert_eq!((found.state, found.observed), (State::Mature, 7));
        assert_eq!(
            (found.conversions, found.shares),
            (conversions, shares),
            "{days}"
        );
        let (k, i, c) = (found.k.unwrap(), found.i.unwrap(), found.c.unwrap());
        assert_eq!(k, conversions as f64 / 7.0);
        let product = found.active as f64 / 7.0 * i * c;
        assert!((k - product).abs() < 1e-12, "{k} {product}");
        // Seven owners say too little for an interval.
        assert_eq!(found.interval, None);
    }
    let by_email = estimate(&fleet, members, 14, (cohorts[0].end_ms, LATE_MS), |share| {
        Facet::Channel.of(share) == "email"
    });
    assert_eq!(by_email.conversions, 1);
    let found = cycle(&fleet, members, LATE_MS);
    assert_eq!(found.conversions, 3);
    assert_eq!(found.p50_ms, Some(5 * DAY_MS));
    assert_eq!(found.p90_ms, Some(10 * DAY_MS));
}

#[test]
fn a_window_that_has_not_passed_is_not_one_without_conversions() {
    let facts = facts();
    let fleet = Fleet::of(&facts, &rules());
    let cohort = cohorts(&fleet, Period::Week, START_MS, START_MS + 1).remove(0);
    let ask = |days, now_ms| {
        estimate(
            &fleet,
            &cohort.members,
            days,
            (cohort.end_ms, now_ms),
            |_| true,
        )
    };
    for (days, now, state, observed) in [
        (7, 14.0, State::Mature, 7),
        (7, 13.9, State::Partial, 7),
        (7, 8.0, State::Partial, 2),
        (7, 6.9, State::Immature, 0),
        (14, 14.0, State::Partial, 1),
        (30, 14.0, State::Immature, 0),
    ] {
        let found = ask(days, at(now));
        assert_eq!(
            (found.state, found.observed),
            (state, observed),
            "{days} {now}"
        );
        assert_eq!(found.k.is_some(), observed > 0);
    }
}

#[test]
fn the_funnel_is_of_the_shares_of_its_range() {
    let facts = facts();
    let fleet = Fleet::of(&facts, &rules());
    let visits = HashMap::from([
        (("s1.example".to_owned(), "share-a".to_owned()), 9),
        (("s2.example".to_owned(), "share-c".to_owned()), 4),
        (("s2.example".to_owned(), "share-unknown".to_owned()), 100),
    ]);
    let ask = |facet, from, to| {
        let range = (at(from), at(to));
        let has_lead = |site: &str| site == "s4.example";
        funnel(&facts, &fleet, &rules(), facet, range, &visits, has_lead)
    };
    let all = Step {
        shares: 4,
        visits: 13,
        opened: 1,
        generated: 8,
        qualified: 3,
        with_lead: 1,
    };
    assert_eq!(
        ask(None, 0.0, 7.0),
        BTreeMap::from([("all".to_owned(), all)])
    );
    let channels = ask(Some(Facet::Channel), 0.0, 7.0);
    let email = Step {
        shares: 1,
        generated: 1,
        qualified: 1,
        ..Step::default()
    };
    assert_eq!(channels["email"], email);
    assert_eq!(channels["whatsapp"].generated, 6);
    let sum = channels.values().map(|step| step.generated).sum::<usize>();
    assert_eq!((channels.len(), sum), (3, all.generated));
    let keys = |facet| ask(Some(facet), 0.0, 7.0).into_keys().collect::<Vec<_>>();
    assert_eq!(keys(Facet::Template), ["aurora", "unknown"]);
    assert_eq!(keys(Facet::Country), ["AT", "DE"]);
    assert_eq!(keys(Facet::Depth), ["0", "1"]);
    // Of the shares of one day nothing of the others is counted.
    assert_eq!(ask(None, 3.0, 4.0)["all"], email);
    assert!(ask(None, 50.0, 60.0).is_empty());
}

#[test]
fn the_tree_is_counted_by_depth() {
    let facts = facts();
    let fleet = Fleet::of(&facts, &rules());
    let depth = |depth, count, qualified| Depth {
        depth,
        count,
        qualified,
    };
    let range = (at(0.0), at(100.0));
    assert_eq!(
        share_depths(&fleet, range),
        [depth(0, 4, 2), depth(1, 1, 1)]
    );
    assert_eq!(
        owner_depths(&fleet, range),
        [depth(0, 7, 3), depth(1, 3, 0)]
    );
}
