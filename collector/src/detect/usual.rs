//! What is usual: the value that a view with these words has had at such an hour in past weeks.
//!
//! In: some weeks of values. Out: an expected value for a view's words, in bins: the logarithm of the
//! value, in steps of 2%. It is a sum of effects: of the site on the device, the page, how the view began,
//! the country, the browser, the hour of the day, the day of the week, the hour of the week, and the hour
//! of the day in the country. So a change in the mix of views (more phones, a busy site, a weekend) is no
//! change of what is left beside it. What must never happen: a view whose site, page, country or browser
//! is new is said to be unusual.
//!
//! Effects are fitted one table after the other to what the others leave (backfitting: Breiman and
//! Friedman, 1985, <https://doi.org/10.1080/01621459.1985.10478157>), each pulled to nothing as if it had
//! some more values of 0 (ridge regression: <https://doi.org/10.1080/00401706.1970.10488634>). So what
//! few values say counts little, and an hour of the week tells only what its day and its hour do not.

use std::collections::BTreeMap;

use super::{
    Stop, Stopped,
    history::{Hour, METRICS},
    names::{Leaf, Names},
    offset::{Offset, Taken, settled_shift_of},
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

/// What is usual, by metric.
pub(super) type Usuals = [Usual; METRICS];

/// Effects of one metric, in bins.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual {
    middle: f32,
    /// How far values are from what is usual: about a standard deviation.
    spread: f32,
    tables: [Table; TABLES],
}

const TABLES: usize = 9;

/// The tables of hours and days.
const HOURS: std::ops::Range<usize> = 5..TABLES;

/// How strongly each table is pulled to nothing, and how many values its numbers must have.
const RULES: [(f32, f32); TABLES] = [
    (PULL, KNOWN),
    (PULL, KNOWN_PAGE),
    (PULL, KNOWN),
    (PULL, KNOWN),
    (PULL, KNOWN),
    (PULL_HOURS, 0.0),
    (PULL_HOURS, 0.0),
    (PULL_HOURS, 0.0),
    (PULL_HOURS, 0.0),
];

/// An effect by number, and of how many values.
#[derive(Clone, Debug, Default)]
struct Table {
    effects: Vec<f32>,
    counts: Vec<f32>,
}

/// Where a view is in the tables.
#[derive(Clone, Copy)]
struct Place {
    site: u32,
    page: u32,
    country: u16,
    browser: u16,
    device: u8,
    navigation: u8,
    hour_of_week: u8,
}

impl Place {
    fn new(leaf: &Leaf, hour: i64) -> Self {
        Self {
            site: leaf.site,
            page: leaf.page,
            country: leaf.country,
            browser: leaf.browser,
            device: leaf.device,
            navigation: leaf.navigation,
            hour_of_week: (hour - MONDAY).rem_euclid(168) as u8,
        }
    }

    fn of(&self, table: usize) -> usize {
        let hour_of_day = usize::from(self.hour_of_week % 24);
        match table {
            0 => self.site as usize * 4 + usize::from(self.device),
            1 => self.page as usize,
            2 => self.navigation.into(),
            3 => self.country.into(),
            4 => self.browser.into(),
            5 => hour_of_day,
            6 => usize::from(self.hour_of_week / 24),
            7 => self.hour_of_week.into(),
            _ => usize::from(self.country) * 24 + hour_of_day,
        }
    }
}

/// A value to be fitted.
struct Row {
    place: Place,
    /// What all tables leave of it.
    left: f32,
    count: f32,
}

impl Usual {
    /// Fits the effects of one metric to some hours. What is known to have changed is taken out before.
    pub(super) fn fit<'a>(
        &mut self,
        names: &Names,
        metric: usize,
        hours: impl Iterator<Item = (i64, &'a Hour)>,
        known: &[Offset],
        stop: Stop<'_>,
    ) -> Result<(), Stopped> {
        let mut rows = rows(names, metric, hours, known);
        let rounds = if self.spread > 0.0 {
            MORE_ROUNDS
        } else {
            ROUNDS
        };
        self.count(&rows);
        if self.spread == 0.0 {
            self.middle = mean(&rows);
        }
        for row in &mut rows {
            row.left -= self.at(&row.place);
        }
        self.measure_spread(&rows);
        for _ in 0..rounds {
            for table in 0..TABLES {
                stop.check()?;
                self.improve(&mut rows, table);
            }
            self.measure_spread(&rows);
        }
        Ok(())
    }

