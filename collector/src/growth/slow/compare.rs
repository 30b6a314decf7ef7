//! Rates of bands, and how they differ from that of one of them.
//!
//! In: for each stratum how many views each band has, and in how many there was an outcome. Out, with x
//! outcomes in n views of a band, x' in n' of the reference, N = n + n' of a stratum:
//!
//! ```text
//! rate                 x / n of all strata together, with Wilson's interval
//! difference           of these rates, with Newcombe's interval
//! adjusted difference  sum((x n' - x' n) / N) / sum(n n' / N)
//! adjusted ratio       sum(x n' / N) / sum(x' n / N)
//! ```
//!
//! The adjusted ones are those of Mantel and Haenszel: views are compared within strata only, and a
//! stratum weighs as much as it has to say. Their variances stay right with few views in each of many
//! strata as well as with many in few:
//!
//! ```text
//! var(difference) = (difference sum(P) + sum(Q)) / sum(n n' / N)^2
//!                   P = (n^2 x' - n'^2 x + n n' (n' - n) / 2) / N^2
//!                   Q = (x (n' - x') + x' (n - x)) / 2 N
//! var(ln ratio)   = sum((n n' (x + x') - x x' N) / N^2) / (sum(x n' / N) sum(x' n / N))
//! ```
//!
//! Sources: Wilson 1927, <https://doi.org/10.1080/01621459.1927.10502953>; Newcombe 1998, method 10,
//! <https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I>; Sato, Greenland
//! and Robins, Biometrics 45 (1989), 1323, <https://www.jstor.org/stable/2531786>; Greenland and Robins,
//! Biometrics 41 (1985), 55, <https://doi.org/10.2307/2530643>. What must never happen: an interval of so
//! few outcomes that its formula does not hold.

/// The 97.5% quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// With fewer outcomes in two bands together, they are not compared.
const LEAST_OUTCOMES: u64 = 10;

/// Page views of a band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Page views.
    pub views: u64,
    /// Those with an outcome.
    pub outcomes: u64,
}

/// A number with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    /// The number.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What is known of a band. Rates and their differences are parts of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Views and outcomes of all strata.
    pub seen: Seen,
    /// Outcomes for each view.
    pub rate: Option<Estimated>,
    /// This rate less the reference's.
    pub difference: Option<Estimated>,
    /// The views that have views of the reference in their stratum: what follows is about them.
    pub compared: u64,
    /// The difference among views of one stratum.
    pub adjusted_difference: Option<Estimated>,
    /// The ratio of the rates among views of one stratum.
    pub adjusted_ratio: Option<Estimated>,
}

/// The figures of each band, over strata. The reference is not compared with itself.
#[must_use]
pub fn compare<const BANDS: usize>(strata: &[[Seen; BANDS]], reference: usize) -> [Figures; BANDS] {
    let sum = |band: usize| {
        let all = strata.iter().map(|stratum| stratum[band]);
        all.fold(Seen::default(), Seen::plus)
    };
    let base = sum(reference);
    std::array::from_fn(|band| {
        let seen = sum(band);
        let pairs: Vec<(Seen, Seen)> = strata
            .iter()
            .map(|stratum| (stratum[band], stratum[reference]))
            .filter(|(one, other)| one.views > 0 && other.views > 0)
            .collect();
        let is_enough = band != reference && enough(&[(seen, base)]);
        let is_comparable = band != reference && enough(&pairs);
        Figures {
            seen,
            rate: wilson(seen),
            difference: is_enough.then(|| newcombe(seen, base)).flatten(),
            compared: pairs.iter().map(|(one, _)| one.views).sum(),
            adjusted_difference: is_comparable.then(|| difference(&pairs)).flatten(),
            adjusted_ratio: is_comparable.then(|| ratio(&pairs)).flatten(),
        }
    })
}

impl Seen {
    const fn plus(self, other: Self) -> Self {
        Self {
            views: self.views + other.views,
            outcomes: self.outcomes + other.outcomes,
        }
    }
}

fn enough(pairs: &[(Seen, Seen)]) -> bool {
    let outcomes = pairs
        .iter()
        .map(|(one, other)| one.outcomes + other.outcomes);
    outcomes.sum::<u64>() >= LEAST_OUTCOMES
}

fn wilson(Seen { views, outcomes }: Seen) -> Option<Estimated> {
    if views == 0 {
        return None;
    }
    let n = views as f64;
    let rate = outcomes as f64 / n;
    let middle = rate + Z * Z / (2.0 * n);
    let half = Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    Some(Estimated {
        value: rate,
        low: ((middle - half) / whole).clamp(0.0, rate),
        high: ((middle + half) / whole).clamp(rate, 1.0),
    })
}

fn newcombe(one: Seen, other: Seen) -> Option<Estimated> {
    let (one, other) = (wilson(one)?, wilson(other)?);
    let value = one.value - other.value;
    let below = (one.value - one.low).hypot(other.high - other.value);
    let above = (one.high - one.value).hypot(other.value - other.low);
    Some(Estimated {
        value,
        low: value - below,
        high: value + above,
    })
}

