//! What is usual: the value that a view with these words has had at such an hour in past weeks.
//!
//! In: some weeks of values. Out: an expected value for a view's words, in bins: the logarithm of the
//! value, in steps of 2%. It is a sum of effects: of the site on the device, the page, how the view began,
//! the country, the browser, the hour of the week, and the hour of the day in the country. So a change in
//! the mix of views (more phones, a busy site, a weekend) is no change of what is left beside it. What
//! must never happen: a view whose site, page, country or browser is new is said to be unusual.

use super::{
    history::{Hour, Seen},
    names::{Leaf, Names},
    offset::{Offset, shift_of},
};

/// Values that pull an effect to nothing: of sites, pages and words, and of hours.
const PULL: f32 = 8.0;
const PULL_HOURS: f32 = 60.0;

/// Values after which a word is known.
const KNOWN: f32 = 20.0;
const KNOWN_PAGE: f32 = 10.0;

/// Values farther away than so many spreads count as much as those there.
const FAR: f32 = 3.0;

/// Rounds of fitting: from nothing, and from what was fitted the day before.
const ROUNDS: usize = 5;
const MORE_ROUNDS: usize = 2;

/// Hours from the start of 1970, a Thursday, to a Monday.
const MONDAY: i64 = 4 * 24;

/// Effects of one metric, in bins.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual {
    middle: f32,
    /// How far values are from what is usual: about a standard deviation.
    spread: f32,
    tables: [Table; TABLES],
}

const TABLES: usize = 7;

/// An effect by number, and of how many values.
#[derive(Clone, Debug, Default)]
struct Table {
    effects: Vec<f32>,
    counts: Vec<f32>,
}

/// A value to be fitted.
struct Row {
    places: [u32; TABLES],
    value: f32,
    count: f32,
}

/// The place of a view in each table.
fn places(leaf: &Leaf, hour: i64) -> [u32; TABLES] {
    let of_week = (hour - MONDAY).rem_euclid(168) as u32;
    let of_day = hour.rem_euclid(24) as u32;
    [
        leaf.site * 4 + u32::from(leaf.device),
        leaf.page,
        leaf.navigation.into(),
        leaf.country.into(),
        leaf.browser.into(),
        of_week,
        u32::from(leaf.country) * 24 + of_day,
    ]
}

/// How strongly each table is pulled to nothing, and how many values its numbers must have.
const RULES: [(f32, f32); TABLES] = [
    (PULL, KNOWN),
    (PULL, KNOWN_PAGE),
    (PULL, KNOWN),
    (PULL, KNOWN),
    (PULL, KNOWN),
    (PULL_HOURS, 0.0),
    (PULL_HOURS, 0.0),
];

impl Usual {
    /// Fits the effects of one metric to some hours. What is known to have changed is taken out before.
    pub(super) fn fit<'a>(
        &mut self,
        names: &Names,
        metric: usize,
        hours: impl Iterator<Item = (i64, &'a Hour)>,
        offsets: &[Offset],
    ) {
        let mut rows = Vec::new();
        for (hour, values) in hours {
            for Seen { leaf, bin, count } in &values[metric] {
                let leaf = names.of(*leaf);
                let shift = shift_of(offsets, names, metric, leaf, hour);
                rows.push(Row {
                    places: places(leaf, hour),
                    value: f32::from(*bin) - shift,
                    count: *count as f32,
                });
            }
        }
        let rounds = if self.spread > 0.0 {
            MORE_ROUNDS
        } else {
            ROUNDS
        };
        self.count(&rows);
        if self.spread == 0.0 {
            self.begin(&rows);
        }
        for _ in 0..rounds {
            for table in 0..TABLES {
                self.improve(&rows, table);
            }
            self.measure_spread(&rows);
        }
    }

    fn begin(&mut self, rows: &[Row]) {
        let count: f32 = rows.iter().map(|row| row.count).sum();
        let sum: f64 = rows
            .iter()
            .map(|row| f64::from(row.value * row.count))
            .sum();
        self.middle = (sum / f64::from(count.max(1.0))) as f32;
        self.measure_spread(rows);
    }

    fn count(&mut self, rows: &[Row]) {
        for (at, table) in self.tables.iter_mut().enumerate() {
            table.counts.fill(0.0);
            for row in rows {
                let place = row.places[at] as usize;
                if table.counts.len() <= place {
                    table.counts.resize(place + 1, 0.0);
                    table.effects.resize(place + 1, 0.0);
                }
                table.counts[place] += row.count;
            }
        }
    }

    /// Moves the effects of a table by what is left beside all tables.
    fn improve(&mut self, rows: &[Row], at: usize) {
        let mut sums = vec![0.0_f32; self.tables[at].counts.len()];
        let far = FAR * self.spread.max(1.0);
        for row in rows {
            let left = row.value - self.at(&row.places);
            sums[row.places[at] as usize] += left.clamp(-far, far) * row.count;
        }
        let pull = RULES[at].0;
        let table = &mut self.tables[at];
        for ((effect, count), sum) in table.effects.iter_mut().zip(&table.counts).zip(sums) {
            *effect = (*effect * count + sum) / (count + pull);
        }
    }

    fn measure_spread(&mut self, rows: &[Row]) {
        let far = if self.spread > 0.0 {
            FAR * self.spread
        } else {
            f32::MAX
        };
        let (mut sum, mut count) = (0.0_f64, 0.0_f64);
        for row in rows {
            let left = (row.value - self.at(&row.places)).abs().min(far);
            sum += f64::from(left * row.count);
            count += f64::from(row.count);
        }
        // Of a normal distribution, the mean distance is 0.8 standard deviations.
        self.spread = ((sum / count.max(1.0)) * 1.2533).max(1.0) as f32;
    }

    fn at(&self, places: &[u32; TABLES]) -> f32 {
        let tables = self.tables.iter().zip(places);
        let effects = tables.map(|(table, place)| table.effects[*place as usize]);
        self.middle + effects.sum::<f32>()
    }

    /// The usual value of a view; `None` if one of its words is new.
    pub(super) fn of(&self, leaf: &Leaf, hour: i64) -> Option<f32> {
        let mut sum = self.middle;
        let tables = self.tables.iter().zip(places(leaf, hour)).zip(RULES);
        for ((table, place), (_, known)) in tables {
            let place = place as usize;
            if *table.counts.get(place).unwrap_or(&0.0) < known {
                return None;
            }
            sum += table.effects.get(place).unwrap_or(&0.0);
        }
        Some(sum)
    }

    /// About a standard deviation of values beside what is usual, in bins.
    pub(super) const fn spread(&self) -> f32 {
        self.spread
    }
}
