//! Leads for each visit, and how good they are.
//!
//! In: visits, the leads that pages observed, and those that servers confirmed. Out: rates and scores.
//! What must never happen: observed and confirmed leads are added up, or a rate of no visits is 0.

use serde::Serialize;
use utoipa::ToSchema;

use crate::store::Lead;

/// Scores in one class: 0 to 9, 10 to 19, and so on; 100 is in the last.
const CLASS: u32 = 10;

/// Leads of some visits.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LeadFigures {
    /// Visits.
    pub visits: u64,
    /// How often a page saw the generator opened.
    pub opened: u64,
    /// Leads that pages saw.
    pub observed: u64,
    /// Leads that servers confirmed.
    pub confirmed: u64,
    /// Observed leads for a hundred visits.
    pub observed_percent: Option<f64>,
    /// Confirmed leads for a hundred visits.
    pub confirmed_percent: Option<f64>,
    /// How good the confirmed ones are.
    pub quality: Quality,
}

/// How good confirmed leads are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = LeadQuality)]
pub struct Quality {
    /// The mean of their scores, from 0 to 100.
    pub average: Option<f64>,
    /// How many have a score from 0 to 9, from 10 to 19, and so on; the last ones from 90 to 100.
    pub classes: [u64; 10],
}

/// The figures of some visits and leads.
#[must_use]
pub fn leads<'a>(
    visits: u64,
    opened: u64,
    observed: u64,
    confirmed: impl IntoIterator<Item = &'a Lead>,
) -> LeadFigures {
    let mut quality = Quality::default();
    let (mut count, mut sum) = (0_u64, 0_u64);
    for lead in confirmed {
        count += 1;
        sum += u64::from(lead.score);
        let class = (lead.score / CLASS) as usize;
        quality.classes[class.min(9)] += 1;
    }
    quality.average = (count > 0).then(|| sum as f64 / count as f64);
    let percent = |leads: u64| (visits > 0).then(|| 100.0 * leads as f64 / visits as f64);
    LeadFigures {
        visits,
        opened,
        observed,
        confirmed: count,
        observed_percent: percent(observed),
        confirmed_percent: percent(count),
        quality,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confirmed_and_observed_leads_are_kept_apart() {
        let lead = |score| Lead {
            site: "a.example".into(),
            at_ms: 0,
            score,
            source: "form".into(),
        };
        let all = [lead(0), lead(9), lead(72), lead(100)];
        let figures = leads(200, 7, 5, &all);
        assert_eq!((figures.observed, figures.confirmed), (5, 4));
        assert_eq!(figures.observed_percent, Some(2.5));
        assert_eq!(figures.confirmed_percent, Some(2.0));
        assert_eq!(figures.quality.average, Some(45.25));
        assert_eq!(figures.quality.classes, [2, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
    }

    #[test]
    fn no_visits_have_no_rate() {
        let figures = leads(0, 0, 1, []);
        assert_eq!(figures.observed_percent, None);
        assert_eq!(figures.confirmed_percent, None);
        assert_eq!(figures.quality.average, None);
    }
}