/// Counts of a stratum as numbers: outcomes and views of the band, then of the reference, and all views.
fn numbers((one, other): &(Seen, Seen)) -> [f64; 5] {
    let [x, n] = [one.outcomes as f64, one.views as f64];
    let [x_ref, n_ref] = [other.outcomes as f64, other.views as f64];
    [x, n, x_ref, n_ref, n + n_ref]
}

fn difference(pairs: &[(Seen, Seen)]) -> Option<Estimated> {
    let (mut top, mut weight, mut p, mut q) = (0.0, 0.0, 0.0, 0.0);
    for [x, n, x_ref, n_ref, all] in pairs.iter().map(numbers) {
        top += (x * n_ref - x_ref * n) / all;
        weight += n * n_ref / all;
        let even = n * n_ref * (n_ref - n) / 2.0;
        p += (n * n * x_ref - n_ref * n_ref * x + even) / (all * all);
        q += (x * (n_ref - x_ref) + x_ref * (n - x)) / (2.0 * all);
    }
    let value = top / weight;
    let half = Z * (value * p + q).max(0.0).sqrt() / weight;
    finite(value, value - half, value + half)
}

fn ratio(pairs: &[(Seen, Seen)]) -> Option<Estimated> {
    let (mut top, mut base, mut spread) = (0.0, 0.0, 0.0);
    for [x, n, x_ref, n_ref, all] in pairs.iter().map(numbers) {
        top += x * n_ref / all;
        base += x_ref * n / all;
        spread += (n * n_ref * (x + x_ref) - x * x_ref * all) / (all * all);
    }
    let value = top / base;
    let factor = (Z * (spread / (top * base)).sqrt()).exp();
    finite(value, value / factor, value * factor)
}

fn finite(value: f64, low: f64, high: f64) -> Option<Estimated> {
    let all = [value, low, high];
    all.iter()
        .all(|one| one.is_finite())
        .then_some(Estimated { value, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(outcomes: u64, views: u64) -> Seen {
        Seen { views, outcomes }
    }

    fn near(found: Option<Estimated>, expected: [f64; 3]) {
        let found = found.unwrap();
        let found = [found.value, found.low, found.high];
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 5e-5;
        assert!(
            found.iter().zip(&expected).all(is_near),
            "{found:?} {expected:?}"
        );
    }

    /// Newcombe's own examples: 56 of 70 against 48 of 80, and 10 of 10 against 0 of 10.
    #[test]
    fn intervals_are_those_of_the_papers() {
        near(wilson(seen(81, 263)), [0.307_985, 0.255_3, 0.366_2]);
        near(newcombe(seen(56, 70), seen(48, 80)), [0.2, 0.0524, 0.3339]);
        near(newcombe(seen(10, 10), seen(0, 10)), [1.0, 0.6075, 1.0]);
        near(wilson(seen(0, 20)), [0.0, 0.0, 0.1611]);
    }

    /// One stratum: what is adjusted for nothing is the plain difference, with the plain variance of a
    /// product of two binomials, and the plain ratio with that of its logarithm.
    #[test]
    fn one_stratum_is_compared_as_it_is() {
        let pairs = [(seen(30, 1000), seen(80, 2000))];
        let (p, q) = (0.03_f64, 0.04_f64);
        let half = Z * (p * (1.0 - p) / 1000.0 + q * (1.0 - q) / 2000.0).sqrt();
        near(difference(&pairs), [-0.01, -0.01 - half, -0.01 + half]);
        let factor = (Z * (1.0 / 30.0 - 1.0 / 1000.0 + 1.0 / 80.0 - 1.0 / 2000.0_f64).sqrt()).exp();
        near(ratio(&pairs), [0.75, 0.75 / factor, 0.75 * factor]);
    }

    /// Phones are slower and convert less; within each device class slowness changes nothing.
    #[test]
    fn what_only_the_mix_makes_is_adjusted_away() {
        let phones = [seen(20, 1000), seen(60, 3000)];
        let desktops = [seen(300, 3000), seen(100, 1000)];
        let figures = compare(&[phones, desktops], 0);
        let slow = &figures[1];
        let crude = slow.difference.unwrap();
        assert!(crude.high < -0.02, "{crude:?}");
        let adjusted = slow.adjusted_difference.unwrap();
        assert!(adjusted.value.abs() < 1e-12, "{adjusted:?}");
        assert!(adjusted.low < 0.0 && adjusted.high > 0.0, "{adjusted:?}");
        let ratio = slow.adjusted_ratio.unwrap();
        assert!((ratio.value - 1.0).abs() < 1e-12, "{ratio:?}");
        assert_eq!(slow.compared, 4000);
        assert_eq!(figures[0].difference, None);
    }

    #[test]
    fn too_few_outcomes_and_strata_of_one_band_are_not_compared() {
        let figures = compare(&[[seen(4, 100), seen(5, 100)]], 0);
        assert!(figures[1].rate.is_some());
        assert_eq!(
            (figures[1].difference, figures[1].adjusted_difference),
            (None, None)
        );
        let apart = [[seen(50, 100), seen(0, 0)], [seen(0, 0), seen(50, 100)]];
        let figures = compare(&apart, 0);
        assert!(figures[1].difference.is_some());
        assert_eq!(
            (figures[1].compared, figures[1].adjusted_difference),
            (0, None)
        );
        assert_eq!(compare::<2>(&[], 0)[0].rate, None);
    }
}
