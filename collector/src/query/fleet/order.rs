//! In which order sites are told, and where a part of them begins.
//!
//! In: what is sorted by, and figures. Out: places that can be compared, and a cursor that names one. What
//! must never happen: two sites have one place, or a cursor of one order is read in another.

use std::cmp::Ordering;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foresight_shared::Metric;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::parameters::Fault;

/// What sites are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = FleetSort)]
pub(super) enum Sort {
    #[default]
    #[serde(rename = "views")]
    Views,
    #[serde(rename = "site")]
    Site,
    /// How far a metric's 75th percentile moved.
    #[serde(rename = "change")]
    Change,
    #[serde(rename = "LCP")]
    Lcp,
    #[serde(rename = "INP")]
    Inp,
    #[serde(rename = "CLS")]
    Cls,
    #[serde(rename = "FCP")]
    Fcp,
    #[serde(rename = "TTFB")]
    Ttfb,
    #[serde(rename = "FID")]
    Fid,
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = FleetOrder)]
pub(super) enum Order {
    #[default]
    #[serde(rename = "desc")]
    Descending,
    #[serde(rename = "asc")]
    Ascending,
}

/// An order: what is sorted by, of which metric if it is a change, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sorting {
    pub(super) sort: Sort,
    pub(super) metric: Option<Metric>,
    pub(super) order: Order,
}

/// Where a site is among the others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// What is sorted by; sites of which it is not known come last, either way.
    pub(super) value: Option<f64>,
    pub(super) site: String,
}

impl Sort {
    /// The metric whose 75th percentile is sorted by.
    pub(super) const fn metric(self) -> Option<Metric> {
        match self {
            Self::Views | Self::Site | Self::Change => None,
            Self::Lcp => Some(Metric::Lcp),
            Self::Inp => Some(Metric::Inp),
            Self::Cls => Some(Metric::Cls),
            Self::Fcp => Some(Metric::Fcp),
            Self::Ttfb => Some(Metric::Ttfb),
            Self::Fid => Some(Metric::Fid),
        }
    }
}

impl Sorting {
    /// How two places follow one another.
    pub(super) fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let turned = |ordering: Ordering| match self.order {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        };
        if self.sort == Sort::Site {
            return turned(a.site.cmp(&b.site));
        }
        let by_value = match (a.value, b.value) {
            (Some(a), Some(b)) => turned(a.total_cmp(&b)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_value.then_with(|| a.site.cmp(&b.site))
    }

    /// A place as a parameter.
    pub(super) fn cursor(&self, place: &Place) -> String {
        let value = place
            .value
            .map_or_else(|| "-".to_owned(), |value| format!("{:x}", value.to_bits()));
        BASE64_URL_SAFE_NO_PAD.encode(format!("{} {value} {}", self.word(), place.site))
    }

    /// The place of a parameter.
    pub(super) fn read(&self, cursor: &str) -> Result<Place, Fault> {
        self.place(cursor).ok_or_else(|| {
            Fault::of(
                "after",
                "what next was in an answer with the same sort, order and metric",
            )
        })
    }

    fn place(&self, cursor: &str) -> Option<Place> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let rest = text.strip_prefix(&self.word())?.strip_prefix(' ')?;
        let (value, site) = rest.split_once(' ')?;
        let value = match value {
            "-" => None,
            bits => Some(f64::from_bits(u64::from_str_radix(bits, 16).ok()?)),
        };
        Some(Place {
            value,
            site: site.to_owned(),
        })
    }

    /// What tells this order from others.
    fn word(&self) -> String {
        let metric = self.metric.map_or("-", Metric::name);
        format!("{:?} {metric} {:?}", self.sort, self.order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(value: Option<f64>, site: &str) -> Place {
        let site = site.to_owned();
        Place { value, site }
    }

    fn sorted(sort: Sort, order: Order) -> Vec<&'static str> {
        let sorting = Sorting {
            sort,
            metric: None,
            order,
        };
        let sites = [
            ("c", Some(2.0)),
            ("a", None),
            ("b", Some(2.0)),
            ("e", Some(10.0)),
            ("d", None),
        ];
        let mut sites = sites.to_vec();
        sites.sort_by(|a, b| sorting.compare(&place(a.1, a.0), &place(b.1, b.0)));
        sites.into_iter().map(|(site, _)| site).collect()
    }

    #[test]
    fn what_is_not_known_comes_last_and_names_decide_ties() {
        assert_eq!(
            sorted(Sort::Lcp, Order::Descending),
            ["e", "b", "c", "a", "d"]
        );
        assert_eq!(
            sorted(Sort::Lcp, Order::Ascending),
            ["b", "c", "e", "a", "d"]
        );
        assert_eq!(
            sorted(Sort::Site, Order::Ascending),
            ["a", "b", "c", "d", "e"]
        );
        assert_eq!(
            sorted(Sort::Site, Order::Descending),
            ["e", "d", "c", "b", "a"]
        );
    }

    #[test]
    fn a_cursor_leads_back_to_its_place_in_its_order_only() {
        let sorting = |sort, order| Sorting {
            sort,
            metric: None,
            order,
        };
        let one = sorting(Sort::Cls, Order::Descending);
        for place in [
            place(Some(0.1 + 0.2), "a.example"),
            place(None, "b.example"),
        ] {
            let cursor = one.cursor(&place);
            assert_eq!(one.read(&cursor), Ok(place));
            for other in [
                sorting(Sort::Cls, Order::Ascending),
                sorting(Sort::Views, Order::Descending),
            ] {
                assert!(other.read(&cursor).is_err());
            }
        }
        for cursor in ["", "!", "bm8"] {
            assert_eq!(one.read(cursor).unwrap_err().field, "after");
        }
    }
}
