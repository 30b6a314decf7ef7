//! What a sum of a block is of: its lane says what is summed, its key which words describe it.
//!
//! The numbers are kept in databases: never change one.

use foresight_shared::Metric;

use super::Projection;
use crate::{
    event::Kind,
    rollup::{Distribution, HistogramError, take_signed},
};

/// The most words that describe a sum.
const WORDS: usize = 6;

/// The first lane of things that are counted, by kind.
const ACTIVITY: u8 = 16;

/// The first lane of values by the element that caused them, by metric.
const CAUSES: u8 = 64;

/// Counts that are added up over all sites too. Names of other kinds are a site's own, and without
/// bound.
const FLEET_KINDS: [Kind; 8] = [
    Kind::View,
    Kind::Bot,
    Kind::Visit,
    Kind::LeadBand,
    Kind::ShareBand,
    Kind::OpenedBand,
    Kind::Part,
    Kind::Able,
];

/// Those of them that are told of every site at once.
const SITE_KINDS: [Kind; 3] = [Kind::View, Kind::Bot, Kind::Visit];

/// What is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::store) struct Lane(u8);

impl Lane {
    /// Every lane that is known.
    pub(in crate::store) fn all() -> impl Iterator<Item = Self> {
        let vitals = Metric::ALL.into_iter().map(Self::vital);
        let kinds = Kind::ALL.into_iter().map(Self::activity);
        let causes = Metric::ALL.into_iter().map(Self::cause);
        vitals.chain(kinds).chain(causes)
    }

    /// Values of a metric.
    pub(in crate::store) const fn vital(metric: Metric) -> Self {
        Self(metric as u8)
    }

    /// Things of a kind, counted.
    pub(in crate::store) const fn activity(kind: Kind) -> Self {
        Self(ACTIVITY + kind as u8)
    }

    /// Values of a metric by the element that caused them.
    pub(in crate::store) const fn cause(metric: Metric) -> Self {
        Self(CAUSES + metric as u8)
    }

    /// The lane of a number; what a later version may have written is kept as it is.
    pub(super) const fn of(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    pub(in crate::store) const fn number(self) -> u8 {
        self.0
    }

    /// The metric of values, or of causes' values.
    pub(in crate::store) fn metric(self) -> Option<Metric> {
        Metric::from_number(self.0 % CAUSES)
    }

    /// The kind of counts.
    pub(in crate::store) fn kind(self) -> Option<Kind> {
        self.0.checked_sub(ACTIVITY).and_then(Kind::from_number)
    }

    /// Whether its sums are distributions; otherwise they are counts.
    pub(super) const fn has_values(self) -> bool {
        self.0 < ACTIVITY || self.0 >= CAUSES
    }

    /// Whether it is added up over all sites too.
    pub(in crate::store) fn is_of_the_fleet(self) -> bool {
        self.0 < ACTIVITY || self.kind().is_some_and(|kind| FLEET_KINDS.contains(&kind))
    }

    /// Whether the fleet has it of each site.
    pub(in crate::store) fn is_of_each_site(self) -> bool {
        self.0 < ACTIVITY || self.kind().is_some_and(|kind| SITE_KINDS.contains(&kind))
    }

    /// Adds a sum's bytes so many times.
    pub(in crate::store) fn add(
        self,
        sum: &mut Distribution,
        mut value: &[u8],
        times: i64,
    ) -> Result<(), HistogramError> {
        if self.has_values() {
            return sum.add_bytes(value, times);
        }
        let count = take_signed(&mut value)?.saturating_mul(times);
        sum.count = sum.count.saturating_add(count);
        Ok(())
    }
}

/// Which words describe a sum. Where there is a device, it is the second word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(in crate::store) enum Shape {
    /// Page, device, country, browser, navigation: all that describes a page view.
    View = 0,
    /// Page and device.
    Page = 1,
    /// Country and device.
    Country = 2,
    /// Browser and device.
    Browser = 3,
    /// Navigation and device.
    Navigation = 4,
    /// Page, device, element.
    Cause = 5,
    /// Site and device: what the fleet has of each site.
    Site = 6,
}

impl Shape {
    /// The shapes in which a day has its page views, and the place of the word in a view's words.
    const FACETS: [(Self, usize); 4] = [
        (Self::Page, 0),
        (Self::Country, 2),
        (Self::Browser, 3),
        (Self::Navigation, 4),
    ];

    fn of(number: u8) -> Option<Self> {
        [
            Self::View,
            Self::Page,
            Self::Country,
            Self::Browser,
            Self::Navigation,
            Self::Cause,
            Self::Site,
        ]
        .into_iter()
        .find(|shape| *shape as u8 == number)
    }

    const fn words(self) -> usize {
        match self {
            Self::View => 5,
            Self::Cause => 3,
            Self::Page | Self::Country | Self::Browser | Self::Navigation | Self::Site => 2,
        }
    }
}

/// The words that describe a sum, as numbers of its block, and its name's if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::store) struct Key {
    shape: Shape,
    named: bool,
    numbers: [u32; WORDS],
}

/// The bit of a key's first byte that says that it has a name.
const NAMED: u8 = 0x80;

impl Key {
    pub(super) fn new(shape: Shape, named: bool, words: impl Iterator<Item = u32>) -> Self {
        let mut numbers = [0; WORDS];
        for (place, word) in numbers.iter_mut().zip(words) {
            *place = word;
        }
        Self {
            shape,
            named,
            numbers,
        }
    }

    /// Its first byte.
    pub(super) fn kind(&self) -> u8 {
        self.shape as u8 | if self.named { NAMED } else { 0 }
    }

    /// Shape, whether it has a name, and how many words follow.
    pub(super) fn of_kind(kind: u8) -> Option<(Shape, bool, usize)> {
        let (shape, named) = (Shape::of(kind & !NAMED)?, kind & NAMED != 0);
        Some((shape, named, shape.words() + usize::from(named)))
    }

    pub(in crate::store) const fn shape(&self) -> Shape {
        self.shape
    }

    pub(super) const fn is_named(&self) -> bool {
        self.named
    }

    /// The numbers of its words; the name is the last one.
    pub(in crate::store) fn words(&self) -> &[u32] {
        &self.numbers[..self.shape.words() + usize::from(self.named)]
    }

    /// The number of its name.
    pub(in crate::store) fn name(&self) -> Option<u32> {
        self.named.then(|| self.numbers[self.shape.words()])
    }

    /// What it becomes in a projection that keeps its words.
    pub(super) fn projected(&self, projection: Projection<'_>) -> impl Iterator<Item = Self> {
        let fleet = projection == Projection::Fleet;
        let split = self.shape == Shape::View && projection != Projection::Same;
        let is_out = fleet && matches!(self.shape, Shape::Page | Shape::Cause | Shape::Site);
        let whole = (!split && !is_out).then_some(*self);
        let facets = Shape::FACETS.into_iter();
        let facets = facets.filter(move |(shape, _)| split && !(fleet && *shape == Shape::Page));
        let this = *self;
        let facets = facets.map(move |(shape, place)| {
            let words = [this.numbers[place], this.numbers[1]];
            Self::new(shape, this.named, words.into_iter().chain(this.name()))
        });
        whole.into_iter().chain(facets)
    }
}