    fn count(&mut self, rows: &[Row]) {
        for (at, table) in self.tables.iter_mut().enumerate() {
            table.counts.fill(0.0);
            for row in rows {
                let place = row.place.of(at);
                if table.counts.len() <= place {
                    table.counts.resize(place + 1, 0.0);
                    table.effects.resize(place + 1, 0.0);
                }
                table.counts[place] += row.count;
            }
        }
    }

    /// Moves the effects of a table by what is left beside all tables.
    fn improve(&mut self, rows: &mut [Row], at: usize) {
        let table = &mut self.tables[at];
        let mut moves = vec![0.0_f32; table.counts.len()];
        let far = FAR * self.spread;
        for row in rows.iter() {
            moves[row.place.of(at)] += row.left.clamp(-far, far) * row.count;
        }
        let (pull, _) = RULES[at];
        let effects = table.effects.iter_mut().zip(&table.counts);
        for ((effect, count), moved) in effects.zip(&mut moves) {
            let before = *effect;
            *effect = (before * count + *moved) / (count + pull);
            *moved = *effect - before;
        }
        for row in rows {
            row.left -= moves[row.place.of(at)];
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
            sum += f64::from(row.left.abs().min(far) * row.count);
            count += f64::from(row.count);
        }
        // Of a normal distribution, the mean distance is 0.8 standard deviations.
        self.spread = ((sum / count.max(1.0)) * 1.2533).max(1.0) as f32;
    }

    fn at(&self, place: &Place) -> f32 {
        let tables = self.tables.iter().enumerate();
        let effects = tables.map(|(at, table)| table.effects[place.of(at)]);
        self.middle + effects.sum::<f32>()
    }

    /// The usual value of a view; `None` if one of its words is new.
    pub(super) fn of(&self, leaf: &Leaf, hour: i64) -> Option<f32> {
        let mut sum = self.middle;
        let place = Place::new(leaf, hour);
        for (at, (table, (_, known))) in self.tables.iter().zip(RULES).enumerate() {
            let place = place.of(at);
            if *table.counts.get(place).unwrap_or(&0.0) < known {
                return None;
            }
            sum += table.effects.get(place).unwrap_or(&0.0);
        }
        Some(sum)
    }

    /// The variance of the mean of what is usual at some hours, in squared spreads: few past values of
    /// such an hour do not tell well what it has. Views are told by leaf, hour and count.
    pub(super) fn doubt_of_hours(&self, views: &[(&Leaf, i64, f64)]) -> f64 {
        let all: f64 = views.iter().map(|(_, _, count)| count).sum();
        let of_table = |at: usize| -> f64 {
            let mut parts = BTreeMap::new();
            for (leaf, hour, count) in views {
                *parts.entry(Place::new(leaf, *hour).of(at)).or_insert(0.0) += count / all;
            }
            let (pull, _) = RULES[at];
            let variance = |(place, part): (usize, f64)| {
                let known = self.tables[at].counts.get(place).copied().unwrap_or(0.0);
                part * part * f64::from(known / (known + pull).powi(2))
            };
            parts.into_iter().map(variance).sum()
        };
        HOURS.map(of_table).sum()
    }

    /// About a standard deviation of values beside what is usual, in bins.
    pub(super) const fn spread(&self) -> f32 {
        self.spread
    }
}

/// The values of a metric, without what is known to have changed.
fn rows<'a>(
    names: &Names,
    metric: usize,
    hours: impl Iterator<Item = (i64, &'a Hour)>,
    known: &[Offset],
) -> Vec<Row> {
    let known = known.iter().map(|offset| Taken::new(names, *offset));
    let known: Vec<_> = known.collect();
    let mut rows = Vec::new();
    for (hour, values) in hours {
        let known: Vec<_> = known.iter().filter(|one| one.is_of(metric, hour)).collect();
        rows.extend(values.of(metric).iter().filter_map(|seen| {
            let shift = settled_shift_of(&known, names, metric, seen.leaf, hour)?;
            Some(Row {
                place: Place::new(names.of(seen.leaf), hour),
                left: f32::from(seen.bin) - shift,
                count: seen.count as f32,
            })
        }));
    }
    rows
}

fn mean(rows: &[Row]) -> f32 {
    let count: f64 = rows.iter().map(|row| f64::from(row.count)).sum();
    let sum = rows.iter().map(|row| f64::from(row.left * row.count));
    (sum.sum::<f64>() / count.max(1.0)) as f32
}
